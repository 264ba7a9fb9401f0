"""Which pages there are, and links to them."""

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from enigma.ui import pages
from enigma.ui.place import Taking

ROOT = "watch"
"""The page that is shown to who comes without naming one."""

GROUPS = ("", "Explore", "Evaluate", "Understand", "Manage")
"""What pages are for, in the order in which they are offered; those of the first stand by themselves."""


@cache
def names() -> tuple[str, ...]:
    """The folders in `enigma.ui.pages`, in the order in which they are offered."""
    found = [module.name for module in pkgutil.iter_modules(pages.__path__)]
    return tuple(sorted(found, key=lambda name: (GROUPS.index(group(name)), _module(name).ORDER)))


def title(name: str) -> str:
    """What a page is called."""
    return str(_module(name).TITLE)


def group(name: str) -> str:
    """What a page is for: one of `GROUPS`."""
    return str(_module(name).GROUP)


def taking(name: str) -> Taking:
    """What a page takes along from the page before it."""
    return _module(name).TAKING


def grouped() -> dict[str, list[str]]:
    """The names of the pages by what they are for."""
    return {each: [name for name in names() if group(name) == each] for each in GROUPS}


def at(url: str | None) -> str:
    """The page that an address asks for.

    >>> at("https://host/base/estimate?run=1"), at("https://host/base/")
    ('estimate', 'watch')
    """
    asked = PurePosixPath(urlsplit(url or "").path).name
    return asked if asked in names() else ROOT


def sections(current: str) -> dict[str, list[str]]:
    """The names of the pages by what they are for, as a heading; that of the current page is bold.

    Streamlit marks the current page in a menu that is open, and not the menu.
    """
    return {f"**{each}**" if each and each == group(current) else each: found for each, found in grouped().items()}


def page(name: str) -> StreamlitPage:
    """One page for `st.navigation`, `st.page_link` and `st.switch_page`."""
    module = _module(name)
    return st.Page(module.page, title=title(name), url_path=name, default=name == ROOT)


def link(name: str, label: str, help: str | None = None, **parameters: str | int) -> None:
    """A link to another page with parameters of its own, such as `run` and `step`."""
    asked = {key: str(value) for key, value in parameters.items()}
    st.page_link(page(name), label=label, help=help, query_params=asked)


def _module(name: str) -> Any:
    return import_module(f"{pages.__name__}.{name}.page")
