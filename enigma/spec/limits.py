"""The limits of a field of a run's spec, told as a form tells them: about one field, by the name it has there."""

import operator

from enigma.spec.catalogue import Setting
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.validation import SettingValue, fits, kind_of

_BOUNDS = {
    "ge": (operator.ge, "at least"), "gt": (operator.gt, "more than"),
    "le": (operator.le, "at most"), "lt": (operator.lt, "less than"),
}  # fmt: skip


def out_of_range(field: str, value: float | int, label: str) -> str:
    """What is wrong with a number in a field; nothing where it is within the limits of `RunSpec`.

    >>> out_of_range("steps", -5, "Steps")
    'Steps must be at least 1, not -5.'
    >>> out_of_range("lr", 0.1, "Learning rate")
    ''
    """
    for limit in RunSpec.model_fields[field].metadata:
        for name, (holds, words) in _BOUNDS.items():
            bound = getattr(limit, name, None)
            if bound is not None and not holds(value, bound):
                return f"{label} must be {words} {_text(bound)}, not {_text(value)}."
    return ""


def wrong_setting(setting: Setting, value: SettingValue, label: str) -> str:
    """What is wrong with a setting of a method; nothing where the method takes it.

    >>> from enigma.spec.catalogue import METHODS
    >>> betas = next(setting for setting in METHODS["tent"].settings if setting.name == "betas")
    >>> wrong_setting(betas, "x", "Betas")
    'Betas must be two numbers from 0 to 1, not x.'
    """
    return "" if fits(setting, value) else f"{label} must be {kind_of(setting)}, not {value}."


def wrong_frames(text: str, steps: int) -> str:
    """What is wrong with the frames that were asked for; nothing where they go with so many steps.

    >>> wrong_frames("0,10,50", steps=100)
    'Frames must be a count such as 18, or steps from 0 to the last, 100, such as 0, 10, 100; not 0,10,50.'
    """
    try:
        RunSpec.parse({"frames": text, "steps": max(steps, 1)})
    except InputError:
        last = f"{max(steps, 1):,}"
        return (
            f"Frames must be a count such as 18, or steps from 0 to the last, {last}, such as 0, 10, {last}; "
            f"not {text or 'nothing'}."
        )
    return ""


def _text(number: float | int) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
