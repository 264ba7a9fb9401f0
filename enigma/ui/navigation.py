"""Which pages there are, and links to them."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from enigma.ui import pages


@cache
def names() -> tuple[str, ...]:
    """The folders in `enigma.ui.pages`, in the order in which they are offered."""
    found = [module.name for module in pkgutil.iter_modules(pages.__path__)]
    return tuple(sorted(found, key=lambda name: _module(name).ORDER))


def page(name: str) -> StreamlitPage:
    """One page for `st.navigation`, `st.page_link` and `st.switch_page`; the first is the default."""
    module = _module(name)
    return st.Page(module.page, title=module.TITLE, url_path=name, default=name == names()[0])


def link(name: str, label: str, help: str | None = None, **parameters: str | int) -> None:
    """A link to another page with parameters of its own, such as `run` and `step`."""
    asked = {key: str(value) for key, value in parameters.items()}
    st.page_link(page(name), label=label, help=help, query_params=asked)


def _module(name: str) -> Any:
    return import_module(f"{pages.__name__}.{name}.page")
