"""The one list of metrics: what each is called, measures and looks like, and where it is shown.

Page, exports, comparison, explanation and documentation read this list, and the browser is sent it. To add a metric,
write a function of an `Observed` frame and add an entry; runs that were recorded before get the number when they are
next looked at.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from enigma.analysis.metrics import confidence, geometry, measures
from enigma.analysis.metrics.observed import Observed
from enigma.functionals.accuracy import accuracy_of

WATCH, FIGURE, COMPARE, TABLE, EXPLANATION = "watch", "figure", "compare", "table", "explanation"
"""The places that show metrics: the curves of the Watch page, those of exported figures, the panels of a comparison,
the tables of numbers, and the panel 'What happened'."""
EVERYWHERE = (WATCH, FIGURE, COMPARE, TABLE, EXPLANATION)


@dataclass(frozen=True)
class Metric:
    """One metric of a frame.

    Attributes:
        title: as it is written everywhere.
        unit: '' where it has none; '%' for a number in [0, 1] that is shown as a percentage, a change in points.
        help: what it is and what to look for, in a sentence or two.
        measure: the number of a frame; NaN where it is undefined, for want of labels or of reference images say.
        hint: a few words beside the curve.
        digits: decimals of a value on screen; None for about three digits in all.
        from_zero: whether the axis begins at zero.
        least_span: what an axis spans at least, so that a change that means nothing does not fill it.
        shown_on: the places that show it.
        needs: without what it is undefined; most metrics always have a value.
        range: what values it can have, in words.
        of_predictions: whether it is about what the model predicts, and so undefined where that was not recorded.
        version: raised whenever `measure` gives other numbers than before, so that stored ones are made again.
    """

    title: str
    unit: str
    help: str
    measure: Callable[[Observed], float]
    hint: str = ""
    digits: int | None = None
    from_zero: bool = True
    least_span: float = 0.0
    shown_on: tuple[str, ...] = EVERYWHERE
    needs: str = "more than this run has"
    range: str = "0 and above"
    version: int = 1
    of_predictions: bool = False

    @property
    def label(self) -> str:
        """Title and unit, for the head of a curve or a column."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    @property
    def is_tracked(self) -> bool:
        """Whether it is measured as soon as a frame is recorded; what the explanation alone shows waits until then."""
        return self.shown_on != (EXPLANATION,)

    @property
    def factor(self) -> int:
        """What a value is multiplied by to be in its unit."""
        return 100 if self.unit == "%" else 1

    def of(self, seen: Observed) -> float:
        """The number of a frame; NaN where it is undefined."""
        return math.nan if self.of_predictions and not seen.has_predictions else self.measure(seen)

    def written(self, value: float, *, change: bool = False) -> str:
        """A value as it is written, with its unit where that is short; a change has a sign.

        >>> METRICS["accuracy"].written(0.6293), METRICS["accuracy"].written(-0.185, change=True)
        ('62.9 %', '-18.5 points')
        >>> METRICS["label_flips"].written(1204.0), METRICS["shift_distance"].written(2.214)
        ('1,204', '2.21')
        """
        if not math.isfinite(value):
            return "–"
        sign = "+" if change and value > 0 else ""
        if self.unit == "%":
            return f"{sign}{100 * value:.1f} {'points' if change else '%'}"
        return sign + (number(value) if self.digits is None else f"{value:,.{self.digits}f}")


METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        "Accuracy", "%", "Share of probe images classified right. In the paper it rises in phase 1, falls in phase 2.",
        lambda seen: accuracy_of(seen.predictions, seen.labels),
        hint="highest where phase 1 ends", digits=1, from_zero=False, least_span=0.05, needs="labels", range="0 to 1",
        of_predictions=True,
    ),
    "entropy": Metric(
        "Entropy", "nats", "Mean entropy of the predictions: what is minimised. In the paper it falls throughout.",
        lambda seen: float(seen.frame["entropies"].mean(dtype="float64")),
        hint="what is minimised", least_span=0.1, range="0 to ln(classes)",
        of_predictions=True,
    ),
    "prediction_entropy": Metric(
        "Entropy of the mean prediction", "nats", "Needs no labels. Falls when predictions collapse onto few classes.",
        lambda seen: measures.entropy_of(seen.frame["mean_prediction"]),
        hint="low when few classes are predicted; needs no labels", from_zero=False, least_span=0.1,
        shown_on=(WATCH, COMPARE, TABLE, EXPLANATION), range="0 to ln(classes)",
        of_predictions=True,
    ),
    "silhouette": Metric(
        "Silhouette score", "",
        "How tight the k-means clusters of the test embeddings are. In the paper it rises in both phases.",
        lambda seen: measures.silhouette(seen.embeddings, seen.clusters.labels),
        hint="how tight the test clusters are", from_zero=False, least_span=0.05, needs="several clusters",
        range="-1 to 1", version=2,
    ),
    "shift_distance": Metric(
        "Shift distance", "",
        "Mean distance between test clusters and the training class means of the source model. "
        "Falls while test embeddings move onto the training embeddings, grows when they leave.",
        lambda seen: measures.shift_distance(seen.clusters.centroids, seen.setting.means),
        hint="how far test clusters are from the training classes", least_span=0.1,
        needs="labelled reference images", version=2,
    ),
    "shift_distance_adapting": Metric(
        "Shift distance, means re-embedded", "",
        "The same against training class means embedded by the adapting model: the training images move along.",
        lambda seen: measures.shift_distance(seen.clusters.centroids, seen.frame["class_means"]),
        shown_on=(TABLE,), version=2,
    ),
    "label_flips": Metric(
        "Label flips", "images", "Probe images whose prediction differs from frame 0.",
        lambda seen: float(seen.flipped.sum()),
        hint="predictions that differ from frame 0", digits=0, least_span=10.0,
        shown_on=(WATCH, COMPARE, TABLE, EXPLANATION), range="0 to images of the probe",
        of_predictions=True,
    ),
    "weighted_flips": Metric(
        "Weighted flips", "", "Label flips, each weighted by the confidence rank of the image at frame 0.",
        lambda seen: measures.weighted_flips(seen.flipped, seen.first_confidences),
        shown_on=(TABLE,), range="0 to images of the probe",
        of_predictions=True,
    ),
    "calibration_error": Metric(
        "Expected calibration error", "%", "How far confidence is from accuracy.",
        lambda seen: measures.calibration_error(seen.confidences[seen.is_labelled], seen.is_right[seen.is_labelled]),
        shown_on=(TABLE, EXPLANATION), range="0 to 1",
        of_predictions=True,
    ),
    "brier": Metric(
        "Brier score", "", "Mean squared distance of the probabilities from the truth; 0 is best.",
        confidence.brier, shown_on=(EXPLANATION,), range="0 to 2",
        of_predictions=True,
    ),
    "confidence_gap": Metric(
        "Confidence minus accuracy", "%", "Positive for a model that is more sure of itself than it is right.",
        confidence.confidence_gap, from_zero=False, shown_on=(EXPLANATION,), range="-1 to 1",
        of_predictions=True,
    ),
    "reference_distance": Metric(
        "Distance to training", "",
        f"Mean distance of a test image to the {geometry.NEIGHBORS} training images nearest to it.",
        lambda seen: geometry.reference_distance(seen.embeddings, seen.setting.references),
        shown_on=(EXPLANATION,),
    ),
    "effective_rank": Metric(
        "Effective rank", "directions", "How many directions the embeddings spread over (Roy & Vetterli 2007).",
        lambda seen: geometry.effective_rank(seen.embeddings),
        shown_on=(EXPLANATION,), range="1 to features",
    ),
    "within_label": Metric(
        "Variance within true classes", "", "Mean squared distance to the mean of the true class.",
        lambda seen: seen.spread_of_labels.within,
        shown_on=(EXPLANATION,),
    ),
    "between_label": Metric(
        "Variance between true classes", "", "Mean squared distance of those means to their mean.",
        lambda seen: seen.spread_of_labels.between,
        shown_on=(EXPLANATION,),
    ),
    "collapse_label": Metric(
        "NC1, true classes", "",
        "Variance within over between classes: 0 when classes have collapsed onto their means.",
        lambda seen: seen.spread_of_labels.collapse,
        shown_on=(EXPLANATION,),
    ),
    "within_prediction": Metric(
        "Variance within predicted classes", "", "The same for the classes as predicted.",
        lambda seen: seen.spread_of_predictions.within,
        shown_on=(EXPLANATION,),
        of_predictions=True,
    ),
    "between_prediction": Metric(
        "Variance between predicted classes", "", "The same for the classes as predicted.",
        lambda seen: seen.spread_of_predictions.between,
        shown_on=(EXPLANATION,),
        of_predictions=True,
    ),
    "collapse_prediction": Metric(
        "NC1, predicted classes", "", "Falls when images gather around what they are predicted as, right or wrong.",
        lambda seen: seen.spread_of_predictions.collapse,
        shown_on=(EXPLANATION,),
        of_predictions=True,
    ),
}  # fmt: skip
"""By name, in the order in which they are shown."""


def shown(place: str) -> tuple[str, ...]:
    """The names of the metrics that a place shows, in order.

    >>> shown(FIGURE)
    ('accuracy', 'entropy', 'silhouette', 'shift_distance')
    """
    return tuple(name for name, metric in METRICS.items() if place in metric.shown_on)


def tracked() -> tuple[str, ...]:
    """The names of the metrics that are measured as soon as a frame is recorded, in order."""
    return tuple(name for name, metric in METRICS.items() if metric.is_tracked)


def written(name: str, value: float, *, change: bool = False) -> str:
    """A value of the metric `name` as it is written; `Metric.written`."""
    return METRICS[name].written(value, change=change)


def number(value: float) -> str:
    """A value with about three digits.

    >>> number(65.43), number(0.2591), number(float("nan"))
    ('65.4', '0.259', '–')
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    return f"{value:.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}"
