"""How often the intervals of the recommended estimate hold the truth, on corruptions that nothing was fitted on.

    python tests/benchmarks/splits.py --home FOLDER --seeds 0 --models resnet-bn --ends
    python tests/benchmarks/coverage_table.py --home FOLDER [--out docs/results/data]

Each model and seed is calibrated on clean images and the four held-out corruptions, as `enigma calibrate` does, and
judged on every other split that is recorded: with all of its images, and with 120 of them, drawn 20 times. Writes, for
each nominal level, the share of intervals that hold the true accuracy (of the source model, of frame 0, of the adapted
model), or the true change, and the mean width of the interval in points. Where the calibration has too few splits for a
level there is no interval, and the cell is empty.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import result_file
from estimators_table import grouped

from enigma.analysis.estimators import gain
from enigma.analysis.estimators.calibration import Calibration, calibrate
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import LEVELS
from enigma.analysis.estimators.estimate import interval
from enigma.analysis.estimators.measured import TARGETS, States, accuracies, measured
from enigma.analysis.estimators.outputs import Outputs
from enigma.reproduce.grid import parted
from enigma.spec.errors import InputError

FEW, DRAWS = 120, 20
CHANGE = "change"
Found = tuple[str, float, bool, float]
"""What was asked for, the nominal level, whether the interval holds the truth, and its width."""


def drawn(states: States, images: np.ndarray) -> States:
    """The outputs on some of the images."""

    def part(outputs: Outputs) -> Outputs:
        return replace(outputs, logits=outputs.logits[images], labels=outputs.labels[images])

    return States(part(states.source), part(states.frame0), part(states.adapted))


def judged(states: States, calibration: Calibration) -> Iterator[Found]:
    """Every interval of the recommended estimate on one split."""
    images, truth, said = len(states.source.logits), accuracies(states), {}
    for target in TARGETS:
        combination = calibration.combinations[target]
        said[target] = combination.error(combination.raw(measured(states, calibration.clean, target)))
        for level in LEVELS:
            low, high = interval(calibration, target, COMBINED, combination.error, said[target], images, level)
            yield target, level, low <= truth[target] <= high, high - low
    change, flipped = said["adapted"] - said["frame 0"], states.frame0.predictions != states.adapted.predictions
    for level in LEVELS:
        low, high = gain.interval(
            change, gain.change_errors(calibration), level, float(flipped.mean()), images,
            calibration.provenance["images"],
        )  # fmt: skip
        yield CHANGE, level, low <= truth["adapted"] - truth["frame 0"] <= high, high - low


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    result_file.add_option(parser)
    arguments = parser.parse_args()
    found: dict[tuple[str, int], list[Found]] = defaultdict(list)
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
            splits[model].add((seed, run.id))
            found[model, len(states.source.logits)] += judged(states, calibration)
            for draw in range(DRAWS):
                some = np.random.default_rng(draw).permutation(len(states.source.logits))[:FEW]
                found[model, FEW] += judged(drawn(states, some), calibration)
    rows = list(table(found, splits))
    for row in rows:
        print("  ".join(str(cell) for cell in row.values()))
    result_file.write(arguments.out, "coverage", rows)


def table(
    found: dict[tuple[str, int], list[Found]], splits: dict[str, set[tuple[int, str]]]
) -> Iterator[result_file.Row]:
    """A row for each model, number of images, accuracy and level."""
    for (model, images), intervals in sorted(found.items(), key=lambda one: (one[0][0], -one[0][1])):
        for target in (*TARGETS, CHANGE):
            for level in LEVELS:
                own = [(holds, width) for asked, at, holds, width in intervals if (asked, at) == (target, level)]
                known = [(holds, width) for holds, width in own if np.isfinite(width)]
                yield {
                    "model": model, "splits": len(splits[model]), "images": images, "target": target,
                    "nominal": f"{100 * level:.0f}",
                    "held": f"{100 * np.mean([holds for holds, _ in known]):.0f}" if known else "",
                    "width": f"{100 * np.mean([width for _, width in known]):.1f}" if known else "",
                }  # fmt: skip


if __name__ == "__main__":
    main()
