"""What adapting does to the detection of unknown images, for each head and method, over seeds.

    python tests/benchmarks/train_heads.py --out FOLDER --data-root ...
    python tests/benchmarks/unknown_table.py --networks FOLDER --home HOME [--unknown digits] [--out docs/results/data]

A stream of Fashion-MNIST under impulse noise 4, a fifth of it unknown images under the same noise; 100 steps of Adam
with 0.003 in batches of 64, as the default run. AUROC (in %, the same in both conventions) of the score of the head's
paper at the source model, frame 0, the frame of the best accuracy, and the last; accuracy of the known images; at
which step each is best. The networks of seed s are adapted with seed s. What is recorded is skipped.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import result_file
from tqdm import tqdm

from enigma.analysis.unknowns.frames import Unknowns, unknowns
from enigma.jobs import sweep
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home

HEADS = {"softmax": "entropy", "isomax": "entropy", "isomaxplus": "max_logit"}
WAYS: dict[str, dict[str, str]] = {
    "Tent": {"method": "tent"},
    "Tent, known only": {"method": "tent", "unknown_loss": "known"},
    "Tent, unknown masked": {"method": "tent", "unknown_loss": "masked"},
    "ETA": {"method": "eta"},
    "COME": {"method": "come_tent"},
    "UniEnt": {"method": "unient"},
}
MEASURED = (
    "auroc_source", "auroc_frame_0", "auroc_best_accuracy", "auroc_last", "accuracy_frame_0", "accuracy_best",
    "accuracy_last",
)  # fmt: skip
BASE = RunSpec().override(
    model="resnet-bn", corruption="impulse_noise", severity=4, steps=100,
    frames=(0, 2, 5, 10, 20, 35, 50, 75, 100), probes=800, references=500, device="cpu",
)  # fmt: skip


def specs(networks: Path, unknown: str) -> dict[tuple[str, str, int], RunSpec]:
    """Every run by head, way and seed."""
    found = {}
    suffix = "-8-classes" if unknown == "held-out" else ""
    for folder in sorted(networks.glob("seed-*")):
        seed = int(folder.name.removeprefix("seed-"))
        for head in HEADS:
            weights = folder / f"resnet-bn-{head}{suffix}.safetensors"
            if weights.is_file():
                for way, given in WAYS.items():
                    found[head, way, seed] = BASE.override(
                        weights=str(weights), reference="bundled", unknown=unknown, seed=seed, **given
                    )
    return found


def cell(values: list[float]) -> str:
    deviation = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    return f"{np.mean(values):.1f}{deviation}"


def row(score: str, found: list[Unknowns]) -> list[str]:
    best = [one.best(score) for one in found]
    auroc = [
        [100 * frame.detection[score].auroc for frame in frames]
        for frames in (
            [one.source for one in found],
            [one.frames[0] for one in found],
            [accuracy for accuracy, _ in best],
            [one.frames[-1] for one in found],
        )
    ]
    accuracy = [
        [100 * frame.accuracy for frame in frames]
        for frames in ([one.frames[0] for one in found], [a for a, _ in best], [one.frames[-1] for one in found])
    ]
    steps = [f"{np.median([frame.step for frame in frames]):.0f}" for frames in zip(*best, strict=True)]
    return [*(cell(values) for values in (*auroc, *accuracy)), *steps]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--unknown", default="digits")
    parser.add_argument("--workers", type=int, default=2)
    result_file.add_option(parser)
    arguments = parser.parse_args()
    home, wanted = Home(arguments.home), specs(arguments.networks, arguments.unknown)
    with sweep.processes(arguments.workers) as executor, tqdm(total=len(wanted), unit="run") as bar:
        outcomes = sweep.sweep(
            list(wanted.values()), home, executor, project=False, done=lambda outcome: bar.update() and None
        )
    every: dict[tuple[str, str], list[Unknowns]] = defaultdict(list)
    for (head, way, seed), outcome in zip(wanted, outcomes, strict=True):
        if outcome.state == "failed":
            print(f"{head}, {way}, seed {seed}: {outcome.message}")
        else:
            every[head, way].append(unknowns(home.find(outcome.run_id)))
    print("| head | method | seeds | AUROC: source | frame 0 | best accuracy | last | accuracy: frame 0 | best | last "
          "| step of best accuracy | of best AUROC |")  # fmt: skip
    print(f"|---|---|{'---:|' * 10}")
    for (head, way), found in every.items():
        print(f"| {head} | {way} | {len(found)} | {' | '.join(row(HEADS[head], found))} |")
    rows = [
        {"head": head, "method": way, "seeds": len(found), **columns(row(HEADS[head], found))}
        for (head, way), found in every.items()
    ]
    result_file.write(arguments.out, "unknown_adapting", rows)


def columns(cells: list[str]) -> dict[str, str]:
    """The cells of a row by name, mean and deviation apart."""
    found = {}
    for name, cell in zip(MEASURED, cells, strict=False):
        found[name], _, found[f"{name}_deviation"] = cell.partition(" ± ")
    return {**found, **dict(zip(("step_best_accuracy", "step_best_auroc"), cells[len(MEASURED) :], strict=True))}


if __name__ == "__main__":
    main()
