"""Text that a person typed, shown as it is where Streamlit would read Markdown or HTML."""

import re


def escape_markdown(text: str) -> str:
    r"""Markdown that shows `text` itself, on one line.

    >>> escape_markdown("<b>*1*</b>")
    '\\<b\\>\\*1\\*\\</b\\>'
    """
    return re.sub(r"([\\`*_{}\[\]()#+.!|~<>$:&-])", r"\\\1", " ".join(text.split()))
