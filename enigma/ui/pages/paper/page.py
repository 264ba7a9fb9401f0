"""The Paper page: every figure and table of the paper that can be made again, beside its claim and its criteria."""

import io
from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from enigma.reproduce.criteria import criteria
from enigma.reproduce.grid import CLEAN
from enigma.reproduce.judging import AGREES, DIFFERS, IN_PART, UNDECIDED
from enigma.reproduce.registry import REPRODUCTIONS, duration
from enigma.reproduce.result import Reproduction
from enigma.reproduce.stored import Stored, cells, folder, read
from enigma.reproduce.verdict_table import as_csv, as_latex, as_pdf, verdict_table
from enigma.spec.assets import asset
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.pages.paper.actions import actions
from enigma.ui.place import Taking
from enigma.ui.widgets.download import download
from enigma.ui.widgets.markdown import escape_markdown

TITLE, GROUP, ORDER = "Paper", "Understand", 1
TAKING = Taking()

PAPER = "https://openreview.net/forum?id=0bGsVoumFL"
SHOWN = ("All", "Figures", "Tables")
# Pictures are kept at 220 dots an inch; all are shown at one scale, so that letters have one size.
DOTS_PER_INCH, SHOWN_PER_INCH = 220, 92
# Streamlit shrinks what is wider.
MOST_DOTS = 1460

_STYLE = """
<style>
  .paper-found { margin: 0.2rem 0 0.6rem !important; padding: 0 0 0 1.1rem !important; font-size: 0.9rem; }
  .paper-found li { margin: 0 0 0.3rem !important; overflow-wrap: anywhere; }
  .paper-scroll { overflow-x: auto; margin: 0.3rem 0 0.6rem; }
  .paper-judged { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
  .paper-judged th, .paper-judged td { padding: 0.3rem 0.55rem; text-align: right; vertical-align: top;
    border-bottom: 1px solid color-mix(in srgb, currentColor 13%, transparent); }
  .paper-judged th:first-child { text-align: left; padding-left: 0.6rem; font-weight: 400; min-width: 11rem; }
  .paper-judged thead th, .paper-judged thead th:first-child { font-weight: 600; white-space: nowrap; }
  .paper-judged :is(td, th):last-child { text-align: left; min-width: 7rem; }
  .paper-judged td:nth-child(5) { white-space: nowrap; }
  .paper-judged th:first-child { border-left: 3px solid color-mix(in srgb, currentColor 30%, transparent); }
  .paper-judged tr.agrees th:first-child { border-left-color: var(--ee-success); }
  .paper-judged tr.differs th:first-child { border-left-color: var(--ee-failure); }
  .paper-judged b { font-weight: 650; }
</style>
"""
# Drawn on white for print: turned round, with their hues kept.
_DARK = """<style>[class*="st-key-paper-picture-"] img { filter: invert(0.91) hue-rotate(180deg); }</style>"""
_KINDS = {AGREES: "agrees", DIFFERS: "differs"}
_HEAD = ("Criterion", "Paper", "Wanted", "Here", "95 % interval", "Verdict")


def page() -> None:
    """What is stored in the home or came with the installation; nothing is computed unless a button asks for it."""
    home = Home.default()
    st.html(_STYLE + (_DARK if st.context.theme.type == "dark" else ""))
    st.title("The paper, reproduced", anchor=False)
    reproductions = {name: stored(home, name) for name in REPRODUCTIONS}
    found = [one for _, one in reproductions.values() if one]
    st.caption(
        f"*The Entropy Enigma* ([paper]({PAPER})) on the bundled images and models: what it claims, what is found "
        f"here, and whether the two agree, also where they do not. {_counted(found)}"
    )
    _criteria(found)
    kind = st.segmented_control(
        "Show", SHOWN, default=SHOWN[0], key="show", bind="query-params", label_visibility="collapsed"
    )
    known = home.finished()
    for name, (place, one) in reproductions.items():
        if kind in (None, SHOWN[0]) or name.startswith(str(kind)[:-1].lower()):
            st.divider()
            _reproduction(home, known, REPRODUCTIONS[name], place, one)


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
    words = {AGREES: "agree", IN_PART: "agree in part", DIFFERS: "do not agree", UNDECIDED: "are undecided"}
    counts = [f"{verdicts.count(verdict)} {word}" for verdict, word in words.items() if verdict in verdicts]
    return f"{len(found)} of {len(REPRODUCTIONS)} are made: {', '.join(counts)}."


def _criteria(found: list[Stored]) -> None:
    """What verdicts are by, and all of them in one table to sort and to take along."""
    told = criteria()
    with st.expander(f"Criteria of {told.written.isoformat()}, and every verdict in one table"):
        st.markdown(
            f"{escape_markdown(told.note)} A criterion agrees if the whole {100 * told.coverage:.0f} % interval lies "
            "in the range that is wanted, does not agree if none of it does, and is undecided otherwise. Intervals are "
            f"by bootstrap, {told.resamples:,} times: whole corruptions are drawn anew, because their severities are "
            "alike; for a single run, images; where only accuracies are known, the draw of the images at its widest."
        )
        st.dataframe(
            _shown(verdict_table(found)), hide_index=True, height=420,
            column_config={"quantity": st.column_config.TextColumn("quantity", width="large")},
        )  # fmt: skip
        with st.container(horizontal=True):
            for label, make, ending, mime in (
                ("CSV", as_csv, "csv", "text/csv"), ("LaTeX", as_latex, "tex", "application/x-tex"),
                ("PDF", as_pdf, "pdf", "application/pdf"),
            ):  # fmt: skip
                download(label, partial(make, found), f"paper-verdicts.{ending}", mime, key=f"paper.{ending}")


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """What fits on a page; the paper says some things in words, so that column is text."""
    shown = table[["result", "quantity", "paper", "wanted", "here", "low", "high", "verdict", "why"]]
    return shown.assign(paper=[str(value) for value in shown["paper"]]).round({"here": 2, "low": 2, "high": 2})


def _reproduction(
    home: Home, known: Mapping[str, Run], reproduction: Reproduction, place: Path, found: Stored | None
) -> None:
    name = reproduction.name.replace("-", " ").capitalize()
    st.subheader(f"{name} · {reproduction.title}", anchor=reproduction.name)
    left, right = st.columns([6, 5], gap="large")
    with left:
        st.markdown(f"**The paper says:** {escape_markdown(reproduction.claim)}")
        if found is None:
            runs = len(reproduction.specs(CLEAN))
            needs = f"{runs} run{'s' if runs > 1 else ''}, {duration(runs)} on one core" if runs else "no run, a minute"
            st.markdown(f"Not made yet. It needs {needs}; what is recorded already is not recorded again.")
        else:
            st.markdown(f"**Here it {_words(found.verdict)}**, {escape_markdown(found.coverage)}.")
            st.html(_judged(found, name))
            st.html(f'<ul class="paper-found">{"".join(f"<li>{escape(one.text)}</li>" for one in found.findings)}</ul>')
        actions(home, known, reproduction, found)
    picture = place / f"{reproduction.name}.png"
    with right:
        if found is not None and picture.is_file():
            content, width = _picture(str(picture), picture.stat().st_mtime_ns)
            with st.container(key=f"paper-picture-{reproduction.name}", width=width):
                st.image(content, alt=f"{name} of the paper on other data: {reproduction.title}", width="stretch")
            st.caption(escape_markdown(found.program) + ".")
        elif found is not None:
            st.warning("The picture is missing; the command makes it again.")


def _words(verdict: str) -> str:
    return "is undecided" if verdict == UNDECIDED else escape_markdown(verdict)


def _judged(found: Stored, name: str) -> str:
    """The criteria of one result beside what became of them."""
    head = "".join(f'<th scope="col">{word}</th>' for word in _HEAD)
    rows = ""
    for one in found.judgements:
        quantity, *numbers, _ = cells(one)
        why = f", because {escape(one.why)}" if one.why else ""
        rows += (
            f'<tr class="{_KINDS.get(one.verdict, "open")}"><th scope="row">{escape(quantity)}</th>'
            f"{''.join(f'<td>{escape(number)}</td>' for number in numbers)}<td><b>{one.verdict}</b>{why}</td></tr>"
        )
    return (
        f'<div class="paper-scroll" role="region" aria-label="Criteria of {name.lower()}" tabindex="0">'
        f'<table class="paper-judged"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


@st.cache_data(max_size="16MB", show_spinner=False)
def _picture(path: str, changed: int) -> tuple[bytes, int]:
    """A picture and its width on the page, so that all have one scale; Streamlit would shrink it at each drawing.

    `changed` is there to tell one state of the file from the next.
    """
    from PIL import Image

    with Image.open(path) as picture:
        width = round(picture.width * SHOWN_PER_INCH / DOTS_PER_INCH)
        if picture.width <= MOST_DOTS:
            return Path(path).read_bytes(), width
        made = io.BytesIO()
        picture.resize((MOST_DOTS, round(picture.height * MOST_DOTS / picture.width)), Image.Resampling.LANCZOS).save(
            made, "PNG"
        )
        return made.getvalue(), width
