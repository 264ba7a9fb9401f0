"""Text that a person typed or a file brought, shown as it is where Streamlit would read Markdown or HTML."""

import re

import streamlit as st


def escape_markdown(text: str) -> str:
    r"""Markdown that shows `text` itself, on one line.

    >>> escape_markdown("<b>*1*</b>")
    '\\<b\\>\\*1\\*\\</b\\>'
    """
    return _escaped(" ".join(text.split()))


def sentence(said: object) -> str:
    r"""Markdown that shows an error, or another sentence of the program: what is in backticks is code, the rest text.

    >>> print(sentence("Expected `lr` below 1, but got [a](b)"))
    Expected `lr` below 1, but got \[a\]\(b\)
    """
    # In code Markdown is text.
    parts = re.split(r"(`[^`]+`)", " ".join(str(said).split()))
    return "".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))


def say_error(said: object) -> None:
    """Shows an error; the one place where the page does, so that none of what it quotes is markup."""
    st.error(sentence(said))  # noqa: TID251


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+.!|~<>$:&-])", r"\\\1", text)
