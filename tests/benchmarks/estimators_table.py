"""Table 1 of this project: mean absolute error, in points, of every estimator on the splits it was not fitted on.

    python tests/benchmarks/splits.py --home FOLDER
    python tests/benchmarks/estimators_table.py --home FOLDER [--target source] [--scaled] [--out docs/results/data]

Each model and seed is calibrated on clean images and the four held-out corruptions, and judged on the other
corruptions. Agreement of two models is with the first other model that was recorded with the same seed. Prints mean
and standard deviation over the seeds, and how many splits that is; a model and seed whose calibration is not recorded
is left out.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import result_file

from enigma.analysis.estimators.calibration import calibrate, split_name
from enigma.analysis.estimators.estimate import estimates
from enigma.analysis.estimators.measured import TARGETS, States, accuracies
from enigma.reproduce.grid import is_of_grid, parted
from enigma.spec.errors import InputError
from enigma.store.collection import listed
from enigma.store.run_folder import Run

Errors = dict[str, dict[str, list[float]]]


def grouped(home: Path) -> dict[tuple[str, int], list[Run]]:
    """Finished runs of the grid by model and seed, one a split."""
    found: dict[tuple[str, int], dict[str, Run]] = defaultdict(dict)
    for run in listed(home / "runs"):
        if run.status["state"] == "finished" and is_of_grid(run.spec):
            found[run.spec.model, run.spec.seed].setdefault(split_name(run.spec), run)
    return {key: list(splits.values()) for key, splits in found.items()}


def judged(runs: list[Run], second: list[Run], *, scaled: bool) -> Errors | None:
    """For each target and estimator the absolute error, in points, on every split outside the calibration.

    Args:
        second: the runs of another model, for agreement.
    """
    try:
        held_out, others = parted(runs, least=13)
    except InputError:
        return None
    if len(others) < 23:
        return None
    partners = {split_name(run.spec): run for run in second}
    paired = [partners[split_name(run.spec)] for run in held_out if split_name(run.spec) in partners]
    calibration = calibrate(held_out, paired if len(paired) == len(held_out) else (), scaled=scaled)
    errors: Errors = {target: defaultdict(list) for target in TARGETS}
    for run in others:
        truth = accuracies(States.of(run))
        for one in estimates(run, calibration, partners.get(split_name(run.spec))):
            errors[one.target][one.estimator].append(100 * abs(one.accuracy - truth[one.target]))
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--target", choices=list(TARGETS), help="Only this accuracy; default: all three.")
    parser.add_argument("--scaled", action="store_true", help="With temperature scaling.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    models: dict[str, list[Errors]] = defaultdict(list)
    recorded = grouped(arguments.home)
    for (model, seed), runs in sorted(recorded.items()):
        second = next((recorded[key] for key in sorted(recorded) if key[1] == seed and key[0] != model), [])
        errors = judged(runs, second, scaled=arguments.scaled)
        if errors:
            models[model].append(errors)
    for model, seeds in models.items():
        splits = len(next(iter(seeds[0]["source"].values())))
        print(f"\n`{model}`, {splits} splits, {len(seeds)} seed{'s' * (len(seeds) > 1)}\n")
        targets = [arguments.target] if arguments.target else list(TARGETS)
        print(f"| estimator | {' | '.join(targets)} |\n|---|{'---:|' * len(targets)}")
        names = sorted(seeds[0]["adapted"], key=lambda name: np.mean(seeds[0][targets[0]].get(name, [np.inf])))
        for name in names:
            print(f"| {name} | {' | '.join(cell(seeds, target, name) for target in targets)} |")
    result_file.write(arguments.out, "estimators", rows(models))


def rows(models: dict[str, list[Errors]]) -> list[result_file.Row]:
    """A row for each model, accuracy and estimator; without batch statistics frame 0 is the source model."""
    found: list[result_file.Row] = []
    for model, seeds in models.items():
        for target in TARGETS:
            for name in seeds[0][target]:
                mean, _, deviation = cell(seeds, target, name).partition(" ± ")
                found.append(
                    {"model": model, "seeds": len(seeds), "target": target, "estimator": name, "mean": mean,
                     "deviation": deviation}
                )  # fmt: skip
    return found


def cell(seeds: list[Errors], target: str, name: str) -> str:
    """Mean over splits and seeds, with the deviation over seeds where there are several."""
    means = [float(np.mean(errors[target][name])) for errors in seeds if name in errors[target]]
    if not means:
        return "–"
    return f"{np.mean(means):.1f}" + (f" ± {np.std(means, ddof=1):.1f}" if len(means) > 1 else "")


if __name__ == "__main__":
    main()
