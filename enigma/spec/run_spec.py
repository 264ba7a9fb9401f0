"""RunSpec: everything that determines a run, validated, in one place.

The command line's options, the page's form and the run folder are made from these fields; their
descriptions are the help texts. A spec reads and writes TOML and JSON.
"""

import difflib
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from enigma.errors import InputError
from enigma.spec.catalogue import DATASETS, DEVICES, METHODS, MODELS, UNKNOWNS, ZOOS
from enigma.spec.recipes import recorded_recipe
from enigma.spec.validation import SettingValue, check_corruption, check_settings, is_own_builder, known

UNKNOWN_SHARE = 0.2

Triple = tuple[float, float, float]


class RunSpec(BaseModel):
    """Everything that determines a run.

    >>> RunSpec(steps=100, frames=5).frame_steps
    (0, 1, 5, 22, 100)

    Raises:
        InputError: from `parse`, `read` and `override`, naming the field, what was expected and what came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str = Field(
        "resnet-bn",
        description="The classifier to adapt: a bundled one, torchvision:NAME[@WEIGHTS or @random], timm:NAME, "
        "robustbench:DATASET/NAME, imagenet:efficientnet-lite0, or your own package.module:function.",
    )
    dataset: str = Field(
        "fashion-mnist",
        description="Test images: a bundled dataset; a folder with one sub-folder a class, or of unlabelled images; "
        "an .npz; or the folder of ImageNet-C, CIFAR-10-C, CIFAR-100-C, MNIST-C or of tar shards.",
    )
    corruption: str = Field(
        "impulse_noise",
        description="What happened to the test images; several with commas for `sequence`. Your own images: none.",
    )
    severity: int = Field(4, ge=1, le=5, description="Strength of the corruption, 1 to 5.")
    order: Literal["shuffled", "sorted", "sequential", "correlated"] = Field(
        "shuffled",
        description="Order of the stream: shuffled, sorted by label, sequential (as stored), or correlated in time "
        "(`dirichlet`).",
    )
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

    # Everything below was added later. None, the default of each, is left out of the stored spec and of the id, so
    # that runs recorded before keep theirs.
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
    input_size: int | None = Field(None, ge=8, description="Width and height of the images the model is given.")
    class_names: str | None = Field(
        None, description="Names of the classes in the model's order: a .txt or .json file, or a list with commas."
    )
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

    @model_validator(mode="before")
    @classmethod
    def _own_images_are_not_corrupted(cls, values: Any) -> Any:
        """The bundled images are corrupted unless asked otherwise; one's own are as they are unless asked."""
        if isinstance(values, dict) and values.get("dataset", "fashion-mnist") not in DATASETS:
            return {"corruption": "none", **values}
        return values

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        zoo, colon, _ = value.partition(":")
        if colon and zoo in ZOOS:
            if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*(@\w+)?", value[len(zoo) + 1 :]):
                raise ValueError(f"{zoo}:NAME as in {ZOOS[zoo].summary}, but got {value!r}")
            return value
        return value if is_own_builder(value) else known(value, MODELS)

    @field_validator("corruption")
    @classmethod
    def _named_corruption(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        if not all(re.fullmatch(r"[\w-]+", name) for name in names) or len(set(names)) < len(names):
            raise ValueError(f"one name, or several different ones with commas between, but got {value!r}")
        return ",".join(names)

    @field_validator("mean", "std", mode="before")
    @classmethod
    def _triple_from_text(cls, value: Any) -> Any:
        """'0.5,0.5,0.5' or one number for all three."""
        numbers = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
        return value if value is None else tuple(numbers * 3 if len(numbers) == 1 else numbers)

    @field_validator("method")
    @classmethod
    def _known_method(cls, value: str) -> str:
        return value if is_own_builder(value) else known(value, METHODS)

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, value: str) -> str:
        if value in DATASETS or Path(value).is_dir() or "/" in value:
            return value
        return known(value, DATASETS)

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        return value if re.fullmatch(r"cuda:\d+", value) else known(value, DEVICES)

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
    def _with_recipe(self) -> "RunSpec":
        """What is not named of optimizer and learning rate, without counting as named: another method has another."""
        found = recorded_recipe(self.method, self.model, weights=self.weights, classes=self.num_classes)
        for name in ("optimizer", "lr"):
            if found is not None and getattr(self, name) is None:
                self.__dict__[name] = getattr(found, name)
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "RunSpec":
        if not isinstance(self.frames, int) and (self.frames[:1] != (0,) or self.frames[-1] != self.steps):
            raise ValueError(
                f"Expected `frames` to begin with 0 and end with {self.steps} (`steps`), but got {self.frames}"
            )
        if self.method in METHODS:
            check_settings(METHODS[self.method], self.method, self.settings)
        if self.dataset in DATASETS:
            for name in self.corruptions:
                check_corruption(name)
        self._check_stream()
        self._check_unknown()
        if self.std is not None and min(self.std) <= 0:
            raise ValueError(f"Expected `std` to be three numbers above 0, but got {self.std}")
        return self

    def _check_stream(self) -> None:
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
        if self.period is not None and self.sequence not in ("continual", "gradual"):
            raise ValueError(
                f"Expected `period` with `sequence` continual or gradual only, but got {self.period} without"
            )
        if self.dirichlet is not None and self.order != "correlated":
            raise ValueError(f"Expected `dirichlet` with `order` correlated only, but got it with {self.order!r}")

    def _check_unknown(self) -> None:
        fields = ("unknown_share", "unknown_loss", "unknown_probes")
        given = [name for name in fields if getattr(self, name) is not None]
        if given and self.unknown is None:
            raise ValueError(f"Expected `unknown` to name images with `{given[0]}`, but got none")
        if self.unknown is not None and "/" not in self.unknown and not Path(self.unknown).exists():
            known(self.unknown, UNKNOWNS)

    @property
    def unknown_batch(self) -> int:
        """Unknown images in each batch of the stream."""
        if self.unknown is None or self.unknown_loss == "known":
            return 0
        return round(self.batch_size * (UNKNOWN_SHARE if self.unknown_share is None else self.unknown_share))

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

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The corruptions one by one.

        >>> RunSpec(corruption="fog,snow", sequence="continual").corruptions
        ('fog', 'snow')
        """
        return tuple(self.corruption.split(","))

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


def read_values(path: Path) -> dict[str, Any]:
    """The plain values of a .toml or .json file.

    Raises:
        InputError: it cannot be read as one.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise InputError(f"Expected {path} to be a TOML or JSON run spec, but got: {error}.") from error


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
