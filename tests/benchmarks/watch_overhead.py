"""The share of a loop's time that watching it takes: `python tests/benchmarks/watch_overhead.py [--steps 200]`.

The loop is Tent on the bundled network: batches of 64 images, and at every tenth step a forward pass of 1,000 probe
images. It runs with and without a watch by turns, with the very same forward passes, and the least time of each counts:
what is left is what watching costs, its thread and its disk included. Goal: 2 % at most. A second table logs embeddings
and logits of the whole probe at every step, which is more than anybody needs.
"""

import argparse
import contextlib
import tempfile
import time
from pathlib import Path

import torch

import enigma
from enigma import adapt
from enigma.images.sources import load_sources
from enigma.models.classifier import embed
from enigma.recording.device import Compute
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home


class Loop:
    """Tent on the bundled network, as somebody else would write it."""

    def __init__(self, steps: int, every: int):
        spec = RunSpec(probes=1000)
        sources = load_sources(spec.sources, Home.default().cache)
        compute = Compute.of("cpu", "float32")
        self.adapter = adapt.build(compute.place(sources.model.module), "tent")
        self.start = {name: value.clone() for name, value in self.adapter.state().items()}
        self.probe, self.labels = compute.pixels(sources.probe.images[:]), sources.probe.labels
        self.batches = [compute.pixels(sources.test.images[64 * step : 64 * step + 64]) for step in range(16)]
        self.steps, self.every = steps, every

    def seconds(self, home: Path | None) -> tuple[float, float]:
        """Of the whole loop, and of its calls of the watch; without `home` nobody watches."""
        self.adapter.load_state({name: value.clone() for name, value in self.start.items()})
        begun, inside = time.perf_counter(), 0.0
        with contextlib.ExitStack() as stack:
            watch = None
            if home:
                watch = stack.enter_context(enigma.watch("benchmark", probe_labels=self.labels, home=home))
            for step in range(self.steps):
                seen = {}
                if step % self.every == 0:
                    with torch.no_grad():
                        seen = dict(zip(("embeddings", "logits"), embed(self.adapter.model, self.probe), strict=True))
                logits = self.adapter.step(self.batches[step % len(self.batches)])
                called = time.perf_counter()
                if watch:
                    watch.log(step, **seen, loss=self.adapter.report.loss, stream_logits=logits)
                inside += time.perf_counter() - called
        return time.perf_counter() - begun, inside


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    print(
        "| frames | seconds without | seconds watched | share of the loop | inside `log` |\n|---|---:|---:|---:|---:|"
    )
    for every in (10, 1):
        loop, plain, watched = Loop(given.steps, every), [], []
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(given.times):
                plain.append(loop.seconds(None)[0])
                watched.append(loop.seconds(Path(folder)))
        (least, inside), without = min(watched), min(plain)
        share = (least - without) / least
        print(
            f"| every {every} step{'s' if every > 1 else ''} | {without:.2f} | {least:.2f} | {100 * share:.1f} % | "
            f"{100 * inside / least:.1f} % |"
        )


if __name__ == "__main__":
    main()
