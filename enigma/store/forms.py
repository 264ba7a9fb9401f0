"""What run.json and status.json must hold for a reader to rely on it.

Fields that are not named here are left as they are: a later version may add some.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from enigma.store.json_file import Form


def _time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]
_STRICT = ConfigDict(strict=True)


class _Digests(TypedDict):
    model: str
    test: str
    reference: str


class _Broken(TypedDict):
    count: _Count
    names: list[str]


class _Unchanged(TypedDict):
    count: _Count
    of: _Count


class _Hardware(TypedDict):
    device: str


class _Facts(TypedDict):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    schema: _Count
    id: str
    spec: dict[str, Any]
    classes: Annotated[list[str], Field(min_length=1)]
    source_accuracy: _Share | None
    clean_accuracy: _Share | None
    digests: _Digests
    created: Annotated[str, AfterValidator(_time)]
    versions: dict[str, str]
    hardware: _Hardware
    scores: NotRequired[list[str]]
    dataset: NotRequired[list[str]]
    broken_images: NotRequired[_Broken]
    unchanged_images: NotRequired[_Unchanged]
    missing: NotRequired[dict[str, str]]
    extends: NotRequired[list[str]]
    random_weights: NotRequired[bool]


class _Status(TypedDict):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    state: Literal["waiting", "running", "paused", "stopped", "finished", "failed"]
    step: _Count
    message: str
    updated: NotRequired[Annotated[float, Field(ge=0)]]


FACTS: Form = TypeAdapter(_Facts).validate_python
STATUS: Form = TypeAdapter(_Status).validate_python
