"""Peak memory of a run on 1,000 and on 10,000 generated JPEGs: it should not grow with the dataset.

    python tests/benchmarks/memory.py [--size 128] [--counts 1000 10000]

Each count runs in a process of its own; what is compared is how far its peak resident memory rises
above that of a process that has only imported what a run needs.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

MEGABYTE = 1024  # ru_maxrss is in kilobytes on Linux


def generate(root: Path, count: int, size: int) -> None:
    """`count` JPEGs of noise, `size` pixels wide and high, in ten folders."""
    rng = np.random.default_rng(0)
    for place in range(10):
        (root / str(place)).mkdir(parents=True)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        picture = coarse.resize((size, size), Image.Resampling.BILINEAR)
        picture.save(root / str(number % 10) / f"{number:06d}.jpg", quality=85)


def measure(root: Path, size: int) -> None:
    """Records a short run and prints the peak memory in megabytes before and after, in this process."""
    from enigma.recording.loop import record
    from enigma.spec.run_spec import RunSpec

    spec = RunSpec(
        model="torchvision:shufflenet_v2_x0_5@random", num_classes=10, input_size=size, dataset=str(root),
        reference="none", probes=100, references=10, batch_size=32, steps=20, frames=(0, 20), device="cpu",
    )  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    record(spec, root.parent / f"runs-{root.name}", root.parent / "cache")
    print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--counts", type=int, nargs=2, default=(1000, 10_000))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.size)
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.counts:
            root = Path(folder) / str(count)
            generate(root, count, arguments.size)
            command = [sys.executable, __file__, "--measure", str(root), "--size", str(arguments.size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            before, peak = map(float, done.stdout.split())
            peaks.append(peak)
            print(
                f"{count:>7,} images of {arguments.size}x{arguments.size}: peak {peak:.0f} MB, {peak - before:.0f} MB "
                f"above the imports; all of them in memory would be {count * arguments.size**2 * 3 / 2**20:.0f} MB"
            )
    print(f"ratio of the peaks: {peaks[1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
