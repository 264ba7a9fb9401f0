"""What a step of each method costs, on one thread, relative to Tent, and with its stream followed.

    python tests/benchmarks/methods.py [--out docs/results/data]

Batches of 64 bundled images with strong noise, of which the source model is unsure, on `resnet-bn`, and on `vit-ln`
for REM; CPU time of the process, which other processes hardly change, as the median of five steps after a first one,
with the papers' settings for CIFAR. Every recorded run follows its stream (`enigma.adapt.guarded`).
"""

import argparse
import statistics
import time

import result_file
import torch

from enigma import adapt
from enigma.adapt import Adapter
from enigma.adapt.guarded import Guarded
from enigma.images import image_set
from enigma.models import classifier
from enigma.spec.catalogue import METHODS

STEPS = 5


def step_time(adapter: Adapter | Guarded, batches: list[torch.Tensor]) -> float:
    """Median milliseconds of CPU time of a step."""
    adapter.step(batches[0])
    times = []
    for batch in batches[1:]:
        start = time.process_time()
        adapter.step(batch)
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result_file.add_option(parser)
    arguments = parser.parse_args()
    rows: list[result_file.Row] = []
    torch.set_num_threads(1)
    torch.manual_seed(0)
    pixels = torch.from_numpy(image_set.bundled("test").images[: 64 * (STEPS + 1)]).permute(0, 3, 1, 2) / 255
    # An unsure source model makes CoTTA look at all its views.
    pixels = (pixels + 0.4 * torch.randn(pixels.shape)).clamp(0, 1)
    source = torch.from_numpy(image_set.bundled("train").images[:256]).permute(0, 3, 1, 2) / 255
    tent: dict[str, float] = {}
    print("| method | model | ms a step | times Tent | followed, times unfollowed |\n|---|---|---:|---:|---:|")
    for method in ("tent", *(name for name in METHODS if name != "tent")):
        for model in ("resnet-bn", "vit-ln") if method == "tent" else ("vit-ln" if method == "rem" else "resnet-bn",):
            adapter = adapt.build(classifier.load(model).module, method, source_images=source)
            milliseconds = step_time(adapter, list(pixels.split(64)))
            adapter.reset()
            followed = step_time(Guarded(adapter), list(pixels.split(64))) / milliseconds
            tent.setdefault(model, milliseconds)
            times = f"{milliseconds:.1f} | {milliseconds / tent[model]:.2f} | {followed:.2f}"
            print(f"| {METHODS[method].title} | {model} | {times} |", flush=True)
            if method != "tent" or model == "resnet-bn":
                rows.append({"method": method, "model": model, "times_tent": f"{milliseconds / tent[model]:.2f}"})
    result_file.write(arguments.out, "method_cost", sorted(rows, key=lambda row: list(METHODS).index(row["method"])))


if __name__ == "__main__":
    main()
