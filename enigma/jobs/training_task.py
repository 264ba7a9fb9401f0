"""What `enigma train` trains, and how: architecture, head and classes, and the recipe of each architecture."""

from dataclasses import dataclass, replace

from enigma.images import fashion_mnist
from enigma.spec.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """How one architecture is trained: AdamW or SGD with a one-cycle learning rate (Smith & Topin 2018).

    Attributes:
        shift: batches are moved by up to so many pixels; 0 for the transformer, which has too few
            passes to learn it.
    """

    optimizer: str
    lr: float
    weight_decay: float
    epochs: int
    batch_size: int
    shift: int
    precision: str


RECIPES = {
    "resnet-bn": Recipe("sgd", 0.2, 5e-4, 15, 128, 2, "bfloat16"),
    "resnet-gn": Recipe("sgd", 0.1, 5e-4, 12, 128, 2, "bfloat16"),
    "vit-ln": Recipe("adamw", 1.5e-3, 0.05, 8, 64, 0, "float32"),
}


@dataclass(frozen=True)
class Task:
    """What is trained: an architecture, its head, the classes it learns.

    Attributes:
        head: one of `HEADS`; None trains the linear layer by the architecture's own, longer recipe and
            calibrates nothing.
        leave_out: names of classes that the network never sees.
        fractional: whether DisMax trains on images put together from quadrants too.
    """

    architecture: str
    head: str | None = None
    leave_out: tuple[str, ...] = ()
    fractional: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.leave_out if name not in fashion_mnist.CLASSES]
        if unknown or len(self.classes) < 2:
            raise InputError(
                f"Expected classes to leave out among {', '.join(fashion_mnist.CLASSES)}, at most eight of them, "
                f"but got {', '.join(self.leave_out)}."
            )
        if self.fractional and self.head != "dismax":
            raise InputError(f"Expected `fractional` with the head dismax only, but got it with {self.head}.")

    @property
    def name(self) -> str:
        """What weights and card are called."""
        parts = [self.architecture, self.head, "fractional" if self.fractional else None]
        parts.append(f"{len(self.classes)}-classes" if self.leave_out else None)
        return "-".join(part for part in parts if part)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(name for name in fashion_mnist.CLASSES if name not in self.leave_out)

    @property
    def recipe(self) -> Recipe:
        """Shorter with a head named, and the same for every head, so that the heads can be compared."""
        recipe = RECIPES[self.architecture]
        return replace(recipe, epochs=8, lr=0.1) if self.head and recipe.optimizer == "sgd" else recipe
