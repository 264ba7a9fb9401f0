"""Plain JavaScript modules joined into one, because a component without a build step is a single module."""

import re
from collections.abc import Callable, Sequence


def joined(names: Sequence[str], source: Callable[[str], str]) -> str:
    """The modules `names` as one, each importing only from those before it; the last one's `mount` is the default.

    Every file is a module of its own for the tests. Here each becomes a function that returns what it exports, so that
    two files may use the same name for different things; the default export is what Streamlit calls.

    Args:
        names: files without `.js`, in an order in which each imports only from those before it.
        source: the text of a file by its name.
    """
    parts = [_as_function(name, source(f"{name}.js")) for name in names]
    return "\n".join([*parts, f"export default {names[-1]}Module.mount;\n"])


def _as_function(name: str, source: str) -> str:
    source = re.sub(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', r"const \1 = \2Module;", source, flags=re.MULTILINE)
    exported = re.findall(r"^export (?:default |async )*(?:function|class|const) (\w+)", source, flags=re.MULTILINE)
    source = re.sub(r"^export (?:default )?", "", source, flags=re.MULTILINE)
    return f"const {name}Module = (() => {{\n{source}\nreturn {{ {', '.join(exported)} }};\n}})();"
