"""How long a new process takes to project a run: UMAP with its compilation, and the true distances.

    python tests/benchmarks/projection_seconds.py --home FOLDER [--out docs/results/data]

Records two runs of the bundled model, 18 frames of 1,000 images and 40 of 5,000, each with 1,000 training images, if
they are not there. Prints seconds and the largest memory of the process; to be run on a machine that does nothing else.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import result_file

from enigma.recording.loop import record
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home

SIZES = ((18, 1000), (40, 5000))

_PROJECT = """
import sys
from pathlib import Path
from enigma.analysis.projection import stored
from enigma.store.run_folder import Run
stored.project(Run(Path(sys.argv[1])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="Only the first of the two.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    home = Home(arguments.home)
    rows: list[result_file.Row] = []
    for frames, probes in SIZES[:1] if arguments.small else SIZES:
        run = record(RunSpec(steps=200, frames=frames, probes=probes), home.runs, home.cache)
        for file in run.path.glob("derived/projections/*"):
            file.unlink()
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", _PROJECT, str(run.path)], check=True)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        rows.append(
            {"frames": frames, "images": probes, "seconds": f"{seconds:.0f}", "largest_memory_gib": f"{peak:.1f}"}
        )
        print(f"{frames} frames of {probes:,} images: {seconds:.1f} s, {peak:.1f} GiB", flush=True)
    result_file.write(arguments.out, "projection_seconds", rows)


if __name__ == "__main__":
    main()
