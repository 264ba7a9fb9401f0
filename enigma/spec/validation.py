"""What the fields of a spec may hold: known names, and the settings of a method."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

from enigma.spec.catalogue import CORRUPTIONS, Method, Setting
from enigma.spec.errors import InputError

SettingValue = bool | int | float | str | tuple[float, ...] | None


def check_corruption(name: str) -> None:
    """Only the names of the catalogue can be made; a dataset may have others in its folders.

    Raises:
        InputError: there is no such corruption.
    """
    try:
        known(name, CORRUPTIONS)
    except ValueError as error:
        raise InputError(f"Expected `corruption` to be {error}") from error


def is_own_builder(value: str) -> bool:
    """Whether it reads package.module:function."""
    return re.fullmatch(r"[\w.]+:\w+", value) is not None


def is_there(path: str) -> bool:
    """Whether it is a file or folder; neither empty text, which would mean this folder, nor what is too long is one."""
    try:
        return bool(path) and Path(path).exists()
    except OSError:
        return False


def known(value: str, names: Iterable[str], others: str = "") -> str:
    """The value, if it is one of `names`; else a ValueError that says which there are and which is near.

    Args:
        others: what else is possible, in words.
    """
    if value in (names := list(names)):
        return value
    raise ValueError(_known_words(names, value, others))


def _known_words(names: Iterable[str], value: object, others: str = "") -> str:
    near = difflib.get_close_matches(str(value), names := list(names), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    more = f", or {others}" if others else ""
    return f"one of {', '.join(names)}{more}, but got {value!r}{hint}"


def check_settings(method: Method, name: str, settings: dict[str, SettingValue]) -> None:
    """Raises ValueError if a method does not take one of the settings, or not such a value."""
    settable = {setting.name: setting for setting in method.settings}
    for key, value in settings.items():
        if key not in settable:
            allowed = ", ".join(settable) or "none"
            near = difflib.get_close_matches(key, settable, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"Expected `settings` of {name} to be among: {allowed}, but got {key!r}{hint}")
        _check_setting(settable[key], value)


def _check_setting(setting: Setting, value: SettingValue) -> None:
    if setting.choices:
        if value not in setting.choices and not (value is None and setting.default is None):
            raise ValueError(f"Expected `settings.{setting.name}` to be {_known_words(setting.choices, value)}")
        return
    if not fits(setting, value):
        raise ValueError(f"Expected `settings.{setting.name}` to be {kind_of(setting)}, but got {value!r}")


def fits(setting: Setting, value: SettingValue) -> bool:
    """Whether a setting that is made of numbers takes a value."""
    pair = isinstance(setting.default, tuple)
    if value is None:
        return setting.default is None
    if isinstance(value, tuple):
        return pair and len(value) == 2 and all(_fits(setting, number) for number in value)
    return not pair and _fits(setting, value)


def kind_of(setting: Setting) -> str:
    """What such a setting takes: 'two numbers from 0 to 1'."""
    kind = "two numbers" if isinstance(setting.default, tuple) else "a whole number" if setting.whole else "a number"
    return f"{kind} from {setting.minimum:g}" + (f" to {setting.maximum:g}" if setting.maximum < float("inf") else "")


def _fits(setting: Setting, number: SettingValue) -> bool:
    if isinstance(number, bool) or not isinstance(number, int if setting.whole else int | float):
        return False
    return setting.minimum <= number <= setting.maximum
