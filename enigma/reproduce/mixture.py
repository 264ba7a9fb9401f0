"""Figure 8: entropy minimisation as Expectation-Maximisation on a mixture of Gaussians whose samples move too.

As in the paper's appendix A: two-dimensional classes, components of identity covariance and equal weight, and samples
that are trained as well as the centres. The paper gives no numbers; classes, steps and shift are this project's.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer
from matplotlib.figure import Figure
from scipy.special import softmax

from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Cloud, Panel
from enigma.reproduce.result import Finding, Result
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store.run_folder import Run

CLASSES, SAMPLES, RADIUS = 5, 80, 3.5
STEPS, RATE = 60, 0.2
RATES = (0.05, RATE, 0.5)
"""How fast samples follow the clusters; slow ones follow too late to be led astray."""
SHIFT = np.array([3.0, 2.0])
SEEDS = 10
SHOWN = (0, 5, STEPS)
STARTS = ("smart start", "shifted start", "shifted start, samples fixed (plain EM)")


@dataclass(frozen=True)
class Fitted:
    """The mixture through time.

    Attributes:
        points: of every sample at each step.
        centres: of every component at each step.
        accuracy: share of samples whose likeliest component began at the mean of their class, shifted or not.
    """

    points: Float[np.ndarray, "steps samples 2"]
    centres: Float[np.ndarray, "steps classes 2"]
    accuracy: Float[np.ndarray, " steps"]


def sampled(seed: int) -> tuple[Float[np.ndarray, "classes 2"], Float[np.ndarray, "samples 2"], np.ndarray]:
    """Class means on a circle, samples of unit variance about them, and their labels."""
    angles = 2 * np.pi * np.arange(CLASSES) / CLASSES
    means = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    labels = np.repeat(np.arange(CLASSES), SAMPLES)
    return means, means[labels] + np.random.default_rng(seed).standard_normal((len(labels), 2)), labels


def maximised(
    points: Float[np.ndarray, "samples 2"],
    centres: Float[np.ndarray, "classes 2"],
    labels: Integer[np.ndarray, " samples"],
    steps: int = STEPS,
    rate: float = RATE,
) -> Fitted:
    """Expectation-Maximisation of a mixture of unit Gaussians from given centres.

    E: r_ik = softmax_k(-|x_i - c_k|^2 / 2). M: c_k = sum_i r_ik x_i / sum_i r_ik. Then each sample takes a step up its
    own log-likelihood, x_i += rate * sum_k r_ik (c_k - x_i), which is what makes the data follow the clusters; a rate
    of 0 leaves the textbook's algorithm.
    """
    history: list[tuple[np.ndarray, np.ndarray, float]] = []
    for _ in range(steps + 1):
        squared = np.square(points[:, None] - centres[None]).sum(-1)
        shares = softmax(-squared / 2, axis=1)
        history.append((points, centres, float((shares.argmax(1) == labels).mean())))
        # A component that no sample belongs to stays where it is.
        total = shares.sum(0)[:, None]
        centres = np.where(total > 1e-9, shares.T @ points / np.maximum(total, 1e-9), centres)
        points = points + rate * (shares @ centres - points)
    return Fitted(*(np.stack([np.asarray(step[part]) for step in history]) for part in range(3)))


def starts(seed: int, rate: float = RATE) -> dict[str, Fitted]:
    """The three ways to begin, on the same samples."""
    means, points, labels = sampled(seed)
    away = means + SHIFT
    return {
        STARTS[0]: maximised(points, means, labels, rate=rate),
        STARTS[1]: maximised(points, away, labels, rate=rate),
        STARTS[2]: maximised(points, away, labels, rate=0.0),
    }


def figure_8(runs: Sequence[Run]) -> Result:
    """No run is needed."""
    rows = []
    for seed, rate in itertools.product(range(SEEDS), RATES):
        for name, found in starts(seed, rate).items():
            best = int(found.accuracy.argmax())
            rows.append({"seed": seed, "rate": rate, "start": name, "first": found.accuracy[0],
                         "best": found.accuracy[best], "best_step": best, "last": found.accuracy[-1]})  # fmt: skip
    table = pd.DataFrame(rows)
    here = table[table["rate"] == RATE]
    mean = here.groupby("start", sort=False)[["first", "best", "last"]].mean().to_dict("index")
    smart, shifted, fixed = (mean[start] for start in STARTS)
    risen = here[here["start"] == STARTS[1]]
    ends = {rate: float(table.query("start == @STARTS[1] and rate == @rate")["last"].mean()) for rate in RATES}
    turned = float(((risen["best"] > risen["first"]) & (risen["last"] < risen["best"])).mean())
    findings = (
        Finding(f"Smart start: {percent(smart['last'], 0)} of the samples end in their own cluster, "
                f"{percent(smart['first'], 0)} began there (paper: they converge to the right clusters)."),
        Finding(f"Shifted start: {percent(shifted['first'], 0)} at first, {percent(shifted['last'], 0)} in the end "
                "(paper: wrong solutions that mix classes)."),
        Finding(f"With the shifted start accuracy rises and then falls in {percent(turned, 0)} of {SEEDS} seeds "
                "(paper: good clustering first, then wrong)."),
        Finding("It depends on how fast the samples move, which the paper does not say: in the end "
                f"{', '.join(f'{percent(ends[rate], 0)} at a rate of {rate}' for rate in RATES)}; samples that stay "
                f"end at {percent(fixed['last'], 0)}."),
    )  # fmt: skip
    return Result(table, findings, partial(_draw, starts(0), sampled(0)[2]), by_seed(table))


def by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Of each seed, rate and start the share at the end; `turned` is positive where it rose and then fell."""
    turned = np.minimum(table["best"] - table["first"], table["best"] - table["last"])
    return table[["rate", "start", "last"]].assign(group=table["seed"], turned=turned)


def _draw(shown: dict[str, Fitted], labels: np.ndarray) -> Figure:
    panels, stars = [], []
    for name, found in shown.items():
        for step in SHOWN:
            places = found.points[step]
            clouds = tuple(Cloud(f"class {label + 1}", *places[labels == label].T) for label in range(CLASSES))
            panels.append(Panel(f"{name}\nstep {step}: {percent(found.accuracy[step], 0)}", "", "", clouds))
            stars.append(found.centres[step])
    return reproduced.clusters(panels, len(SHOWN), stars, "centre of a component")


def no_specs(clean: RunSpec) -> list[RunSpec]:
    """It is computed at once."""
    return []
