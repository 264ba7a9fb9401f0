"""Adaptation without the images that the source model knows already: figures 2, 11 and 12."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from enigma.analysis.estimators.outputs import source_outputs
from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Cloud, Panel
from enigma.reproduce.result import Finding, Result
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store.run_folder import Run

TOP = (1, 2, 3, 5)
"""Of ten classes; the paper takes 1, 2, 3, 5, 10, 20 and 50 of a thousand."""
THRESHOLDS = (0.25, 0.5, 1.0, 1.5)
"""Entropies in nats; ten classes have at most 2.30."""
NOTHING = 1e-9
"""A threshold that excludes no image, but holds the probe out of the stream as every other does."""
FRAMES = 16


def specs(clean: RunSpec) -> list[RunSpec]:
    """Tent on Gaussian noise of severity 3, without any exclusion and with each.

    Half the probe, because it is held out of the stream, and half as many steps again.
    """
    steps = clean.steps * 3 // 2
    frames = np.unique(np.linspace(0, steps, FRAMES).round().astype(int)).tolist()
    shared = {"corruption": "gaussian_noise", "severity": 3, "probes": clean.probes // 2, "steps": steps,
              "frames": frames}  # fmt: skip
    everything = clean.override(**shared, exclude_entropy=NOTHING)
    by_rank = [clean.override(**shared, exclude_top_k=k) for k in TOP]
    return [everything, *by_rank, *(clean.override(**shared, exclude_entropy=limit) for limit in THRESHOLDS)]


def top_specs(clean: RunSpec) -> list[RunSpec]:
    """Those that exclude by rank."""
    return [spec for spec in specs(clean) if spec.exclude_top_k or spec.exclude_entropy == NOTHING]


def entropy_specs(clean: RunSpec) -> list[RunSpec]:
    """Those that exclude by entropy."""
    return [spec for spec in specs(clean) if not spec.exclude_top_k]


def gains(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run and frame: what was excluded, and the accuracy gained since frame 0, in points."""
    rows = []
    for run in runs:
        spec, accuracy = run.spec, run_metrics(run, ["accuracy"])["accuracy"]
        excluded = float(spec.exclude_top_k or (0 if spec.exclude_entropy == NOTHING else spec.exclude_entropy or 0))
        gained = zip(run.frame_steps, 100 * (accuracy - accuracy[0]), strict=True)
        rows += [{"excluded": excluded, "step": step, "gain": gain} for step, gain in gained]
    images = runs[0].spec.probes if runs else 0
    return pd.DataFrame(rows, columns=["excluded", "step", "gain"]).assign(images=images)


def figure_2(runs: Sequence[Run]) -> Result:
    return excluded(gains(runs), "top-k = {:g}", "The paper gains 12.38 points with all, 10.50 without top-1, 7.88 "
                    "without top-10 images")  # fmt: skip


def figure_12(runs: Sequence[Run]) -> Result:
    return excluded(gains(runs), "entropy > {:g}", "The paper: low entropies can be left out 'while barely hurting "
                    "performance'")  # fmt: skip


def excluded(table: pd.DataFrame, label: str, claim: str) -> Result:
    """Figures 2 and 12 from the gain through time; what excludes nothing is 0.

    Raises:
        InputError: there is no run without exclusion, or none with one.
    """
    levels = sorted(table["excluded"].unique())
    if len(levels) < 2 or levels[0] != 0:
        raise InputError("Expected recorded runs with and without exclusion, but got only one kind; leave out "
                         "--only-recorded to record them.")  # fmt: skip
    lines = {level: table[table["excluded"] == level].sort_values("step") for level in levels}
    best = {level: float(line["gain"].max()) for level, line in lines.items()}
    gains = ", ".join(f"{label.format(level)}: {gain:+.1f}" for level, gain in best.items())
    least = levels[1]
    kept = best[least] / best[0] if best[0] > 0 else float("nan")
    ends = ", ".join(f"{label.format(level)}: {float(line['gain'].iloc[-1]):+.1f}" for level, line in lines.items())
    findings = (
        Finding(f"Best gain in points: {gains}. {claim}."),
        Finding(f"At the last step, against frame 0: {ends}."),
        Finding(f"The mildest exclusion keeps {percent(kept, 0)} of the best gain (paper, top-1: 85 %)."),
        Finding(f"The strongest gains {best[levels[-1]]:+.1f} points, less than the {best[0]:+.1f} with all images "
                "(paper: the more is left out, the smaller the gain)." if best[levels[-1]] < best[0] else
                f"The strongest gains {best[levels[-1]]:+.1f} points, no less than the {best[0]:+.1f} with all."),
    )  # fmt: skip
    clouds = tuple(
        Cloud("all images" if level == 0 else label.format(level), line["step"].to_numpy(float),
              line["gain"].to_numpy(float))
        for level, line in lines.items()
    )  # fmt: skip
    panel = Panel("Accuracy gain on held-out images, points", "step", "", clouds)
    return Result(table, findings, partial(reproduced.lines, [panel]), best_and_last(table))


def best_and_last(table: pd.DataFrame) -> pd.DataFrame:
    """Of each exclusion the best gain and that at the last step, with the number of images it is of."""
    rows = []
    for level, line in table.sort_values("step").groupby("excluded"):
        for when, gain in (("best", line["gain"].max()), ("last", line["gain"].iloc[-1])):
            rows.append({"excluded": level, "when": when, "gain": gain, "images": line["images"].iloc[0]})
    return pd.DataFrame(rows)


def figure_11(runs: Sequence[Run]) -> Result:
    """How uncertain the images are whose label is among the k best guesses, and how many they are."""
    if not runs:
        raise InputError("Expected the recorded run of Gaussian noise 3, but it is missing; leave out --only-recorded.")
    outputs = source_outputs(runs[0])
    order = np.argsort(-outputs.logits, axis=1, kind="stable")
    place = (order == outputs.labels[:, None]).argmax(1) + 1
    entropy = -(outputs.probabilities * outputs.log_probabilities).sum(1)
    return by_rank(place, entropy, outputs.logits.shape[1])


def by_rank(place: np.ndarray, entropy: np.ndarray, classes: int) -> Result:
    """Figure 11 from the rank of each image's label, 1 for a right prediction, and its entropy in nats."""
    rows = [
        {"k": k, "images": int((place <= k).sum()), "share": float((place <= k).mean()),
         "entropy": float(entropy[place <= k].mean()) if (place <= k).any() else float("nan")}
        for k in range(1, classes + 1)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    first, last = table.iloc[0], table.iloc[-1]
    finding = Finding(
        f"Images that are classified right ({percent(first['share'], 0)}) have a mean entropy of "
        f"{first['entropy']:.2f} nats, all have {last['entropy']:.2f} (paper: 45 % with 1.85, all 2.84)."
    )
    k = table["k"].to_numpy(float)
    panels = [
        Panel("Mean entropy, nats", "label among the k best guesses", "", (Cloud("", k, table["entropy"].to_numpy()),)),
        Panel("Images left out, %", "label among the k best guesses", "",
              (Cloud("", k, 100 * table["share"].to_numpy()),)),
    ]  # fmt: skip
    units = pd.DataFrame({"group": np.arange(len(place)), "right": (place == 1).astype(int), "entropy": entropy})
    return Result(table, (finding,), partial(reproduced.lines, panels), units)
