"""Whether another seed of the k-means search changes silhouette score and shift distance of a recorded run.

    python tests/benchmarks/cluster_seeds.py [RUN FOLDER] [--seeds 4]

Prints, for each frame, both values, by how many percent the seeds differ, and the seconds of one core a search takes.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from enigma.analysis.metrics import measures
from enigma.analysis.metrics.clustering import clusters
from enigma.analysis.metrics.observed import nearness, observed, setting
from enigma.store.home import Home
from enigma.store.run_folder import Run


def differences(run: Run, seeds: int, count: int) -> np.ndarray:
    """One row a frame: step, silhouette, shift distance, both differences in percent, seconds."""
    shared, rows = setting(run), []
    for step in run.frame_steps:
        seen, values = observed(run, step, shared), []
        began = time.process_time()
        for seed in range(seeds):
            found = clusters(seen.embeddings, count, preferred=nearness(shared.means), seed=seed)
            values.append([
                measures.silhouette(seen.embeddings, found.labels),
                measures.shift_distance(found.centroids, shared.means),
            ])  # fmt: skip
        seconds = (time.process_time() - began) / seeds
        mean, spread = np.mean(values, 0), np.ptp(values, 0)
        rows.append([step, *mean, *(100 * spread / mean), seconds])
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="a run folder; the bundled run by default")
    parser.add_argument("--seeds", type=int, default=4)
    arguments = parser.parse_args()
    run = Run(arguments.run) if arguments.run else Home.default().example()
    rows = differences(run, arguments.seeds, len(run.facts["classes"]))
    print("step  silhouette  shift distance  differ by %, %  seconds")
    for step, silhouette, shift, one, two, seconds in rows:
        print(f"{step:4.0f}  {silhouette:10.4f}  {shift:14.3f}  {one:5.2f}  {two:5.2f}     {seconds:5.2f}")
    print(f"largest difference: {rows[:, 3].max():.2f} % and {rows[:, 4].max():.2f} %")


if __name__ == "__main__":
    main()
