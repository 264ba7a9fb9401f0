"""Layer-wise forward learning: every layer descends on the entropy of its own units, without labels or backpropagation.

    python -m enigma.jobs.layerwise assets/layerwise/fashion-mnist.json

A multi-layer perceptron sees the same images at every step. Layer l computes z = W x + b and D = sigmoid(z) from the
outputs x of the layer before and moves against

    g = -(1/ln 2) [z D (1 - D) + ΔD],    W <- W - η mean(g x),    b <- b - η mean(g),

where ΔD is the change of D since the step before; without ΔD it is gradient descent on the entropy functional. The
published quantity of a step is -(1/ln 2) Σ z ΔD, a term of the sum that approximates the change of the entropy.

Source: Mahi 2025, "Structured Knowledge Accumulation", arXiv:2503.13942, equation 22 and section 4: 784-256-128-64-10,
weights 0.01 N(0, 1), biases 0, 1,000 images, η = 0.01, K = 50. The published code takes x from the step before; here z
and x are of the same step.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from enigma.analysis.layerwise import Layerwise, read_out
from enigma.functionals.binary import BITS, binary_entropy, binary_entropy_derivative
from enigma.images.image_set import bundled


@dataclass(frozen=True)
class Experiment:
    """What determines a layer-wise experiment; the defaults are the published ones.

    Attributes:
        rate: learning rate η.
        with_change: whether the update has the published term ΔD.
        images_a_class: training images of each class, and as many held-out ones for the read-out.
    """

    widths: tuple[int, ...] = (256, 128, 64, 10)
    steps: int = 50
    rate: float = 0.01
    with_change: bool = True
    images_a_class: int = 100
    seed: int = 0


@dataclass
class Layers:
    """Weights (units, inputs) and biases of every layer, which `update` changes in place."""

    weights: list[Tensor]
    biases: list[Tensor]

    @classmethod
    def random(cls, inputs: int, experiment: Experiment) -> "Layers":
        """Weights 0.01 N(0, 1) and biases 0, in double precision, so that no difference is lost to rounding."""
        generator = torch.Generator().manual_seed(experiment.seed)
        sizes = zip((inputs, *experiment.widths[:-1]), experiment.widths, strict=True)
        weights = [0.01 * torch.randn(o, i, generator=generator, dtype=torch.float64) for i, o in sizes]
        return cls(weights, [weight.new_zeros(len(weight)) for weight in weights])

    def activations(self, x: Float[Tensor, "images inputs"]) -> list[Float[Tensor, "images units"]]:
        """The activations z of each layer."""
        found = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            found.append(x @ weight.T + bias)
            x = torch.sigmoid(found[-1])
        return found

    def update(self, x: Tensor, zs: list[Tensor], changes: list[Tensor], experiment: Experiment) -> None:
        """One step of every layer on its own; `changes` is ΔD of each layer."""
        for index, (z, change) in enumerate(zip(zs, changes, strict=True)):
            gradient = binary_entropy_derivative(z) - BITS * change * experiment.with_change
            before = torch.sigmoid(zs[index - 1]) if index else x
            self.weights[index] -= experiment.rate * gradient.T @ before / len(x)
            self.biases[index] -= experiment.rate * gradient.mean(0)


def run(experiment: Experiment) -> Layerwise:
    """Runs the experiment on the bundled Fashion-MNIST: half a minute on two CPU cores."""
    x, labels, classes = _images("train", experiment.images_a_class)
    held_out, held_out_labels, _ = _images("test", experiment.images_a_class)
    layers = Layers.random(x.shape[1], experiment)
    rows: dict[str, list] = {name: [] for name in (*Layerwise.SERIES, "outputs", "commonest")}
    for zs, changes in _steps(layers, x, experiment):
        for name, values in _measured(zs, changes, labels).items():
            rows[name].append(values)
        tested = layers.activations(held_out)
        for name, standardise in (("readout", False), ("readout_standardised", True)):
            rows[name].append(
                [
                    read_out(_outputs(z), labels, _outputs(test), held_out_labels, standardise=standardise)
                    for z, test in zip(zs, tested, strict=True)
                ]
            )
    pixels = read_out(x.numpy(), labels, held_out.numpy(), held_out_labels)
    settings = {"data": "Fashion-MNIST", **asdict(experiment)}
    return Layerwise(settings, classes, pixel_readout=pixels, **{name: np.array(row) for name, row in rows.items()})


def _steps(layers: Layers, x: Tensor, experiment: Experiment) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """The activations z and changes ΔD of each layer after 0, 1, ... updates."""
    before: list[Tensor] = []
    for step in range(experiment.steps + 1):
        zs = layers.activations(x)
        outputs = [torch.sigmoid(z) for z in zs]
        changes = [now - then for now, then in zip(outputs, before or outputs, strict=True)]
        yield zs, changes
        if step < experiment.steps:
            layers.update(x, zs, changes, experiment)
        before = outputs


def _measured(zs: list[Tensor], changes: list[Tensor], labels: np.ndarray) -> dict[str, object]:
    """Every series but the read-outs, for one step."""
    pairs = list(zip(zs, changes, strict=True))
    outputs = torch.sigmoid(zs[-1])
    largest = outputs.argmax(1).bincount()
    return {
        "entropy": [binary_entropy(z).mean().item() for z in zs],
        "increment": [-BITS * (z * change).sum().item() for z, change in pairs],
        # The cosine with a change of zero is undefined; cosine_similarity gives 0.
        "cosine": [torch.cosine_similarity(z.flatten(), change.flatten(), dim=0).item() for z, change in pairs],
        "norm": [z.norm().item() for z in zs],
        "spread": [torch.sigmoid(z).std(0, correction=0).mean().item() for z in zs],
        "outputs": [outputs[labels == label].mean(0).tolist() for label in np.unique(labels)],
        "commonest": largest.max().item() / len(labels),
    }


def _outputs(z: Tensor) -> np.ndarray:
    return torch.sigmoid(z).numpy()


def _images(split: str, a_class: int) -> tuple[Float[Tensor, "images 784"], Int64[np.ndarray, " images"], tuple]:
    """The first images of each class, 28x28 grey pixels in [0, 1], and their labels."""
    images = bundled(split)
    chosen = np.concatenate([np.flatnonzero(images.labels == c)[:a_class] for c in range(len(images.classes))])
    grey = images.images[chosen][:, 2:-2, 2:-2, 0].reshape(len(chosen), -1)
    return torch.from_numpy(grey / 255.0), images.labels[chosen], images.classes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=Experiment.rate)
    parser.add_argument("--steps", type=int, default=Experiment.steps)
    parser.add_argument("--without-change", action="store_true", help="Pure descent on the functional, without ΔD.")
    given = parser.parse_args()
    experiment = Experiment(
        seed=given.seed, rate=given.rate, steps=given.steps, with_change=not given.without_change
    )  # fmt: skip
    run(experiment).write(given.out)


if __name__ == "__main__":
    main()
