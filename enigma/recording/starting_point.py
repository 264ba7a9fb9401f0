"""Where a recording starts from: the adapter that a spec asks for, and the state of chance of its first step."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from enigma import adapt
from enigma.adapt.adapter import Adapter, GradientAdapter
from enigma.adapt.building_blocks import BATCH_NORMS
from enigma.images.sources import Sources
from enigma.recording.device import Compute
from enigma.spec.errors import InputError
from enigma.spec.method_spec import MethodSpec
from enigma.spec.run_spec import RunSpec


@dataclass(frozen=True)
class StartingPoint:
    """The adapter as it was built, which may take long, and the state of chance from which it takes its first step."""

    adapter: Adapter
    random: Tensor

    @classmethod
    def of(cls, spec: RunSpec, sources: Sources, compute: Compute) -> "StartingPoint":
        """Builds the adapter; whatever draws random numbers before it steps does not change the run.

        Raises:
            InputError: the method cannot adapt this model.
        """
        torch.manual_seed(spec.seed)
        module = compute.place(sources.model.module)
        adapter = build_adapter(
            spec.adaptation, module, source_images(sources, compute), masked=spec.unknown_loss == "masked"
        )
        return cls(adapter, torch.get_rng_state())


def build_adapter(
    spec: MethodSpec, model: nn.Module, source_images: Callable[[], Tensor] | None, *, masked: bool = False
) -> Adapter:
    """The adapter that `spec` asks for, around a copy of `model`.

    Args:
        source_images: gives training images to a method that asks for them; None where there are none.
        masked: some images of a batch will be left out of the loss.

    Raises:
        InputError: there is no such method, or it cannot adapt this model, or not from a part of a batch.
    """
    named = {"optimizer": spec.optimizer, "lr": spec.lr} if spec.takes_optimizer else {}
    common = {name: value for name, value in named.items() if value is not None}
    adapter = adapt.build(model, spec.method, source_images=source_images, **common, **spec.settings)
    if masked and not isinstance(adapter, GradientAdapter):
        raise InputError(
            f"Expected a method with one loss a batch for `unknown_loss` masked, such as tent, eta or come_tent, but "
            f"got {spec.method}; choose mixture or known."
        )
    return adapter


def source_images(sources: Sources, compute: Compute) -> Callable[[], Tensor] | None:
    """Gives the reference images to methods that ask for images of the source; None where there are none."""
    reference = sources.reference
    return (lambda: compute.pixels(reference.images[:])) if len(reference) else None


def check_batch(spec: RunSpec, sources: Sources) -> None:
    """Refuses batches of one image where they are normalised with their own statistics.

    Raises:
        InputError: the batch is too small.
    """
    has_batch_norm = any(isinstance(module, BATCH_NORMS) for module in sources.model.module.modules())
    if spec.batch_size == 1 and has_batch_norm and spec.needs_batch:
        raise InputError(
            f"Expected `batch_size` to be at least 2, because {spec.method} normalises {spec.model} with the "
            "statistics of the batch, but got 1; use a larger batch or a model with GroupNorm or LayerNorm."
        )
