"""How the test images arrive: in which order, how many at a time, how often, and which of them never."""

from typing import Literal

from pydantic import Field, model_validator

from enigma.spec.spec_part import SpecPart


class StreamSpec(SpecPart):
    """The stream of a run.

    >>> StreamSpec(order="correlated", dirichlet=0.01).batch_size
    64
    """

    order: Literal["shuffled", "sorted", "sequential", "correlated"] = Field(
        "shuffled",
        description="Order of the stream: shuffled, sorted by label, sequential (as stored), or correlated in time "
        "(`dirichlet`).",
    )
    batch_size: int = Field(64, ge=1, description="Images a step, and images a batch when the probe is evaluated.")
    steps: int = Field(500, ge=1, le=10**9, description="Updates.")
    period: int | None = Field(
        None, ge=1, description="Steps that each part of a sequence lasts; default: one pass over the images."
    )
    dirichlet: float | None = Field(
        None, gt=0, description="Concentration over time of each class in a correlated stream: 0.01 is nearly sorted, "
        "100 nearly shuffled; default 0.1.",
    )  # fmt: skip
    imbalance: float | None = Field(
        None, ge=1, description="How many times as many images the first class of the stream has as the last."
    )
    exclude_top_k: int | None = Field(
        None, ge=1, description="Keep images out of the stream whose label is among the source model's k best guesses."
    )
    exclude_entropy: float | None = Field(
        None, gt=0, description="Keep images out of the stream whose entropy under the source model is below (nats)."
    )

    @property
    def excludes(self) -> bool:
        """Whether images are kept out of the stream."""
        return self.exclude_top_k is not None or self.exclude_entropy is not None

    @model_validator(mode="after")
    def _dirichlet_fits_order(self) -> "StreamSpec":
        if self.dirichlet is not None and self.order != "correlated":
            raise ValueError(f"Expected `dirichlet` with `order` correlated only, but got it with {self.order!r}")
        return self
