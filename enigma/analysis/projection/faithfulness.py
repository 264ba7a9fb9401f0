"""What a projection shows of what is true: each phase, single images, and how classes mix; and its neighbourhoods.

One number over all frames hides which part of a run is drawn wrongly, so each phase is judged on its own, by the
centroid distance (`enigma.analysis.phases.evidence`) in embedding space and the same distance on the picture, in shares
of where it began, because a picture has units of its own.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import rankdata
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from enigma.analysis.phases.course import Course
from enigma.analysis.phases.evidence import RESAMPLES, Change, Evidence
from enigma.analysis.projection.mixing import NEIGHBORS

SHOWN, PARTLY, NOT, NOTHING = "shown", "partly shown", "not shown", "nothing to show"
GOOD, ROUGH, POOR = "good", "rough", "poor"
SIZE = 1 / 3
"""A change is shown where it differs from the true one by no more than this part of it."""
LEAST_GOOD, LEAST_ROUGH = 0.9, 0.6
"""Rank correlations from which on single images are drawn well, or roughly."""
HIDDEN, EXAGGERATED = "hidden", "exaggerated"
MOST_MIXED, MOST_PARTLY = 0.1, 0.25
"""By how much the share of neighbours of the own class may differ where mixing is shown, or partly."""
_SAMPLE = 1500

Distances = Float[np.ndarray, "frames probes"]


@dataclass(frozen=True)
class PhaseShown:
    """How a phase looks on the picture.

    Attributes:
        number: 1 or 2; 0 for the whole of a run without labels.
        first, last: its frames.
        verdict: `SHOWN`: on the picture the distance changes beyond chance in the same direction, and by as much within
            a third; `PARTLY`: in the same direction; `NOT`: in the other; `NOTHING`: in truth it does not change beyond
            chance, or there is no such phase.
        true, drawn: by which share the distance changes in embedding space and on the picture, with 95 % intervals.
    """

    number: int
    first: int
    last: int
    verdict: str
    true: Change
    drawn: Change

    @property
    def name(self) -> str:
        return f"phase {self.number}" if self.number else "movement"


@dataclass(frozen=True)
class Faithfulness:
    """How far a projection can be trusted.

    Attributes:
        phases: those that have a length.
        images: `GOOD`, `ROUGH`, `POOR`, or empty where no image has a class mean.
        correlation: median over the frames of the rank correlation, over the images of a frame, between the distance of
            an image to its class mean on the picture and in embedding space.
        low, high: the 95 % interval of that.
        trustworthiness: share of neighbours on the picture that are neighbours in embedding space, in [0, 1] (Venna &
            Kaski 2001).
        mixing: how classes mix among the test images: `SHOWN`; `PARTLY` or `HIDDEN` where the picture draws them apart;
            `EXAGGERATED` where it lays them over each other; empty where too few images have a label.
        own_true, own_drawn: at the last frame, which share of the 15 test images nearest to one has its class, in
            embedding space and on the picture.
    """

    phases: tuple[PhaseShown, ...]
    images: str
    correlation: float
    low: float
    high: float
    trustworthiness: float
    mixing: str = ""
    own_true: float = math.nan
    own_drawn: float = math.nan

    @property
    def words(self) -> str:
        """In a few words: 'phase 1 shown, phase 2 partly shown, single images good, mixing hidden'."""
        parts = [f"{phase.name} {phase.verdict}" for phase in self.phases]
        parts += [f"single images {self.images}"] if self.images else []
        return ", ".join([*parts, *([f"mixing {self.mixing}"] if self.mixing else [])]) or "not known"

    @property
    def is_doubtful(self) -> bool:
        """Whether a phase is not shown as it is, or single images are drawn poorly."""
        return self.images == POOR or any(phase.verdict in (PARTLY, NOT) for phase in self.phases)

    def told(self, course: Course) -> list[str]:
        """The same with the numbers, a sentence each."""
        sentences = [_phase_told(phase, course) for phase in self.phases]
        if self.images:
            sentences.append(
                f"Single images are drawn {'well' if self.images == GOOD else self.images + 'ly'}: rank correlation of "
                f"the distance to the class mean, on the picture and in embedding space, {self.correlation:.2f} "
                f"(95 % interval {self.low:.2f} to {self.high:.2f})."
            )
        if self.mixing:
            hidden = ": the picture draws them apart; choose UMAP, or colour by prediction, to see them mix"
            sentences.append(
                f"Mixing of classes is {self.mixing}: of the test images nearest to one at the last frame "
                f"{100 * self.own_true:.0f} % have its class in embedding space and {100 * self.own_drawn:.0f} % on "
                f"the picture{hidden if self.mixing == HIDDEN else ''}."
            )
        if math.isfinite(self.trustworthiness):
            of = "over all frames and training images"
            sentences.append(f"Trustworthiness of {NEIGHBORS} neighbours, {of}: {self.trustworthiness:.2f} of 1.")
        return sentences


def faithfulness(
    course: Course,
    drawn: Evidence,
    true_distances: Distances,
    drawn_distances: Distances,
    trustworthiness: float,
    own_class: tuple[float, float] = (math.nan, math.nan),
) -> Faithfulness:
    """Judges a picture.

    Args:
        course: what the run did in embedding space.
        drawn: the same measures as `course.evidence`, of the positions on the picture.
        true_distances: of each image to its class mean, in embedding space; NaN where it has none.
        drawn_distances: the same on the picture.
        trustworthiness: see `neighbourhoods`.
        own_class: `enigma.analysis.projection.mixing.own_class_share` of the last frame, in embedding space and on the
            picture.
    """
    spans = {1: (0, course.best), 2: (course.best, course.last)} if course.best >= 0 else {0: (0, course.last)}
    has_distance = bool(course.evidence.measure) and bool(drawn.measure)
    phases = tuple(
        _phase_shown(number, first, last, course, drawn)
        for number, (first, last) in spans.items()
        if last > first and has_distance
    )
    correlation, low, high = _rank_correlation(true_distances, drawn_distances)
    images = GOOD if correlation >= LEAST_GOOD else ROUGH if correlation >= LEAST_ROUGH else POOR
    known = math.isfinite(correlation)
    return Faithfulness(
        phases, images if known else "", correlation, low, high, trustworthiness, _mixing(*own_class), *own_class
    )


def _mixing(true: float, drawn: float) -> str:
    if math.isnan(true) or math.isnan(drawn):
        return ""
    if abs(drawn - true) <= MOST_MIXED:
        return SHOWN
    return EXAGGERATED if drawn < true else PARTLY if drawn - true <= MOST_PARTLY else HIDDEN


def neighbourhoods(
    frames: Float[np.ndarray, "frames probes features"],
    references: Float[np.ndarray, "references features"],
    frames_2d: Float[np.ndarray, "frames probes 2"],
    references_2d: Float[np.ndarray, "references 2"],
) -> float:
    """Trustworthiness of 15 neighbours among 1,500 images of all frames and the training images."""
    points = np.concatenate([references, frames.reshape(-1, frames.shape[-1])])
    points_2d = np.concatenate([references_2d, frames_2d.reshape(-1, 2)])
    sample = np.random.default_rng(0).permutation(len(points))[:_SAMPLE]
    neighbors = min(NEIGHBORS, len(sample) // 2 - 1)
    return float(sklearn_trustworthiness(points[sample], points_2d[sample], n_neighbors=neighbors))


def _phase_shown(number: int, first: int, last: int, course: Course, drawn: Evidence) -> PhaseShown:
    true = course.evidence
    truth, shares = true.distance(first, last), (true.share(first, last), drawn.share(first, last))
    aimed, reached = (share.value for share in shares)
    if not truth.direction or (number and number not in course.spans):
        verdict = NOTHING
    elif not aimed * reached > 0:
        verdict = NOT
    elif drawn.distance(first, last).direction == truth.direction and abs(reached - aimed) <= SIZE * abs(aimed):
        verdict = SHOWN
    else:
        verdict = PARTLY
    return PhaseShown(number, first, last, verdict, *shares)


def _phase_told(phase: PhaseShown, course: Course) -> str:
    steps = f"step {course.steps[phase.first]:,} to {course.steps[phase.last]:,}"
    return (
        f"{phase.name.capitalize()} ({steps}) {phase.verdict}: the {course.evidence.measure} changes by "
        f"{_percent(phase.true)} in embedding space and by {_percent(phase.drawn)} on the picture."
    )


def _percent(change: Change) -> str:
    if math.isnan(change.value):
        return "an unknown share"
    low, high = (f"{100 * value:+.0f}" for value in (change.low, change.high))
    return f"{100 * change.value:+.0f} % (95 % interval {low} to {high})".replace("-", "−")


def _rank_correlation(true: Distances, drawn: Distances) -> tuple[float, float, float]:
    """The median over frames of Spearman's rank correlation, and its 95 % interval by resampling the images."""
    known: Bool[np.ndarray, " probes"] = np.isfinite(true).all(0) & np.isfinite(drawn).all(0)
    count = int(known.sum())
    if count < 3:
        return math.nan, math.nan, math.nan
    weights = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLES) / count
    whole = np.full((1, count), 1 / count)
    one, other = (rankdata(values[:, known], axis=1) for values in (true, drawn))
    found = [_weighted_correlation(np.concatenate([whole, weights]), a, b) for a, b in zip(one, other, strict=True)]
    median = np.median(np.stack(found), axis=0)
    if not np.isfinite(median[0]):
        return math.nan, math.nan, math.nan
    low, high = np.nanquantile(median[1:], [0.025, 0.975])
    return float(median[0]), float(low), float(high)


def _weighted_correlation(
    weights: Float[np.ndarray, "resamples images"], a: Float[np.ndarray, " images"], b: Float[np.ndarray, " images"]
) -> Float[np.ndarray, " resamples"]:
    """Pearson's correlation of two rankings, for each weighting of the images; NaN where one of them does not vary."""
    a, b = a - a.mean(), b - b.mean()
    means = weights @ np.stack([a, b, a * a, b * b, a * b], axis=1)
    one, other, aa, bb, ab = means.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ab - one * other) / np.sqrt((aa - one**2) * (bb - other**2))
