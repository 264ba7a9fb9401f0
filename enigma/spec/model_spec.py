"""Which classifier is adapted, and what its weights do not say of it."""

import re
from typing import Any

from pydantic import Field, field_validator

from enigma.spec.catalogue import MODELS, ZOOS
from enigma.spec.spec_part import SpecPart
from enigma.spec.validation import is_own_builder, known
from enigma.spec.watched import WATCHED

Triple = tuple[float, float, float]
LARGEST_SIZE = 8192
"""Width and height of what a model is given; memory grows with the square."""

LOCAL_FOLDER = "local-dir:"
"""What timm puts before the path of a folder."""

_FORMS = (
    "torchvision:NAME[@WEIGHTS or @random], timm:NAME, timm:local-dir:FOLDER, hf:FOLDER (as Hugging Face saves it), "
    "robustbench:DATASET/NAME, imagenet:efficientnet-lite0, or your own package.module:function"
)


def folder_of(model: str) -> str | None:
    """The folder that a model is read from; None where it is named otherwise.

    >>> folder_of("hf:models/vit"), folder_of("timm:local-dir:models/net"), folder_of("timm:resnet50")
    ('models/vit', 'models/net', None)
    """
    zoo, _, rest = model.partition(":")
    if zoo == "hf":
        return rest
    return rest.removeprefix(LOCAL_FOLDER) if zoo == "timm" and rest.startswith(LOCAL_FOLDER) else None


class ModelSpec(SpecPart):
    """The classifier of a run.

    >>> ModelSpec(model="torchvision:resnet18@random", mean="0.5").mean
    (0.5, 0.5, 0.5)
    """

    model: str = Field(
        "resnet-bn",
        description=f"The classifier to adapt: a bundled one, {_FORMS}.",
    )
    weights: str | None = Field(
        None, description="File of your own weights: .safetensors, or .pt and .pth with nothing but tensors."
    )
    num_classes: int | None = Field(None, ge=2, description="Outputs of the model; default: found in the weights.")
    layer: str | None = Field(
        None, description="Name of the layer whose input is the embedding; default: the last classification layer."
    )
    mean: Triple | None = Field(
        None, description="Mean of red, green and blue in [0, 1] that is subtracted; default: the weights' own."
    )
    std: Triple | None = Field(
        None, description="Standard deviation of red, green and blue to divide by; default: the weights' own."
    )
    input_size: int | None = Field(
        None, ge=8, le=LARGEST_SIZE, description="Width and height of the images the model is given."
    )
    class_names: str | None = Field(
        None, description="Names of the classes in the model's order: a .txt or .json file, or a list with commas."
    )

    @property
    def is_bundled(self) -> bool:
        """Whether the architecture is one of the catalogue."""
        return self.model in MODELS

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        zoo, colon, _ = value.partition(":")
        if (folder := folder_of(value)) is not None:
            if not folder.strip():
                raise ValueError(f"{value}FOLDER, a folder on this machine, but got {value!r}")
            return value
        if colon and zoo in ZOOS:
            if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*(@\w+)?", value[len(zoo) + 1 :]):
                raise ValueError(f"{zoo}:NAME as in {ZOOS[zoo].summary}, but got {value!r}")
            return value
        return value if is_own_builder(value) or value == WATCHED else known(value, MODELS, _FORMS)

    @field_validator("mean", "std", mode="before")
    @classmethod
    def _triple_from_text(cls, value: Any) -> Any:
        """'0.5,0.5,0.5' or one number for all three."""
        numbers = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
        return value if value is None else tuple(numbers * 3 if len(numbers) == 1 else numbers)

    @field_validator("std")
    @classmethod
    def _positive(cls, value: Triple | None) -> Triple | None:
        if value is not None and min(value) <= 0:
            raise ValueError(f"three numbers above 0, but got {value}")
        return value
