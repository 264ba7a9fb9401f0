"""Page set-up and navigation."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent / "pages"

# Streamlit leaves wide empty margins above a page; a laboratory needs the room.
_STYLE = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 1.2rem 1.6rem 2rem; max-width: 2200px; }
  [data-testid="stSidebarHeader"] { height: 2.6rem; margin-bottom: 0; padding-bottom: 0; }
  [data-testid="stSidebarUserContent"] { padding-top: 0; margin-top: -1.4rem; }
  [data-testid="stSidebarUserContent"] h2 { padding: 0 0 0.6rem; }
  [data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.5rem; }
  /* On a phone the button that opens the sidebar lies above the title. */
  @media (max-width: 800px) { [data-testid="stMainBlockContainer"] { padding-top: 3rem; } }
  header[data-testid="stHeader"] { background: transparent; }
  /* Streamlit fades captions and code below the contrast that small text needs. */
  [data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: 1; }
  [data-testid="stCaptionContainer"] code { color: inherit; background: transparent; padding: 0; }
  h1 { font-size: 1.35rem !important; padding: 0 !important; letter-spacing: -0.01em; }
</style>
"""


def main() -> None:
    """Draws the page that the address asks for."""
    st.set_page_config("Entropy Enigma", layout="wide", initial_sidebar_state="auto")
    st.html(_STYLE)
    st.navigation([st.Page(PAGES / "watch.py", title="Watch", default=True)], position="hidden").run()
