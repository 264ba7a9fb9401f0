"""The Paper page: every figure and table of the paper that can be made again, beside its claim."""

from html import escape
from pathlib import Path

import streamlit as st

from enigma.reproduce.grid import CLEAN
from enigma.reproduce.registry import REPRODUCTIONS, duration
from enigma.reproduce.result import Finding, Reproduction
from enigma.reproduce.stored import Stored, command, folder, read
from enigma.spec.assets import asset
from enigma.store.home import Home
from enigma.ui.widgets.markdown import escape_markdown

TITLE, ORDER = "Paper", 8

PAPER = "https://openreview.net/forum?id=0bGsVoumFL"
SHOWN = ("All", "Figures", "Tables")

_STYLE = """
<style>
  .paper-found { margin: 0.2rem 0 0.6rem !important; padding: 0 !important; list-style: none; font-size: 0.95rem; }
  .paper-found li { margin: 0 0 0.45rem !important; padding: 0 0 0 0.8rem !important;
    border-left: 3px solid color-mix(in srgb, currentColor 30%, transparent); overflow-wrap: anywhere; }
  .paper-found li.agrees { border-color: var(--ee-success); }
  .paper-found li.differs { border-color: var(--ee-failure); }
  .paper-found b { font-weight: 650; }
</style>
"""
_WORDS = {True: ("agrees", "Agrees."), False: ("differs", "Does not agree."), None: ("note", "")}


def page() -> None:
    """What is stored in the home or came with the installation; nothing is computed here."""
    home = Home.default()
    st.html(_STYLE)
    st.title("The paper, reproduced", anchor=False)
    reproductions = {name: stored(home, name) for name in REPRODUCTIONS}
    counted = _counted([found for _, found in reproductions.values() if found])
    st.caption(
        f"*The Entropy Enigma* ([paper]({PAPER})) on the bundled images and models: what it claims, what is found "
        f"here, and whether the two agree, also where they do not. {counted}"
    )
    kind = st.segmented_control(
        "Show", SHOWN, default=SHOWN[0], key="show", bind="query-params", label_visibility="collapsed"
    )
    for name, (place, found) in reproductions.items():
        if kind in (None, SHOWN[0]) or name.startswith(str(kind)[:-1].lower()):
            st.divider()
            _reproduction(REPRODUCTIONS[name], place, found)


def stored(home: Home, name: str) -> tuple[Path, Stored | None]:
    """The reproduction in the home, or else the bundled one, and where it lies."""
    for place in (folder(home, name), asset("paper", name)):
        found = read(place, name)
        if found is not None:
            return place, found
    return folder(home, name), None


def _counted(found: list[Stored]) -> str:
    if not found:
        return "None has been made yet; each command below makes one."
    verdicts = [one.verdict for one in found]
    counts = [
        f"{verdicts.count(verdict)} {verdict.replace('agrees', 'agree').replace('does', 'do')}"
        for verdict in dict.fromkeys(verdicts)
    ]
    return f"{len(found)} of {len(REPRODUCTIONS)} are made: {', '.join(counts)}."


def _reproduction(reproduction: Reproduction, place: Path, found: Stored | None) -> None:
    name = reproduction.name.replace("-", " ").capitalize()
    st.subheader(f"{name} · {reproduction.title}", anchor=reproduction.name)
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.markdown(f"**The paper says:** {escape_markdown(reproduction.claim)}")
        if found is None:
            runs = len(reproduction.specs(CLEAN))
            needs = f"{runs} run{'s' if runs > 1 else ''}, {duration(runs)} on one core" if runs else "no run, a minute"
            st.markdown(f"Not made yet. It needs {needs}; what is recorded already is not recorded again.")
            st.code(command(reproduction.name), language="sh", wrap_lines=True)
            return
        st.markdown(f"**Here it {escape_markdown(found.verdict)}**, {escape_markdown(found.coverage)}.")
        st.html(f'<ul class="paper-found">{"".join(map(_item, found.findings))}</ul>')
        st.caption(f"`{command(reproduction.name)}` makes it again. {escape_markdown(found.program)}.")
    picture = place / f"{found.name}.png"
    with right:
        if picture.is_file():
            st.image(picture, alt=f"{name} of the paper on other data: {reproduction.title}", width="stretch")
        else:
            st.warning("The picture is missing; the command makes it again.")


def _item(finding: Finding) -> str:
    kind, word = _WORDS[finding.agrees]

    return f'<li class="{kind}">{f"<b>{word}</b> " if word else ""}{escape(finding.text)}</li>'
