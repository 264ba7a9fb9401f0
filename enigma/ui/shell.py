"""Page set-up and navigation."""

import streamlit as st

from enigma.figures.web.theme import anywhere
from enigma.ui.navigation import names, page

# Streamlit leaves wide empty margins above a page; a laboratory needs the room.
_STYLE = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 3.6rem 1.6rem 2rem; max-width: 2200px; }
  [data-testid="stSidebarHeader"] { height: 2.6rem; margin-bottom: 0; padding-bottom: 0; }
  [data-testid="stSidebarUserContent"] { padding-top: 0; margin-top: -1.4rem; }
  [data-testid="stSidebarUserContent"] h2 { padding: 0 0 0.6rem; }
  [data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.5rem; }
  /* The one primary action stays in sight when the form is longer than the screen. */
  .st-key-start { position: sticky; bottom: 0.5rem; z-index: 2; }
  [data-testid="stSidebarContent"] { scroll-padding-bottom: 4rem; }
  /* On a phone the button that opens the sidebar lies above the title. */
  @media (max-width: 800px) { [data-testid="stMainBlockContainer"] { padding-top: 3rem; } }
  header[data-testid="stHeader"] { background: transparent; }
  /* Streamlit fades captions and code below the contrast that small text needs. */
  [data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: 1; }
  [data-testid="stCaptionContainer"] code { color: inherit; background: transparent; padding: 0; }
  /* The accent on its own tint is too faint for small text on dark paper. */
  button[data-variant][data-selected="true"] p { color: color-mix(in srgb, currentColor 60%, CanvasText); }
  /* A formula wraps on a phone; a box that scrolls would have to be reached by keyboard. */
  .katex-display { overflow: hidden !important; padding-block: 0.3rem; }
  .katex-display > .katex { white-space: normal !important; }
  /* What brings a file to the browser has nothing to show. */
  [class*="download-file"] { position: absolute; }
  h1 { font-size: 1.35rem !important; padding: 0 !important; letter-spacing: -0.01em; }
</style>
"""


def main() -> None:
    """Draws the page that the address asks for."""
    st.set_page_config("Entropy Enigma", layout="wide", initial_sidebar_state="auto")
    st.html(_STYLE.replace("<style>", f"<style>\n{anywhere()}"))
    st.navigation([page(name) for name in names()], position="top").run()
