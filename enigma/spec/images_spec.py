"""Which images a run sees: the dataset, what happened to it, and the reference to measure distances to."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from enigma.spec.catalogue import DATASETS
from enigma.spec.dataset_layouts import KNOWN
from enigma.spec.spec_part import SpecPart
from enigma.spec.validation import check_corruption, is_there, known
from enigma.spec.watched import WATCHED


class ImagesSpec(SpecPart):
    """The test images of a run, and its reference.

    >>> ImagesSpec(corruption="fog,snow", sequence="continual").corruptions
    ('fog', 'snow')
    """

    dataset: str = Field(
        "fashion-mnist",
        description=f"Test images: a bundled dataset, or the path of your own: {KNOWN}.",
    )
    corruption: str = Field(
        "impulse_noise",
        description="What happened to the test images; several with commas for `sequence`. Your own images: none.",
    )
    severity: int = Field(4, ge=1, le=5, description="Strength of the corruption, 1 to 5.")
    class_map: str | None = Field(
        None, description="A .json or .txt file that says which class each sub-folder is, for a subset of the classes."
    )
    reference: str | None = Field(
        None,
        description="Training or clean validation images to measure distances to: bundled, a folder, an .npz, or none.",
    )
    sequence: Literal["continual", "gradual", "mixed"] | None = Field(
        None,
        description="How several corruptions follow: continual (one after another), gradual (severity 1 up to "
        "`severity` and down again), mixed (each image has its own).",
    )

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The corruptions one by one."""
        return tuple(self.corruption.split(","))

    @model_validator(mode="before")
    @classmethod
    def _own_images_are_not_corrupted(cls, values: Any) -> Any:
        """The bundled images are corrupted unless asked otherwise; one's own are as they are unless asked."""
        dataset = values.get("dataset", "fashion-mnist") if isinstance(values, dict) else "fashion-mnist"
        # Anything but text is refused by the field itself.
        if isinstance(dataset, str) and dataset not in DATASETS:
            return {"corruption": "none", **values}
        return values

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, value: str) -> str:
        if value in DATASETS or value == WATCHED or is_there(value) or "/" in value:
            return value
        return known(value, DATASETS)

    @field_validator("class_map", "reference")
    @classmethod
    def _named_place(cls, value: str | None) -> str | None:
        # Empty text would be the folder that the program was started in.
        if value == "":
            raise ValueError("a path, or left out, but got ''")
        return value

    @field_validator("corruption")
    @classmethod
    def _named_corruption(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        if not all(re.fullmatch(r"[\w-]+", name) for name in names) or len(set(names)) < len(names):
            raise ValueError(f"one name, or several different ones with commas between, but got {value!r}")
        return ",".join(names)

    @model_validator(mode="after")
    def _sequence_fits_corruptions(self) -> "ImagesSpec":
        if self.dataset in DATASETS:
            for name in self.corruptions:
                check_corruption(name)
        several = len(self.corruptions) > 1
        if several and self.sequence is None:
            raise ValueError(
                "Expected `sequence` to be continual, gradual or mixed with several corruptions, but got none"
            )
        if self.sequence in ("continual", "mixed") and not several:
            raise ValueError(
                f"Expected several corruptions with commas between for a {self.sequence} stream, "
                f"but got `corruption` {self.corruption!r}"
            )
        if self.sequence == "gradual" and self.corruption == "none":
            raise ValueError("Expected a `corruption` for a gradual stream, but got 'none'")
        return self
