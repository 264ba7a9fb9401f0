"""What all parts of a run's spec have in common: they cannot change, and say in one sentence what is wrong."""

import difflib
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from enigma.spec.errors import InputError

Part = TypeVar("Part", bound="SpecPart")


class SpecPart(BaseModel):
    """Some fields of a run's spec that belong together, with their help texts and their validation.

    Raises:
        InputError: from `parse`, naming the field, what was expected and what came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls: type[Part], values: dict[str, Any]) -> Part:
        """A spec from plain values; fields that are not named take their defaults."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(_sentence(error, cls.model_fields)) from error

    @classmethod
    def of(cls: type[Part], spec: "SpecPart") -> Part:
        """These fields of a spec that has them among others."""
        # They were validated when that spec was made.
        part: Any = cls.model_construct(**{name: getattr(spec, name) for name in cls.model_fields})
        return part


def _sentence(error: ValidationError, fields: Iterable[str]) -> str:
    """The first problem as one sentence that names the field, what was expected and what came."""
    problem = error.errors()[0]
    field = str(problem["loc"][0]) if problem["loc"] else ""
    if not field and problem["type"] == "model_type":
        return f"Expected the fields of a run spec by name, but got {problem['input']!r}."
    if problem["type"] == "value_error":
        text = str(problem["ctx"]["error"])
        text = text if text.startswith("Expected") else f"Expected `{field}` to be {text}"
        return text if text.endswith("?") else f"{text}."
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(field, fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(fields)}."
        return f"Expected the fields of a run spec, but got {field!r}; {hint}"
    wanted = re.sub(r"^(Input|Value) should (be )?", "", problem["msg"])
    return f"Expected `{field}` to be {wanted}, but got {problem['input']!r}."
