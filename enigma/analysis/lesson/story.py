"""The story of the lesson: the words of `story.toml`, filled with the numbers of a run."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from enigma.analysis.phases.course import Course
from enigma.analysis.trajectory import Trajectory
from enigma.spec.assets import asset
from enigma.spec.run_spec import RunSpec

# The paper's quadratic, section 4.1: accuracy in percent from weighted flips among 1,000 images.
PAPER_F = np.polynomial.Polynomial([75.66, -0.32, 0.00036])
# ETA learns from predictions below this share of the largest entropy (Niu et al. 2022).
ETA_MARGIN = 0.4


@dataclass(frozen=True)
class Part:
    """One step of the story.

    Attributes:
        word: one or two words for the list of steps.
        heading: the sentence to take home.
        text: two to four sentences, Markdown.
        formulae: TeX, a line each.
        symbols: what each symbol of the formulae means.
        note: how this run and the paper compare.
        notes: for whoever gives the lecture.
        step: the step that the link into the Watch page shows.
        color: what it is coloured by there.
        caption: what the picture shows.
        plays: the steps from and to which a live picture moves; None where the picture is still.
    """

    word: str
    heading: str
    text: str
    formulae: tuple[str, ...]
    symbols: str
    note: str
    notes: str
    step: int
    color: str
    caption: str
    plays: tuple[int, int] | None = None


@dataclass(frozen=True)
class Experiment:
    """Something to try: fields of a spec that differ from the default run's, and settings of its method."""

    label: str
    question: str
    fields: dict[str, str | int]

    @property
    def command(self) -> str:
        """The same from a shell.

        >>> Experiment("", "", {"method": "rdumb", "reset_every": 15}).command
        'enigma run --method rdumb --set reset_every=15'
        """
        options = (
            f"--{name} {value}" if name in RunSpec.model_fields else f"--set {name}={value}"
            for name, value in self.fields.items()
        )
        return " ".join(["enigma run", *options])


def parts(trajectory: Trajectory, spec: RunSpec, clean_accuracy: float) -> list[Part]:
    """The eight parts, in order, with the numbers of a run."""
    named = steps(trajectory)
    words = {name: f"{step:,}" for name, step in named.items()} | numbers(trajectory, spec, clean_accuracy)
    return [_filled(part, words, named) for part in _story()["parts"]]


def experiments() -> list[Experiment]:
    """What to try now."""
    return [Experiment(**entry) for entry in _story()["experiments"]]


def sources() -> list[dict[str, str]]:
    """Title and link of everything the story rests on."""
    found: list[dict[str, str]] = _story()["sources"]
    return found


def steps(trajectory: Trajectory) -> dict[str, int]:
    """The steps that the story names.

    `turned` is the first at which the entropy of the mean prediction has lost half of what it loses in all, `nearest`
    that of the least centroid distance.
    """
    mean_entropy, taken = trajectory.metrics["prediction_entropy"], trajectory.steps
    turned = int((mean_entropy <= (mean_entropy[0] + mean_entropy[-1]) / 2).argmax())
    nearest = int(np.nanargmin(trajectory.evidence.distances))
    return {
        "first": int(taken[0]),
        "best": trajectory.phase_boundary,
        "turned": int(taken[turned]),
        "nearest": int(taken[nearest]),
        "last": int(taken[-1]),
    }


def numbers(trajectory: Trajectory, spec: RunSpec, clean_accuracy: float) -> dict[str, str]:
    """Every number of the story but its steps, by the name that `story.toml` uses, as it is written."""
    metrics, best = trajectory.metrics, trajectory.frame_at(trajectory.phase_boundary)
    turned = trajectory.frame_at(steps(trajectory)["turned"])
    classes, accuracy = len(trajectory.classes), 100 * metrics["accuracy"]
    found = {
        "clean": f"{100 * clean_accuracy:.2f}",
        "source": f"{100 * trajectory.source_accuracy:.1f}",
        "probes": f"{len(trajectory.labels):,}",
        "classes": str(classes),
        "chance": f"{100 / classes:.0f}",
        "largest": f"{np.log(classes):.2f}",
        "margin": f"{ETA_MARGIN * np.log(classes):.2f}",
        "optimizer": {"adam": "Adam", "sgd": "SGD"}[spec.optimizer or "adam"],
        "lr": f"{spec.lr:g}",
        "batch": str(spec.batch_size),
        "gain": f"{accuracy[best] - accuracy[0]:.1f}",
        "lost": f"{accuracy[best] - accuracy[-1]:.1f}",
        "mean_turned": f"{metrics['prediction_entropy'][turned]:.2f}",
        "flips": f"{metrics['label_flips'][-1]:.0f}",
        "weighted": f"{metrics['weighted_flips'][-1]:.1f}",
        "estimate": f"{PAPER_F(metrics['weighted_flips'][-1]):.1f}",
        "confidence_last": f"{100 * trajectory.confidences[-1].mean():.0f}",
    }
    for when, frame in {"first": 0, "best": best, "last": -1}.items():
        found[f"accuracy_{when}"] = f"{accuracy[frame]:.1f}"
        found[f"entropy_{when}"] = f"{metrics['entropy'][frame]:.2f}"
        found[f"silhouette_{when}"] = f"{metrics['silhouette'][frame]:.3f}"
        found[f"shift_{when}"] = f"{metrics['shift_distance'][frame]:.2f}"
        found[f"centroid_{when}"] = f"{trajectory.evidence.distances[frame]:.2f}"
        found[f"mean_{when}"] = f"{metrics['prediction_entropy'][frame]:.2f}"
    return found | _intervals(trajectory.course) | _crowded(trajectory) | _error_elsewhere()


def _intervals(course: Course) -> dict[str, str]:
    """The 95 % intervals of the changes that the words approach, success and failure rest on."""
    changes = {
        "gain": (course.evidence.accuracy(0, course.best), 100, 1),
        "loss": (course.since_best(course.last), 100, 1),
        "approach": (course.evidence.distance(0, course.best), 1, 2),
    }
    return {
        f"{name}_{end}": f"{factor * getattr(change, end):.{digits}f}".replace("-", "−")
        for name, (change, factor, digits) in changes.items()
        for end in ("low", "high")
    }


def _error_elsewhere() -> dict[str, str]:
    """The mean absolute error of the paper's f, in points, on the bundled splits that nothing was fitted on."""
    with asset("paper", "figure-6", "figure-6.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fitted_on"] == "False"]
    errors = [abs(float(row["published_f"]) - float(row["accuracy"])) for row in rows]
    return {"f_splits": str(len(errors)), "f_error": f"{100 * np.mean(errors):.1f}"}


def _crowded(trajectory: Trajectory) -> dict[str, str]:
    """The two classes that are predicted most often in the end, and their share of all predictions."""
    counts = np.bincount(trajectory.predictions[-1], minlength=len(trajectory.classes))
    one, two = np.argsort(-counts, kind="stable")[:2]
    share = f"{100 * (counts[one] + counts[two]) / counts.sum():.0f}"
    return {"crowded": share, "crowded_one": trajectory.classes[one], "crowded_two": trajectory.classes[two]}


def _filled(part: dict[str, Any], words: dict[str, str], named: dict[str, int]) -> Part:
    def fill(name: str) -> str:
        return part.get(name, "").format(**words).strip().replace("\n", " ")

    return Part(
        part["word"], part["heading"], fill("text"), tuple(part.get("formulae", ())), fill("symbols"), fill("note"),
        fill("notes"), named[part["step"]], part["color"], fill("caption"),
        (named[part["plays"][0]], named[part["plays"][1]]) if "plays" in part else None,
    )  # fmt: skip


@cache
def _story() -> dict[str, Any]:
    return tomllib.loads(resources.files("enigma.analysis.lesson").joinpath("story.toml").read_text(encoding="utf-8"))
