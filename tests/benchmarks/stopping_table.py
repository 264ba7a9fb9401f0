"""When to stop: regret of label-free stopping against the best step that only labels can tell.

    python tests/benchmarks/splits.py --home FOLDER --seeds 0
    python tests/benchmarks/stopping_table.py --home FOLDER [--out docs/results/data]

For each rule, over all recorded runs of a model: mean and largest regret (accuracy of the best frame less that of the
model the rule keeps, in points), the worst result against frame 0, and for the alarm how often it rings where accuracy
ends more than 3 points below its best and where it does not. Accuracy between recorded frames is interpolated. Rules
that reset a model are not judged here: what a model does after a reset is not in the recording of a run without one.

With --choose the levels of `enigma.functionals.stopping` are searched on clean images and the four held-out corruptions
alone, and each choice is shown with what it then does on the others, which had no part in it.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import result_file

from enigma.functionals import stopping
from enigma.functionals.accuracy import accuracy_of
from enigma.functionals.stopping import watched
from enigma.reproduce.grid import is_of_grid, parted
from enigma.store.collection import listed
from enigma.store.run_folder import Run

FALL = 3.0
BIASED = (0.85, 0.9, 0.92, 0.93, 0.94, 0.95)
QUIET = (0.0005, 0.001, 0.0015, 0.002, 0.004, 0.01)


@dataclass(frozen=True)
class Recorded:
    """One run: accuracy in percent at its frames, and its stream."""

    steps: np.ndarray
    accuracy: np.ndarray
    scalars: dict[str, np.ndarray]
    classes: int
    batch_size: int

    @classmethod
    def of(cls, run: Run) -> "Recorded":
        labels = run.read_arrays("probe.safetensors")["labels"]
        values = [100 * accuracy_of(frame["top_classes"][:, 0].astype(np.int64), labels) for _, frame in run.frames()]
        return cls(
            np.array(run.frame_steps), np.array(values), run.scalars(), len(run.facts["classes"]), run.spec.batch_size
        )

    @property
    def last(self) -> int:
        return int(self.steps[-1])

    @property
    def falls(self) -> bool:
        return bool(self.accuracy[-1] < self.accuracy.max() - FALL)


def suggested(run: Recorded) -> int:
    watch = watched(run.scalars, run.classes, run.batch_size)
    assert watch is not None
    return watch.kept if watch.stop_at else run.last


RULES: dict[str, Callable[[Recorded], int]] = {
    "never": lambda run: run.last,
    "10 steps": lambda run: 10,
    "25 steps": lambda run: 25,
    "50 steps": lambda run: 50,
    "100 steps": lambda run: 100,
    "suggested": suggested,
    "best step (labels)": lambda run: int(run.steps[run.accuracy.argmax()]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--choose", action="store_true", help="Search the levels of the suggestion.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    models: dict[str, list[Run]] = defaultdict(list)
    for run in listed(arguments.home / "runs"):
        if run.status["state"] == "finished" and run.spec.seed == 0 and is_of_grid(run.spec):
            models[run.spec.model].append(run)
    if arguments.choose:
        choose(list(models.values()))
        return
    judged_models = {model: [Recorded.of(run) for run in recorded] for model, recorded in models.items()}
    for model, runs in judged_models.items():
        print(
            f"\n`{model}`, {len(runs)} runs, {sum(run.falls for run in runs)} of them end {FALL:g} points below best\n"
        )
        print("| rule | mean regret | largest regret | worst against frame 0 |\n|---|---:|---:|---:|")
        for name, rule in RULES.items():
            regret, against = judged(runs, rule)
            print(f"| {name} | {regret.mean():.2f} | {regret.max():.1f} | {against.min():+.1f} |")
        print(f"\nAlarm: {rung(runs, True)} that fall, {rung(runs, False)} that do not.")
    write(arguments.out, judged_models)


def write(out: Path | None, models: dict[str, list[Recorded]]) -> None:
    """The two files that the site shows: each rule on each model, and how often the alarm rang."""
    rules: list[result_file.Row] = []
    for model, runs in models.items():
        for name, rule in RULES.items():
            regret, against = judged(runs, rule)
            rules.append(
                {"model": model, "rule": name, "mean_regret": f"{regret.mean():.2f}",
                 "worst_against_frame_0": f"{against.min():+.1f}"}
            )  # fmt: skip
    result_file.write(out, "stopping", rules)
    every = [run for runs in models.values() for run in runs]
    alarms: list[result_file.Row] = []
    for falls, ends in ((True, f"more than {FALL:g} points below best"), (False, f"within {FALL:g} points of best")):
        rang, count = rings(every, falls)
        alarms.append({"ends": ends, "runs": count, "rang": rang})
    result_file.write(out, "stopping_alarm", alarms)


def judged(runs: list[Recorded], rule: Callable[[Recorded], int]) -> tuple[np.ndarray, np.ndarray]:
    """Regret of each run, and its accuracy less that of frame 0, in points."""
    kept = np.array([np.interp(rule(run), run.steps, run.accuracy) for run in runs])
    return np.array([run.accuracy.max() for run in runs]) - kept, kept - np.array([run.accuracy[0] for run in runs])


def choose(models: list[list[Run]]) -> None:
    """Prints every pair of levels, the one of least regret on the held-out corruptions first."""
    parts: list[tuple[list[Recorded], list[Recorded]]] = []
    for runs in models:
        fitted, others = parted(runs)
        parts.append(([Recorded.of(run) for run in fitted], [Recorded.of(run) for run in others]))
    found = []
    for stopping.BIASED in BIASED:
        for stopping.QUIET in QUIET:
            told = [[judged(runs, suggested) for runs in part] for part in zip(*parts, strict=True)]
            levels = (stopping.BIASED, stopping.QUIET)
            found.append((*(number for part in told for number in summary(part)), *levels))
    print("| biased | quiet | held-out: mean regret | worst against frame 0 | others: mean regret | worst |")
    print("|---:|---:|---:|---:|---:|---:|")
    for regret, worst, others, worst_of_others, biased, quiet in sorted(found):
        print(f"| {biased} | {quiet} | {regret:.2f} | {worst:+.1f} | {others:.2f} | {worst_of_others:+.1f} |")


def summary(part: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Mean regret over the models, and the worst result against frame 0."""
    return float(np.mean([regret.mean() for regret, _ in part])), float(min(against.min() for _, against in part))


def rung(runs: list[Recorded], falls: bool) -> str:
    """How often the alarm rings, in words."""
    rang, count = rings(runs, falls)
    return f"rings in {rang} of the {count} runs"


def rings(runs: list[Recorded], falls: bool) -> tuple[int, int]:
    """In how many of the runs that fall, or do not, the alarm rings, and how many these are."""
    chosen = [watched(run.scalars, run.classes, run.batch_size) for run in runs if run.falls == falls]
    return sum(bool(watch and watch.alarm_at) for watch in chosen), len(chosen)


if __name__ == "__main__":
    main()
