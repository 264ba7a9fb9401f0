"""Every method on every bundled model: the table on the site.

    python tests/benchmarks/methods_table.py --home runs-of-the-table --steps 50 --out docs/results/data
    python tests/benchmarks/methods_table.py --home runs-of-the-table --models resnet-bn --corruptions fog,contrast

Records 200 steps, or --steps (batches of 64, 500 probes, 8 frames), at severity 3 with the optimizer and learning rate
of each method's paper for CIFAR, one corruption after the other, and prints the mean accuracies in percent over those
corruptions that every method has finished. What is recorded already is not recorded again; with --print nothing is.
"""

import argparse
from pathlib import Path
from statistics import fmean

import result_file

from enigma.analysis.reading import summary
from enigma.recording.loop import record
from enigma.spec.catalogue import BY_NORMALISATION, METHODS
from enigma.spec.run_spec import RunSpec
from enigma.store.collection import listed
from enigma.store.run_folder import Run

CORRUPTIONS = ("gaussian_noise", "impulse_noise", "gaussian_blur", "contrast", "jpeg_compression")
# Their predictions depend on nothing that came before, so one step is as good as many.
STEADY = ("source", "norm", "norm_prior", "lame", "memo")
COLUMNS = ("source_accuracy", "frame0_accuracy", "best_accuracy", "final_accuracy")


def spec_of(method: str, model: str, corruption: str, count: int) -> RunSpec | None:
    """None where the method cannot adapt the model."""
    if method == "rem" and model != "vit-ln":
        return None
    recipes = METHODS[method].recipes
    optimizer = {"optimizer": recipes[0].optimizer, "lr": recipes[0].lr} if recipes else {}
    steps = {"steps": 1, "frames": (0, 1)} if method in STEADY else {"steps": count, "frames": 8}
    return RunSpec.parse(
        {
            "model": model, "corruption": corruption, "severity": 3, "method": method, "probes": 500,
            "references": 100, "batch_size": 64, "device": "cpu", **steps, **optimizer,
        }
    )  # fmt: skip


def finished(root: Path) -> dict[str, Run]:
    """Finished runs by their spec as JSON."""
    return {run.spec.to_json(): run for run in listed(root) if run.status["state"] == "finished"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--models", default=",".join(BY_NORMALISATION))
    parser.add_argument("--corruptions", default=",".join(CORRUPTIONS))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--print", action="store_true", help="Record nothing; print what there is.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    models, corruptions, methods = (
        text.split(",") for text in (arguments.models, arguments.corruptions, arguments.methods)
    )
    root = arguments.home / "runs"
    if not arguments.print:
        for model in models:
            for corruption in corruptions:
                done = finished(root)
                for method in methods:
                    spec = spec_of(method, model, corruption, arguments.steps)
                    if spec is not None and spec.to_json() not in done:
                        record(spec, root, arguments.home / "cache")
    rows = show(root, models, corruptions, methods, arguments.steps)
    result_file.write(arguments.out, "methods", sorted(rows, key=lambda row: methods.index(str(row["method"]))))


def show(
    root: Path, models: list[str], corruptions: list[str], methods: list[str], count: int
) -> list[result_file.Row]:
    """Prints what is complete, and returns it as the rows of a file."""
    rows: list[result_file.Row] = []
    done = finished(root)
    for model in models:
        wanted = {m: {c: spec_of(m, model, c, count) for c in corruptions} for m in methods}
        wanted = {m: specs for m, specs in wanted.items() if None not in specs.values()}
        complete = [c for c in corruptions if all(specs[c].to_json() in done for specs in wanted.values())]
        if not complete:
            continue
        print(f"\n`{model}`, mean over {', '.join(complete)}:\n")
        print("| method | source % | frame 0 % | best % | final % |\n|---|---:|---:|---:|---:|")
        for method, specs in wanted.items():
            numbers = [summary(done[specs[c].to_json()]) for c in complete]
            means = [100 * fmean(n[column] for n in numbers) for column in COLUMNS]
            print(f"| {METHODS[method].title} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |")
            cells = zip(("source", "frame_0", "best", "last"), (f"{mean:.1f}" for mean in means), strict=True)
            rows.append({"method": method, "model": model, **dict(cells)})
    return rows


if __name__ == "__main__":
    main()
