"""The entropy functional beside softmax Tent: every bundled model, five corruptions of severity 3.

    python tests/benchmarks/functional_table.py --home /path/for/runs [--out docs/results/data]

Records what is not there yet, so that it can be interrupted and called again, and prints a Markdown table in points of
accuracy on 500 probe images: the source model, frame 0, and for each method the best of its frames (with its step) and
the last. All methods share the optimizer (Adam), the learning rate, batches of 32 and 200 steps.
"""

import argparse
import itertools
import sys
from pathlib import Path

import result_file

from enigma.recording.loop import record
from enigma.spec.errors import NonFiniteLossError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection
from enigma.store.run_folder import Run

MODELS = ("resnet-bn", "resnet-gn", "vit-ln")
CORRUPTIONS = ("gaussian_noise", "impulse_noise", "gaussian_blur", "contrast", "rotation")
METHODS = {
    "tent": "Tent",
    "functional-margin": "margin",
    "functional-classes": "classes",
    "functional-margin-correction": "margin, G and b",
    "functional-classes-correction": "classes, G and b",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--print", action="store_true", help="Record nothing; print what is finished.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    rows = list(itertools.product(arguments.models, CORRUPTIONS))
    if not arguments.print:
        # One method after the other, so that what an interruption leaves are whole columns.
        for method, row in itertools.product(arguments.methods, rows):
            recorded(arguments.home, arguments.lr, *row, method)
    finished = {
        (run.spec.model, run.spec.corruption, run.spec.method): run
        for run in collection.listed(arguments.home / "runs")
        if run.state == "finished" and run.spec.lr == arguments.lr
    }
    print(f"| model | shift | source | frame 0 | {' | '.join(METHODS[method] for method in arguments.methods)} |")
    print("|---|---|---:|---:|" + "---:|" * len(arguments.methods))
    measured: list[result_file.Row] = []
    for row in rows:
        found = [finished.get((*row, method)) for method in arguments.methods]
        first = next((run for run in found if run), None)
        if first:
            cells = " | ".join(cell(accuracies(run)) if run else "–" for run in found)
            source, frame0 = 100 * first.facts["source_accuracy"], accuracies(first)[0]
            print(f"| {' | '.join(row)} | {source:.1f} | {frame0:.1f} | {cells} |")
        measured += [described(run) for run in found if run]
    result_file.write(arguments.out, "functional", measured)


def described(run: Run) -> result_file.Row:
    """One run as a row of the file."""
    accuracy = accuracies(run)
    best = max(accuracy, key=lambda step: accuracy[step])
    return {
        "model": run.spec.model, "corruption": run.spec.corruption, "method": run.spec.method,
        "source": f"{100 * run.facts['source_accuracy']:.1f}", "frame_0": f"{accuracy[0]:.1f}",
        "best": f"{accuracy[best]:.1f}", "best_step": best, "last": f"{accuracy[max(accuracy)]:.1f}",
    }  # fmt: skip


def recorded(home: Path, lr: float, model: str, corruption: str, method: str) -> Run:
    """The run as far as it can go; a finished one is only read."""
    spec = RunSpec(
        model=model, corruption=corruption, severity=3, method=method, lr=lr, steps=200, batch_size=32, frames=8,
        probes=500, references=100,
    )  # fmt: skip
    print(model, corruption, method, file=sys.stderr, flush=True)
    try:
        return record(spec, home / "runs", home / "cache")
    except NonFiniteLossError as error:
        raise SystemExit(f"{model}, {corruption}, {method}: {error}") from error


def accuracies(run: Run) -> dict[int, float]:
    """Probe accuracy in percent at each recorded step."""
    labels = run.read_arrays("probe.safetensors")["labels"]
    return {step: 100 * (frame["top_classes"][:, 0] == labels).mean() for step, frame in run.frames()}


def cell(accuracy: dict[int, float]) -> str:
    """Best accuracy, its step, and the last."""
    best = max(accuracy, key=lambda step: accuracy[step])
    return f"{accuracy[best]:.1f} ({best}) → {accuracy[max(accuracy)]:.1f}"


if __name__ == "__main__":
    main()
