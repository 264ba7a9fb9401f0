"""Trains the networks behind the comparison of heads: softmax, IsoMax and IsoMax+, three seeds each.

    python tests/benchmarks/train_heads.py --out FOLDER --data-root /usr/share/datasets/fashion-mnist [--workers 2]

Seed 0 also learns eight of the ten classes with each head. What is there is skipped and what was interrupted goes
on, so that it may take several evenings; on two cores it takes about two hours. Weights and cards of seed s are in
FOLDER/seed-s.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from enigma.jobs.training import train
from enigma.jobs.training_task import Task

HEADS = ("softmax", "isomax", "isomaxplus")
HELD_OUT = ("Sneaker", "Bag")


def tasks() -> list[tuple[Task, int]]:
    """All networks with their seeds, whole seeds first."""
    ten = [(Task("resnet-bn", head), seed) for seed in range(3) for head in HEADS]
    return ten[:3] + [(Task("resnet-bn", head, HELD_OUT), 0) for head in HEADS] + ten[3:]


def one(task: Task, seed: int, data_root: Path, out: Path) -> str:
    """Trains one network unless it is there; says what it did."""
    folder = out / f"seed-{seed}"
    name = f"{task.name}, seed {seed}"
    if (folder / f"{task.name}.json").is_file():
        return f"{name}: there"
    card = train(task, data_root, folder, seed=seed, report=lambda line: print(f"{name}: {line}", flush=True))
    return f"{name}: clean accuracy {card['clean_accuracy']:.4f}, temperature {card['temperature']:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    # Before torch starts its threads in the workers.
    os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // arguments.workers))
    with ProcessPoolExecutor(arguments.workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(one, task, seed, arguments.data_root, arguments.out) for task, seed in tasks()]
        for job in jobs:
            print(job.result(), flush=True)


if __name__ == "__main__":
    main()
