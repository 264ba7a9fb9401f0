"""Page set-up and navigation."""

import streamlit as st

from enigma.figures.web.theme import anywhere
from enigma.spec.errors import EnigmaError
from enigma.store.home import Home
from enigma.ui import place
from enigma.ui.navigation import ROOT, at, names, page, sections, taking
from enigma.ui.serving import is_let_in, settle_policy
from enigma.ui.visitor import sign_in_page
from enigma.ui.widgets.connection import connection
from enigma.ui.widgets.going_on import follow_chip, going_on
from enigma.ui.widgets.markdown import say_error
from enigma.ui.widgets.refusal import refusal

# Streamlit leaves wide empty margins above a page; a laboratory needs the room.
_STYLE = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 4rem 1.6rem 2rem; max-width: 2200px; }
  [data-testid="stSidebarHeader"] { height: 2.6rem; margin-bottom: 0; padding-bottom: 0; }
  [data-testid="stSidebarUserContent"] { padding-top: 0; margin-top: -1.4rem; }
  [data-testid="stSidebarUserContent"] h2 { padding: 0 0 0.6rem; }
  /* The name stands in the row of the button that closes the form, which is always in sight and not below the name. */
  [data-testid="stSidebarHeader"] { position: relative; z-index: 1; pointer-events: none; }
  [data-testid="stSidebarCollapseButton"] { visibility: visible !important; pointer-events: auto; }
  [data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.5rem; }
  /* The one primary action stays in sight when the form is longer than the screen. */
  :has(> .st-key-run) { position: sticky; bottom: 0; padding-bottom: 0.5rem; z-index: 2; background: var(--ee-panel); }
  [data-testid="stSidebarContent"] { scroll-padding-bottom: 4rem; }
  /* Out of sight it is no place for the focus either. */
  [data-testid="stSidebar"][data-collapsed="true"] { visibility: hidden; }
  /* Streamlit fades captions and code below the contrast that small text needs. */
  [data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: 1; }
  [data-testid="stCaptionContainer"] code { color: inherit; background: transparent; padding: 0; }
  /* The accent on its own tint is too faint for small text on dark paper. */
  button[data-variant][data-selected="true"] p { color: color-mix(in srgb, currentColor 60%, CanvasText); }
  /* A formula wraps on a phone; a box that scrolls would have to be reached by keyboard. */
  .katex-display { overflow: hidden !important; padding-block: 0.3rem; }
  .katex-display > .katex { white-space: normal !important; }
  /* The page that one is on would be opened anew, without the run and the place in it. */
  :is([data-testid="stTopNavLink"], [data-testid="stTopNavDropdownLink"])[aria-current="page"] { pointer-events: none; }
  /* Streamlit's track has the colour of the paper that it lies on. */
  [data-testid="stProgress"] [data-testid="stProgressBarTrack"] {
    background: color-mix(in srgb, currentColor 14%, transparent);
  }
  /* What brings a file to the browser has nothing to show. */
  [class*="download-file"] { position: absolute; }
  h1 { font-size: 1.35rem !important; padding: 0 !important; letter-spacing: -0.01em; }
</style>
"""


def main() -> None:
    """Draws the page that the address asks for."""
    st.set_page_config("Entropy Enigma", layout="wide", initial_sidebar_state="collapsed")
    st.html(_STYLE.replace("<style>", f"<style>\n{anywhere()}"))
    offered = {name: page(name) for name in names()}
    home = Home.default()
    try:
        settle_policy(home)
    except EnigmaError as error:
        # Without knowing what is allowed, nothing is shown.
        st.navigation(list(offered.values()), position="hidden")
        say_error(error)
        return
    if not is_let_in():
        st.navigation(list(offered.values()), position="hidden")
        sign_in_page()
        return
    found = sections(at(st.context.url))
    chosen = st.navigation({title: [offered[name] for name in each] for title, each in found.items()}, position="top")
    name = next(name for name, each in offered.items() if each.title == chosen.title)
    follow_chip(name)
    place.arrive(home, name, taking(name))
    # First of all, because the chip has the whole page drawn again until what was refused is said.
    refusal()
    going_on(home)
    try:
        chosen.run()
        if name != ROOT:
            # Watch notes its place itself, whenever the picture alone is drawn.
            place.keep(home, name, taking(name))
    except EnigmaError as error:
        # Files change under a page that is being drawn; it says so, and what stands beside it stays.
        say_error(error)
    connection()
