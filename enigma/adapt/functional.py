"""The entropy functional at test time: every output is a unit with an entropy of its own, in bits.

'classes' minimises the mean over the images of sum_c H(l_c): each logit l_c is one unit, one against the rest. It is
not softmax entropy: the sum is smallest also where every class is denied, and adding a number to all logits changes it.
'margin' minimises the mean of H(l_1 - l_2) over the two highest logits: softmax over these two alone, in bits. With two
classes this is Tent divided by ln 2.

What moves is the scale and shift of the normalisation layers, as in Tent, or only a final entropy layer
z = (w + G) x + b whose w stays as it was trained: G and b are then a correction learned at test time.

Source: Mahi 2025, "Optimizing a Model Using Entropy: A Novel Approach", which has neither images nor adaptation: the
two forms and the frozen w are this project's.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Memoryless
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms, with_batch_statistics
from enigma.functionals.binary import binary_entropy
from enigma.functionals.layer import EntropyLayer
from enigma.spec.errors import InputError

FORMS = ("classes", "margin")
PARAMETERS = ("norms", "correction")


class MeanFunctional(Memoryless):
    """The mean over the batch of the functional in one of its forms; remembers nothing."""

    def __init__(self, form: str):
        self.form = form

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor, int]:
        if self.form == "classes":
            return binary_entropy(logits).sum(1).mean(), len(logits)
        highest = logits.topk(2, dim=1).values
        return binary_entropy(highest[:, 0] - highest[:, 1]).mean(), len(logits)


def with_correction(model: nn.Module) -> nn.Module:
    """`with_batch_statistics`, and an entropy layer in place of the last linear layer; only its G and b may be updated.

    Raises:
        InputError: the model has no linear layer.
    """
    model = with_batch_statistics(model)
    found = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not found:
        raise InputError(
            "Expected a model that ends in a linear classification layer to correct, but got one without any; "
            "use a method that adapts normalisation layers."
        )
    layer = EntropyLayer.around(model.get_submodule(found[-1]))  # type: ignore[arg-type]
    layer.weight.requires_grad_(False)
    if found[-1] == "":
        return layer
    model.set_submodule(found[-1], layer)
    return model


def build(
    model: nn.Module,
    *,
    form: str,
    parameters: str,
    optimizer: str = "adam",
    lr: float = 1e-3,
    momentum: float = 0.9,
    betas: Sequence[float] = (0.9, 0.999),
    weight_decay: float = 0.0,
) -> Adapter:
    """`form` is one of `FORMS`, `parameters` one of `PARAMETERS`; the rest is Tent's, so that the two compare.

    Raises:
        InputError: another form or other parameters.
    """
    for name, value, known in (("form", form, FORMS), ("parameters", parameters, PARAMETERS)):
        if value not in known:
            raise InputError(f"Expected `{name}` to be {' or '.join(map(repr, known))}, but got {value!r}.")
    own = with_adaptable_norms(model) if parameters == "norms" else with_correction(model)
    make_optimizer = optimizer_factory(optimizer, lr, momentum, betas, weight_decay)
    return GradientAdapter(own, MeanFunctional(form), make_optimizer)


def classes(model: nn.Module, **settings: object) -> Adapter:
    """One unit a class, over the normalisation parameters."""
    return build(model, form="classes", parameters="norms", **settings)  # type: ignore[arg-type]


def margin(model: nn.Module, **settings: object) -> Adapter:
    """One unit on the margin of the two highest logits, over the normalisation parameters."""
    return build(model, form="margin", parameters="norms", **settings)  # type: ignore[arg-type]


def classes_correction(model: nn.Module, **settings: object) -> Adapter:
    """One unit a class, over G and b of the final layer alone."""
    return build(model, form="classes", parameters="correction", **settings)  # type: ignore[arg-type]


def margin_correction(model: nn.Module, **settings: object) -> Adapter:
    """One unit on the margin, over G and b of the final layer alone."""
    return build(model, form="margin", parameters="correction", **settings)  # type: ignore[arg-type]
