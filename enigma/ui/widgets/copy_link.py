"""A button that copies the address of what is on screen."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

_HTML = '<button type="button" aria-live="polite">Copy link</button>'

# As Streamlit's own buttons look.
_CSS = """
button {
  font: inherit; font-size: 0.875rem; font-family: var(--st-font); color: var(--st-text-color);
  white-space: nowrap; cursor: pointer;
  min-height: 2.5rem; padding: 0.25rem 0.75rem; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, 0.5rem); background: var(--st-secondary-background-color);
}
button:hover { border-color: var(--st-primary-color); color: var(--st-link-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

_JS = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  button.onclick = async () => {
    const address = new URL(location.href);
    // The first page of a visit says nothing of its run, because everybody starts there.
    if (!address.searchParams.has("run") && !address.searchParams.has("runs")) address.searchParams.set("run", data);
    button.textContent = (await copy(address.href)) ? "Copied" : "Not allowed here";
    setTimeout(() => (button.textContent = "Copy link"), 1600);
  };
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers give the clipboard to secure pages only; on another machine of the network the older way works.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
"""


def copy_link(run_id: str) -> None:
    """Draws the button; the address names `run_id` where it names no run yet."""
    _component()(key="copy-link", data=run_id, width="content")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component("entropy_enigma.copy_link", html=_HTML, css=_CSS, js=_JS, isolate_styles=True)
