"""A button that copies the address of what is on screen."""

from enigma.ui.widgets.component_files import BUTTON, component_beside

_HTML = '<button type="button" aria-live="polite">Copy link</button>'


def copy_link(run_id: str) -> None:
    """Draws the button; the address names `run_id` where it names no run yet."""
    component_beside(__file__, "copy_link", _HTML, css=BUTTON)(key="copy-link", data=run_id, width="content")
