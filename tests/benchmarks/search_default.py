"""Which shift, severity and learning rate show both phases best: the search behind the default run.

    python tests/benchmarks/search_default.py --home /path/for/runs [--out docs/results/data]

Prints a Markdown table: frame 0, best accuracy and its step, last accuracy, gain over frame 0 and
fall below the best, in points.
"""

import argparse
import itertools
from pathlib import Path

import result_file

from enigma.recording.loop import record
from enigma.spec.run_spec import RunSpec

GRID = {
    "lr": [5e-3, 3e-3],
    "corruption,severity": [
        ("gaussian_noise", 3), ("gaussian_noise", 4), ("impulse_noise", 4), ("shot_noise", 5), ("rotation", 3),
        ("gaussian_blur", 5), ("contrast", 4),
    ],
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", default="resnet-bn")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch-size", type=int, default=64)
    result_file.add_option(parser)
    arguments = parser.parse_args()
    print("| shift | lr | source % | frame 0 % | best % (step) | last % | gain | fall |")
    print("|---|---|---|---|---|---|---|---|")
    rows: list[result_file.Row] = []
    for lr, (corruption, severity) in itertools.product(*GRID.values()):
        spec = RunSpec(
            model=arguments.model, corruption=corruption, severity=severity, lr=lr, steps=arguments.steps,
            batch_size=arguments.batch_size, frames=14, probes=500, references=100,
        )  # fmt: skip
        run = record(spec, arguments.home / "runs", arguments.home / "cache")
        labels = run.read_arrays("probe.safetensors")["labels"]
        accuracy = {step: 100 * (frame["top_classes"][:, 0] == labels).mean() for step, frame in run.frames()}
        best = max(accuracy, key=lambda step: accuracy[step])
        print(
            f"| {corruption} {severity} | {lr:g} | {100 * run.facts['source_accuracy']:.1f} | {accuracy[0]:.1f} "
            f"| {accuracy[best]:.1f} ({best}) | {accuracy[spec.steps]:.1f} | {accuracy[best] - accuracy[0]:.1f} "
            f"| {accuracy[best] - accuracy[spec.steps]:.1f} |",
            flush=True,
        )
        rows.append(
            {
                "corruption": corruption, "severity": severity, "lr": lr,
                "source": f"{100 * run.facts['source_accuracy']:.1f}", "frame_0": f"{accuracy[0]:.1f}",
                "best": f"{accuracy[best]:.1f}", "best_step": best, "last": f"{accuracy[spec.steps]:.1f}",
            }
        )  # fmt: skip
    result_file.write(arguments.out, "search_default", rows)


if __name__ == "__main__":
    main()
