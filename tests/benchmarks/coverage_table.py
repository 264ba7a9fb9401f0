"""How often the intervals of the recommended estimate hold the truth, on corruptions that nothing was fitted on.

    python tests/benchmarks/splits.py --home FOLDER --seeds 0 --models resnet-bn --ends
    python tests/benchmarks/coverage_table.py --home FOLDER [--out docs/results/data]

Each model and seed is calibrated on clean images and the four held-out corruptions, as `enigma calibrate` does, and
judged on every other split that is recorded: with all of its images, and with 120 of them, drawn 20 times. Writes, for
each nominal level, the share of intervals that hold the true accuracy (of the source model, of frame 0, of the adapted
model), or the true change, the 95 % interval of that share by drawing the judged corruptions anew, and the mean width
in points. Where the calibration has too few corruptions for a level there is no interval, and the cell is empty.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import result_file
from estimators_table import grouped

from enigma.analysis.estimators import gain
from enigma.analysis.estimators.calibration import Calibration, calibrate, split_name
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import LEVELS
from enigma.analysis.estimators.estimate import corrected, interval
from enigma.analysis.estimators.measured import TARGETS, States, accuracies, measured
from enigma.reproduce.grid import parted
from enigma.spec.errors import InputError

FEW, DRAWS = 120, 20
CHANGE = "change"
RESAMPLES = 2000
Found = tuple[str, float, bool, float]
"""What was asked for, the nominal level, whether the interval holds the truth, and its width."""


def judged(states: States, calibration: Calibration) -> Iterator[Found]:
    """Every interval of the recommended estimate on one split."""
    images, truth, said = len(states.source.logits), accuracies(states), {}
    for target in TARGETS:
        combination = calibration.combinations[target]
        raw = combination.error(combination.raw(measured(states, calibration.clean, target)))
        said[target] = corrected(calibration, target, raw, images)
        for level in LEVELS:
            low, high = interval(calibration, target, COMBINED, combination.error, said[target], images, level)
            yield target, level, low <= truth[target] <= high, high - low
    change, flipped = said["adapted"] - said["frame 0"], states.frame0.predictions != states.adapted.predictions
    for level in LEVELS:
        low, high = gain.interval(calibration, change, float(flipped.mean()), images, level)
        yield CHANGE, level, low <= truth["adapted"] - truth["frame 0"] <= high, high - low


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    result_file.add_option(parser)
    arguments = parser.parse_args()
    found: dict[tuple[str, int], dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
    splits: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for (model, seed), runs in sorted(grouped(arguments.home).items()):
        try:
            held_out, others = parted(runs, least=13)
        except InputError as error:
            print(f"{model}, seed {seed} is left out: {error}")
            continue
        calibration = calibrate(held_out)
        for run in others:
            states = States.of(run)
            splits[model].add((seed, split_name(run.spec)))
            corruption = run.spec.corruption
            found[model, len(states.source.logits)][corruption] += judged(states, calibration)
            for draw in range(DRAWS):
                some = np.random.default_rng(draw).permutation(len(states.source.logits))[:FEW]
                found[model, FEW][corruption] += judged(states.part(some), calibration)
    rows = list(table(found, splits))
    for row in rows:
        print("  ".join(str(cell) for cell in row.values()))
    result_file.write(arguments.out, "coverage", rows)


def table(
    found: dict[tuple[str, int], dict[str, list[Found]]], splits: dict[str, set[tuple[int, str]]]
) -> Iterator[result_file.Row]:
    """A row for each model, number of images, accuracy and level."""
    for (model, images), by_corruption in sorted(found.items(), key=lambda one: (one[0][0], -one[0][1])):
        for target in (*TARGETS, CHANGE):
            for level in LEVELS:
                own = [
                    [(holds, width) for asked, at, holds, width in each if (asked, at) == (target, level)]
                    for each in by_corruption.values()
                ]
                known = [each for each in own if all(np.isfinite(width) for _, width in each)]
                yield {
                    "model": model, "splits": len(splits[model]), "corruptions": len(by_corruption), "images": images,
                    "target": target, "nominal": f"{100 * level:.0f}", **(held(known) if known else NOTHING),
                }  # fmt: skip


NOTHING = {"held": "", "low": "", "high": "", "width": ""}


def held(known: list[list[tuple[bool, float]]]) -> dict[str, str]:
    """The share of intervals that hold the truth, its interval over the corruptions, and the mean width."""
    shares = np.array([np.mean([holds for holds, _ in each]) for each in known])
    weights = np.array([len(each) for each in known])
    drawn = np.random.default_rng(0).integers(len(known), size=(RESAMPLES, len(known)))
    low, high = np.quantile((shares * weights)[drawn].sum(1) / weights[drawn].sum(1), [0.025, 0.975])
    width = np.mean([width for each in known for _, width in each])
    return {"held": f"{100 * np.average(shares, weights=weights):.0f}", "low": f"{100 * low:.0f}",
            "high": f"{100 * high:.0f}", "width": f"{100 * width:.1f}"}  # fmt: skip


if __name__ == "__main__":
    main()
