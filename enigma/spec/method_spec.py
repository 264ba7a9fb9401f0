"""How the model adapts: the method, its settings, what turns gradients into updates, and when to stop or start anew."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from enigma.spec.catalogue import METHODS
from enigma.spec.spec_part import SpecPart
from enigma.spec.validation import SettingValue, check_settings, is_own_builder, known
from enigma.spec.watched import WATCHED


class MethodSpec(SpecPart):
    """The adaptation method of a run.

    >>> MethodSpec(method="rdumb", settings={"reset_every": 200}).takes_optimizer
    True
    """

    method: str = Field("tent", description="The adaptation method.")
    settings: dict[str, SettingValue] = Field(default_factory=dict, description="Settings of the method, by name.")
    # Never None in what is recorded; see `enigma.spec.recipes`.
    optimizer: Literal["adam", "sgd"] | None = Field(
        None,
        description="What turns gradients into updates; default: what the method's paper uses for a model of so many "
        "classes (`enigma list methods --json`), adam for Tent on a bundled model.",
    )
    lr: float | None = Field(
        None,
        gt=0,
        description="Learning rate; a larger one reaches both phases sooner; default: the paper's, 0.003 for Tent on "
        "a bundled model.",
    )
    stop: Literal["suggested"] | Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="When to stop updating: suggested (back to the last step at which the predictions were unmoved, "
        "told without labels), or after so many steps; default: never.",
    )
    reset: Literal["on-alarm"] | Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="When to go back to the source model: on-alarm (when predicted classes vanish, told without "
        "labels), or every so many steps; default: never.",
    )

    @property
    def takes_optimizer(self) -> bool:
        """Whether the method is given `optimizer` and `lr`; one's own always is."""
        return self.method not in METHODS or METHODS[self.method].uses_gradient

    @property
    def needs_batch(self) -> bool:
        """Whether the method normalises with the statistics of a batch, so that one image is too few."""
        return self.method not in METHODS or METHODS[self.method].batch_statistics

    @field_validator("method")
    @classmethod
    def _known_method(cls, value: str) -> str:
        return value if is_own_builder(value) or value == WATCHED else known(value, METHODS)

    @model_validator(mode="after")
    def _settings_fit_method(self) -> "MethodSpec":
        if self.method in METHODS:
            check_settings(METHODS[self.method], self.method, self.settings)
        return self
