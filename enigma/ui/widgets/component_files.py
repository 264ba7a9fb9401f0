"""The scripts and style sheets of components, which lie beside the modules that mount them."""

from pathlib import Path


def text_beside(module: str, name: str) -> str:
    """The text of the file `name` in the folder of `module`, which is given as `__file__`.

    Streamlit takes a text of a single line for the name of a file, so such a file has at least two.
    """
    return Path(module).with_name(name).read_text(encoding="utf-8")
