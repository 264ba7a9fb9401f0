"""Plain JavaScript modules joined into one, because a component without a build step is a single module."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.{1,2}/[\w./]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:default |async )*(?:function|class|const) (\w+)", re.MULTILINE)


def source(name: str) -> str:
    """The text of one file below this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def style_sheet(names: tuple[str, ...]) -> str:
    """A component's style sheets behind those that all components share."""
    return "\n".join(source(part) for part in ("shared/tokens.css", "shared/figure.css", *names))


@cache
def joined(entry: str) -> str:
    """The module `entry` and all that it imports as one; its `mount` is the default export, which Streamlit calls.

    Every file is a module of its own for the tests. Here each becomes a function that returns what it exports, so that
    two files may use the same name for different things.

    Raises:
        ValueError: modules import each other in a circle, or one imports or exports in another way than by name.
    """
    parts: dict[str, str] = {}
    _add(entry, parts, ())
    return "\n".join([*parts.values(), f"export default {_name(entry)}.mount;\n"])


def _add(path: str, parts: dict[str, str], importers: tuple[str, ...]) -> None:
    """Puts a module behind those that it imports."""
    if path in importers:
        raise ValueError(f"Expected modules without a circle but got {' -> '.join([*importers, path])}")
    text = source(path)
    for _, imported in _IMPORT.findall(text):
        if (found := _resolved(path, imported)) not in parts:
            _add(found, parts, (*importers, path))
    parts[path] = _as_function(path, text)


def _resolved(path: str, imported: str) -> str:
    return (FOLDER / path).parent.joinpath(imported).resolve().relative_to(FOLDER.resolve()).as_posix()


def _name(path: str) -> str:
    return path.removesuffix(".js").replace("/", "_")


def _as_function(path: str, text: str) -> str:
    def constant(match: re.Match[str]) -> str:
        names = match[1].replace(" as ", ": ")
        return f"const {names} = {_name(_resolved(path, match[2]))};"

    exported = _EXPORT.findall(text)
    text = re.sub(r"^export (?:default )?(?=async |function|class|const)", "", _IMPORT.sub(constant, text), flags=re.M)
    if left := re.search(r"^(?:import|export)\b.*", text, re.MULTILINE):
        raise ValueError(f"Expected imports and exports by name in {path} but got {left[0]!r}")
    return f"const {_name(path)} = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();"
