"""Images that the model does not know: which they are, and what part they have in stream, loss and probe."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from enigma.spec.catalogue import UNKNOWNS
from enigma.spec.spec_part import SpecPart
from enigma.spec.validation import is_there, known

UNKNOWN_SHARE = 0.2


class UnknownSpec(SpecPart):
    """The unknown images of a run; by default there are none.

    >>> UnknownSpec(unknown="digits").in_batch(64)
    13
    """

    unknown: str | None = Field(
        None,
        description=f"Images the model does not know, mixed into stream and probe: {', '.join(UNKNOWNS)}, a folder or "
        "an .npz; default: none.",
    )
    unknown_share: float | None = Field(
        None, ge=0, le=0.5, description="Which part of each batch of the stream is unknown, 0 to 0.5; default 0.2."
    )
    unknown_loss: Literal["mixture", "masked", "known"] | None = Field(
        None,
        description="What is adapted to: the mixture (default); masked, where unknown images pass through the model "
        "but are left out of the loss; or known, where they are never in a batch (an oracle).",
    )
    unknown_probes: int | None = Field(
        None, ge=10, description="Unknown images that are evaluated at every frame; default: the share of the stream."
    )

    def in_batch(self, batch_size: int) -> int:
        """Unknown images in each batch of the stream."""
        if self.unknown is None or self.unknown_loss == "known":
            return 0
        return round(batch_size * (UNKNOWN_SHARE if self.unknown_share is None else self.unknown_share))

    def in_probe(self, known_probes: int, available: int) -> int:
        """Unknown images in the probe: by default as large a part of it as they are of the stream, at least ten."""
        share = self.unknown_share or UNKNOWN_SHARE
        return self.unknown_probes or min(max(10, round(known_probes * share / (1 - share))), available)

    @field_validator("unknown")
    @classmethod
    def _known_unknown(cls, value: str | None) -> str | None:
        if value is None or "/" in value or is_there(value):
            return value
        return known(value, UNKNOWNS)

    @model_validator(mode="after")
    def _unknown_is_named(self) -> "UnknownSpec":
        fields = ("unknown_share", "unknown_loss", "unknown_probes")
        given = [name for name in fields if getattr(self, name) is not None]
        if given and self.unknown is None:
            raise ValueError(f"Expected `unknown` to name images with `{given[0]}`, but got none")
        return self
