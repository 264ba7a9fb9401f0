"""RunSpec: everything that determines a run, validated, in one place.

The command line's options, the page's form and the run folder are made from these fields; their
descriptions are the help texts. A spec reads and writes TOML and JSON.
"""

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from enigma.catalogue import CORRUPTIONS, DATASETS, DEVICES, METHODS, MODELS, Method, Setting
from enigma.errors import InputError

SettingValue = bool | int | float | str | tuple[float, ...] | None


class RunSpec(BaseModel):
    """Everything that determines a run.

    >>> RunSpec(steps=100, frames=5).frame_steps
    (0, 1, 5, 22, 100)

    Raises:
        InputError: from `parse`, `read` and `override`, naming the field, what was expected and what came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str = Field("resnet-bn", description="The classifier to adapt.")
    dataset: str = Field(
        "fashion-mnist", description="Test images: a bundled dataset, or a folder with one sub-folder a class."
    )
    corruption: str = Field("impulse_noise", description="What happened to the test images.")
    severity: int = Field(4, ge=1, le=5, description="Strength of the corruption, 1 to 5.")
    order: Literal["shuffled", "sorted", "sequential"] = Field(
        "shuffled", description="Order of the stream: shuffled, sorted by label (correlated), or as stored."
    )
    method: str = Field("tent", description="The adaptation method.")
    settings: dict[str, SettingValue] = Field(default_factory=dict, description="Settings of the method, by name.")
    optimizer: Literal["adam", "sgd"] = Field("adam", description="What turns gradients into updates.")
    lr: float = Field(3e-3, gt=0, description="Learning rate; a larger one reaches both phases sooner.")
    batch_size: int = Field(64, ge=1, description="Images a step, and images a batch when the probe is evaluated.")
    steps: int = Field(500, ge=1, description="Updates.")
    frames: Annotated[int, Field(ge=2)] | tuple[int, ...] = Field(
        18, description="How many frames to record, spaced logarithmically, or their steps as a list."
    )
    probes: int = Field(1000, ge=10, description="Fixed test images that are evaluated at every frame.")
    references: int = Field(1000, ge=10, description="Fixed training images to measure distances to.")
    seed: int = Field(0, ge=0, description="Seed of every random choice.")
    device: str = Field("auto", description="Where to compute: auto, cpu, cuda, cuda:1, mps.")
    precision: Literal["float32", "float64", "bfloat16"] = Field(
        "float32", description="Number format of the model; bfloat16 is automatic mixed precision."
    )

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        return _known(value, MODELS)

    @field_validator("corruption")
    @classmethod
    def _known_corruption(cls, value: str) -> str:
        return _known(value, CORRUPTIONS)

    @field_validator("method")
    @classmethod
    def _known_method(cls, value: str) -> str:
        return value if _is_own_builder(value) else _known(value, METHODS)

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, value: str) -> str:
        if value in DATASETS or Path(value).is_dir() or "/" in value:
            return value
        return _known(value, DATASETS)

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        return value if re.fullmatch(r"cuda:\d+", value) else _known(value, DEVICES)

    @field_validator("frames", mode="before")
    @classmethod
    def _frames_from_text(cls, value: Any) -> Any:
        """'20' is a count and '0,10,100' a list, so that the command line and a form can give either."""
        if not isinstance(value, str):
            return value
        if not re.fullmatch(r"\d+(,\s*\d+)*", value):
            raise ValueError(f"a count such as 20 or steps such as 0,10,100, but got {value!r}")
        numbers = [int(number) for number in value.split(",")]
        return numbers if len(numbers) > 1 else numbers[0]

    @field_validator("frames")
    @classmethod
    def _sorted_frames(cls, value: int | tuple[int, ...]) -> int | tuple[int, ...]:
        return value if isinstance(value, int) else tuple(sorted(set(value)))

    @model_validator(mode="after")
    def _consistent(self) -> "RunSpec":
        if not isinstance(self.frames, int) and (self.frames[:1] != (0,) or self.frames[-1] != self.steps):
            raise ValueError(
                f"Expected `frames` to begin with 0 and end with {self.steps} (`steps`), but got {self.frames}"
            )
        if self.method in METHODS:
            _check_settings(METHODS[self.method], self.method, self.settings)
        return self

    @classmethod
    def parse(cls, values: dict[str, Any]) -> "RunSpec":
        """A spec from plain values; fields that are not named take their defaults."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(_sentence(error)) from error

    @classmethod
    def read(cls, path: Path) -> "RunSpec":
        """A spec from a .toml or .json file."""
        try:
            text = path.read_text(encoding="utf-8")
            values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise InputError(f"Expected {path} to be a TOML or JSON run spec, but got: {error}.") from error
        return cls.parse(values)

    def override(self, **values: Any) -> "RunSpec":
        """A copy with some fields changed, validated again."""
        return self.parse({**self.to_dict(), **values})

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
        if not isinstance(self.frames, int):
            return self.frames
        return _log_spaced(self.steps, self.frames)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `parse` reads back, without what is None."""
        return self.model_dump(mode="json", exclude_none=True)

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


def _log_spaced(steps: int, count: int) -> tuple[int, ...]:
    """`count` distinct whole numbers from 0 to `steps`, as even as they can be on a logarithmic axis."""
    count = min(count, steps + 1)
    chosen: set[int] = set()
    # Rounding makes small steps coincide; a finer spacing makes up for them.
    for fineness in range(count - 1, 100 * count):
        chosen = {0, *np.geomspace(1, steps, max(fineness, 1)).round().astype(int).tolist(), steps}
        if len(chosen) >= count:
            break
    spare = sorted(chosen)[1:-1]
    keep: list[int] = np.linspace(0, len(spare) - 1, count - 2).round().astype(int).tolist() if count > 2 else []
    return (0, *(spare[i] for i in keep), steps)


def _is_own_builder(value: str) -> bool:
    return re.fullmatch(r"[\w.]+:\w+", value) is not None


def _known(value: str, names: Iterable[str]) -> str:
    if value in (names := list(names)):
        return value
    near = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"one of {', '.join(names)}, but got {value!r}{hint}")


def _check_settings(method: Method, name: str, settings: dict[str, SettingValue]) -> None:
    known = {setting.name: setting for setting in method.settings}
    for key, value in settings.items():
        if key not in known:
            allowed = ", ".join(known) or "none"
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"Expected `settings` of {name} to be among: {allowed}, but got {key!r}{hint}")
        _check_setting(known[key], value)


def _check_setting(setting: Setting, value: SettingValue) -> None:
    pair = isinstance(setting.default, tuple)
    if value is None:
        fits = setting.default is None
    elif isinstance(value, tuple):
        fits = pair and len(value) == 2 and all(_fits(setting, number) for number in value)
    else:
        fits = not pair and _fits(setting, value)
    if not fits:
        kind = "two numbers" if pair else "a whole number" if setting.whole else "a number"
        limits = f"from {setting.minimum:g}" + (f" to {setting.maximum:g}" if setting.maximum < float("inf") else "")
        raise ValueError(f"Expected `settings.{setting.name}` to be {kind} {limits}, but got {value!r}")


def _fits(setting: Setting, number: SettingValue) -> bool:
    if isinstance(number, bool) or not isinstance(number, int if setting.whole else int | float):
        return False
    return setting.minimum <= number <= setting.maximum


def _sentence(error: ValidationError) -> str:
    """The first problem as one sentence that names the field, what was expected and what came."""
    problem = error.errors()[0]
    field = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "value_error":
        text = str(problem["ctx"]["error"])
        text = text if text.startswith("Expected") else f"Expected `{field}` to be {text}"
        return text if text.endswith("?") else f"{text}."
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(field, RunSpec.model_fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(RunSpec.model_fields)}."
        return f"Expected the fields of a run spec, but got {field!r}; {hint}"
    wanted = re.sub(r"^(Input|Value) should (be )?", "", problem["msg"])
    return f"Expected `{field}` to be {wanted}, but got {problem['input']!r}."
