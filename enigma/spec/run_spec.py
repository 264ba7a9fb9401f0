"""RunSpec: everything that determines a run, validated, in one place.

It is made of the parts `ModelSpec`, `ImagesSpec`, `MethodSpec`, `StreamSpec`, `UnknownSpec` and `ProbeSpec`, and is
flat: each of their fields is one of its own. The command line's options, the page's form and the run folder are made
from these fields; their descriptions are the help texts. A spec reads and writes TOML and JSON.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tomli_w
from pydantic import Field, field_validator, model_validator

from enigma.spec.catalogue import DEVICES
from enigma.spec.errors import InputError
from enigma.spec.images_spec import ImagesSpec
from enigma.spec.method_spec import MethodSpec
from enigma.spec.model_spec import ModelSpec
from enigma.spec.probe_spec import LEAST_IMAGES, ProbeSpec
from enigma.spec.recipes import published_recipe, recorded_recipe
from enigma.spec.sources_spec import SourcesSpec
from enigma.spec.stream_spec import StreamSpec
from enigma.spec.unknown_spec import UnknownSpec
from enigma.spec.validation import known
from enigma.spec.watched import WATCHED

# The order in which runs have been stored since version 0.1.0; a field that is not named here follows at the end.
# None, the default of those from `weights` on, is left out of the stored spec and of the id: so runs that were
# recorded before there was such a field keep theirs. A new field must do likewise.
STORED_ORDER = (
    "model", "dataset", "corruption", "severity", "order", "method", "settings", "optimizer", "lr", "batch_size",
    "steps", "frames", "probes", "references", "seed", "device", "precision",
    "weights", "num_classes", "layer", "mean", "std", "input_size", "class_names", "class_map", "reference", "sequence",
    "period", "dirichlet", "imbalance", "exclude_top_k", "exclude_entropy", "stop", "reset",
    "unknown", "unknown_share", "unknown_loss", "unknown_probes", "watched",
)  # fmt: skip


# Fields of the last base come first: model, images, method, stream, unknown images, probe, and then these four.
class RunSpec(ProbeSpec, UnknownSpec, StreamSpec, MethodSpec, ImagesSpec, ModelSpec):
    """Everything that determines a run.

    >>> RunSpec(steps=100, frames=5).frame_steps
    (0, 1, 5, 22, 100)
    >>> RunSpec(model="vit-ln", lr=0.01).adaptation.lr
    0.01

    Raises:
        InputError: from `parse`, `read` and `override`, naming the field, what was expected and what came.
        pydantic.ValidationError: from the constructor, a ValueError too.
    """

    seed: int = Field(0, ge=0, lt=2**63, description="Seed of every random choice.")
    device: str = Field("auto", description="Where to compute: auto, cpu, cuda, cuda:1, mps.")
    precision: Literal["float32", "float64", "bfloat16"] = Field(
        "float32", description="Number format of the model; bfloat16 is automatic mixed precision."
    )
    watched: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Name of a loop of one's own that `enigma.watch` recorded; nothing else records such a run.",
    )

    @cached_property
    def classifier(self) -> ModelSpec:
        """The part that speaks of the model."""
        return ModelSpec.of(self)

    @cached_property
    def images(self) -> ImagesSpec:
        """The part that speaks of the test images and the reference."""
        return ImagesSpec.of(self)

    @cached_property
    def adaptation(self) -> MethodSpec:
        """The part that speaks of the method."""
        return MethodSpec.of(self)

    @cached_property
    def stream(self) -> StreamSpec:
        """The part that speaks of how the test images arrive."""
        return StreamSpec.of(self)

    @cached_property
    def unknown_images(self) -> UnknownSpec:
        """The part that speaks of images the model does not know."""
        return UnknownSpec.of(self)

    @cached_property
    def probe(self) -> ProbeSpec:
        """The part that speaks of what is recorded."""
        return ProbeSpec.of(self)

    @cached_property
    def sources(self) -> SourcesSpec:
        """The parts that say what the run reads.

        Raises:
            InputError: it reads nothing, because somebody's own loop was watched.
        """
        if self.watched is not None:
            raise InputError(
                f"Expected a run that can be recorded here, but {self.watched!r} was watched in a loop of one's own; "
                "run that loop again, with `enigma.watch`."
            )
        return SourcesSpec(self.classifier, self.images, self.stream, self.unknown_images, self.probe, self.seed)

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        return value if re.fullmatch(r"cuda:\d+", value) else known(value, DEVICES)

    @model_validator(mode="after")
    def _with_recipe(self) -> "RunSpec":
        """What is not named of optimizer and learning rate, without counting as named: another method has another."""
        found = recorded_recipe(self.method, self.model, weights=self.weights, classes=self.num_classes)
        for name in ("optimizer", "lr"):
            if found is not None and getattr(self, name) is None:
                self.__dict__[name] = getattr(found, name)
        return self

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "RunSpec":
        of_loop = [name for name in ("model", "dataset", "method") if getattr(self, name) == WATCHED]
        if len(of_loop) != (0 if self.watched is None else 3):
            raise ValueError(
                f"Expected {WATCHED!r} as model, dataset and method of a run that `enigma.watch` recorded, which has a "
                f"name in `watched`, and of no other, but got it as {', '.join(of_loop) or 'none of them'}"
            )
        if self.watched is not None:
            return self
        if not isinstance(self.frames, int) and (self.frames[:1] != (0,) or self.frames[-1] != self.steps):
            raise ValueError(
                f"Expected `frames` to begin with 0 and end with {self.steps} (`steps`), but got {self.frames}"
            )
        if self.period is not None and self.sequence not in ("continual", "gradual"):
            raise ValueError(
                f"Expected `period` with `sequence` continual or gradual only, but got {self.period} without"
            )
        return self

    @classmethod
    def read(cls, path: Path) -> "RunSpec":
        """A spec from a .toml or .json file."""
        return cls.parse(read_values(path))

    def override(self, **values: Any) -> "RunSpec":
        """A copy with some fields changed, validated again; fields that were never given keep to their defaults."""
        given = {name: value for name, value in self.to_dict().items() if name in self.model_fields_set}
        return self.parse({**given, **values})

    def resolved(self, classes: int) -> "RunSpec":
        """The spec with the optimizer and learning rate that it leaves to the paper, for a model of so many classes.

        >>> RunSpec(model="torchvision:resnet50").resolved(1000).lr
        0.00025
        """
        found = recorded_recipe(self.method, self.model, weights=self.weights, classes=classes)
        missing = [name for name in ("optimizer", "lr") if getattr(self, name) is None]
        return self.override(**{name: getattr(found, name) for name in missing}) if found and missing else self

    def at_most(self, available: Mapping[str, int]) -> "RunSpec":
        """The spec with no more images than there are; of 0, as of reference images, nothing is known.

        >>> RunSpec(probes=1000).at_most({"probes": 72, "references": 0}).probes
        72
        """
        fewer = {name: most for name, most in available.items() if 0 < most < getattr(self, name)}
        least = {"probes": LEAST_IMAGES, "references": LEAST_IMAGES}
        # Where there are fewer than can be asked for, all of them are taken.
        return self.override(**{name: max(most, least.get(name, 1)) for name, most in fewer.items()}) if fewer else self

    def as_published(self) -> "RunSpec":
        """The same with the optimizer and learning rate of the method's paper where none is named.

        It differs for `enigma.spec.recipes.DEMONSTRATION` only: everything else takes its paper's already.

        >>> RunSpec().as_published().lr, RunSpec(lr=0.1).as_published().lr, RunSpec(method="eata").as_published().lr
        (0.001, 0.1, 0.001)
        """
        found = published_recipe(self.method, self.model, weights=self.weights)
        missing = [name for name in ("optimizer", "lr") if name not in self.model_fields_set]
        return self.override(**{name: getattr(found, name) for name in missing}) if found and missing else self

    def extended(self, more: int, step: int, frames: int = 8) -> "RunSpec":
        """The run as far as `step` and `more` steps on: its frames so far stay, up to `frames` new ones follow evenly.

        >>> RunSpec(steps=100, frames=5).extended(10, step=22, frames=2).frame_steps
        (0, 1, 5, 22, 27, 32)
        """
        new = np.linspace(step, step + more, min(frames, more) + 1).astype(int).tolist()
        kept = [recorded for recorded in self.frame_steps if recorded <= step]
        return self.override(steps=step + more, frames=[*kept, *new])

    @property
    def frame_steps(self) -> tuple[int, ...]:
        """The steps at which a frame is recorded: 0, then growing ever wider apart, then `steps`."""
        return self.recorded_at(self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `parse` reads back, in the order in which they are stored, without what is None."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {name: values[name] for name in dict.fromkeys((*STORED_ORDER, *values)) if name in values}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1)

    def to_toml(self) -> str:
        values = self.to_dict()
        values["settings"] = {name: value for name, value in self.settings.items() if value is not None}
        return tomli_w.dumps(values)

    def run_id(self, data_digest: str) -> str:
        """Twelve hexadecimal digits of the SHA-256 of this spec and of the data it names."""
        canonical = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(f"{canonical}\n{data_digest}".encode()).hexdigest()[:12]


def read_values(path: Path) -> dict[str, Any]:
    """The plain values of a .toml or .json file.

    Raises:
        InputError: it cannot be read as one.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        if not isinstance(values, dict):
            raise ValueError("no fields by name")
        return values
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"Expected {path} to be a TOML or JSON run spec, but got: {error}.") from error
