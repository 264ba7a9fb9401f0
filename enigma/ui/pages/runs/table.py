"""The table of recorded runs: found by text, state, method and tag, in any order, with one or many chosen."""

import hashlib
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from enigma.analysis.comparing.differences import told_apart
from enigma.jobs import queue
from enigma.spec.errors import InputError
from enigma.spec.glossary import meaning
from enigma.spec.run_spec import RunSpec
from enigma.store import index
from enigma.store.home import Home
from enigma.store.index import Row
from enigma.store.run_folder import SETTLED
from enigma.ui.pages.runs.actions import actions
from enigma.ui.widgets.markdown import escape_markdown

_SORTS = {
    "-created": "Newest", "created": "Oldest", "-best": "Best accuracy", "-last": "Final accuracy",
    "-first": "Frame 0 accuracy", "-source": "Source accuracy", "title": "Title", "name": "Name", "state": "State",
    "-steps": "Steps",
}  # fmt: skip

_CHOSEN = "runs.chosen"
_MOST_HEIGHT, _ROW_HEIGHT = 560, 35
_SEARCH_WIDTH, _CHOICE_WIDTH = 280, 150


def runs_table(home: Home) -> None:
    """Filters, what can be done with the chosen runs, and the table."""
    with st.spinner("Reading runs …"):
        rows = _told_apart(_settled(home, index.rows(home)))
    shown = _filtered(rows)
    chosen_ids = st.session_state.get(_CHOSEN, ())
    # What a filter hides is no longer chosen, so that nothing unseen is deleted.
    chosen = [row for row in shown if row.id in chosen_ids]
    actions(home, chosen)
    _counted(rows, shown, chosen)
    if shown:
        _table(shown, chosen)


def _settled(home: Home, rows: list[Row]) -> list[Row]:
    """The rows without the numbers that change every second; how far a run is, the queue above the table tells."""
    going = {job.run_id for job in queue.active(home)}
    unsettled = {"state": "running", "step": 0, "steps": 0, "best": math.nan, "last": math.nan}
    return [replace(row, **unsettled) if row.id in going else row for row in rows]  # type: ignore[arg-type]


def _told_apart(rows: list[Row]) -> list[Row]:
    """The rows with titles that say in what those of one title differ."""
    specs = {row.id: row.spec for row in rows if row.spec is not None}
    titles = _titles(list(specs.values()), tuple((row.id, row.title) for row in rows if row.id in specs))
    return [replace(row, title=titles.get(row.id, row.title)) for row in rows]


@st.cache_data(max_size="16MB", show_spinner=False)
def _titles(_specs: list[RunSpec], runs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """A title for each id: the ids tell one list of specs from another, and thousands take a second."""
    ids, titles = [run_id for run_id, _ in runs], [title for _, title in runs]
    return dict(zip(ids, told_apart(titles, _specs, " · "), strict=True))


def _filtered(rows: list[Row]) -> list[Row]:
    # It wraps on a narrow screen, two choices side by side, so that the table is never far below.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query, state, method, tag, sort = _choices(rows)
    try:
        found = index.filtered(rows, query)
    except InputError as error:
        st.warning(escape_markdown(str(error)))
        found = rows
    kept = [
        row
        for row in found
        if state in (None, row.state) and method in (None, row.method) and (tag is None or tag in row.label.tags)
    ]
    return index.ordered(kept, sort)


def _choices(rows: list[Row]) -> tuple[str, str | None, str | None, str | None, str]:
    query = st.text_input(
        "Search", key="search", bind="query-params", live="300ms", placeholder="noise tag:paper state:finished",
        width=_SEARCH_WIDTH, help="Runs that hold every word, in anything the table shows or in the note. Also tag:, "
        "state:, method:, model: and shift: with a value, in which spaces are hyphens.",
    )  # fmt: skip
    # All the states there can be: a list that changed while runs go on would forget the choice.
    state = _choice("State", "state", {"waiting", "running", "interrupted", "damaged", *SETTLED})
    method = _choice("Method", "method", {row.method for row in rows} - {""})
    tag = _choice("Tag", "tag", {tag for row in rows for tag in row.label.tags})
    sort = st.selectbox(
        "Sort by", list(_SORTS), key="sort", bind="query-params", format_func=lambda name: _SORTS[name],
        width=_CHOICE_WIDTH, help="A click on the head of a column sorts by it as well.",
    )  # fmt: skip
    return query or "", state, method, tag, sort


def _choice(label: str, key: str, values: set[str]) -> str | None:
    """One of the values there are, or any; a value of the address that is gone is offered still, and finds nothing."""
    return st.selectbox(
        label, sorted(values), index=None, key=key, bind="query-params", placeholder="any" if values else "none yet",
        width=_CHOICE_WIDTH,
    )  # fmt: skip


def _counted(rows: list[Row], shown: list[Row], chosen: list[Row]) -> None:
    total = f"{len(rows):,} run{'s' if len(rows) != 1 else ''}"
    parts = [total if len(shown) == len(rows) else f"{len(shown):,} of {total}"]
    if chosen:
        parts.append(f"{len(chosen):,} chosen")
    if damaged := sum(row.state == "damaged" for row in shown):
        parts.append(f"{damaged} damaged: the column Note says what to do")
    st.caption(" · ".join(parts))
    if not shown and rows:
        st.info("No run matches. Use fewer words, or clear a choice above.")
    elif not any(row.own for row in rows):
        st.info(
            "Only the run that came with the installation is here. Record your own on the Watch page, or import a zip."
            if rows
            else "No run is here yet. Record one on the Watch page, or import a zip."
        )


def _table(shown: list[Row], chosen: list[Row]) -> None:
    """Redrawn only when other rows are in it: a new key makes a new table, which begins with the same rows chosen."""
    digest = hashlib.sha256("".join(row.id for row in shown).encode()).hexdigest()[:12]
    key = f"runs.table.{digest}"
    chosen_ids = {row.id for row in chosen}

    def choose() -> None:
        st.session_state[_CHOSEN] = tuple(shown[at].id for at in st.session_state[key].selection.rows)

    rows = [at for at, row in enumerate(shown) if row.id in chosen_ids]
    st.dataframe(
        _frame(shown), key=key, hide_index=True, width="stretch", on_select=choose, selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}}, column_config=_columns(), placeholder="",
        height=min(_MOST_HEIGHT, _ROW_HEIGHT * (len(shown) + 1) + 3), alt=f"Table of {len(shown)} recorded runs",
    )  # fmt: skip


def _frame(rows: list[Row]) -> pd.DataFrame:
    percent = {"Source": "source", "Frame 0": "first", "Best": "best", "Final": "last"}
    columns = {
        "Title": [row.title if row.own else f"{row.title} (bundled)" for row in rows],
        "Name": [row.label.name for row in rows],
        "Tags": [list(row.label.tags) for row in rows],
        "State": [row.state for row in rows],
        "Step": [row.step if row.steps else None for row in rows],
        "of": [row.steps or None for row in rows],
        **{head: [_percent(getattr(row, name)) for row in rows] for head, name in percent.items()},
        "Model": [row.model for row in rows],
        "Shift": [row.shift for row in rows],
        "Method": [row.method for row in rows],
        "Created": pd.to_datetime([row.created for row in rows], errors="coerce", utc=True),
        "Note": [row.problem or row.label.note for row in rows],
        "Run": [row.id for row in rows],
    }
    return pd.DataFrame(columns)


def _percent(accuracy: float) -> float | None:
    return None if math.isnan(accuracy) else 100 * accuracy


def _columns() -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    helps = {
        "Source": meaning("source accuracy"),
        "Frame 0": meaning("frame 0"),
        "Best": "Highest probe accuracy of the recorded frames.",
        "Final": "Probe accuracy at the last recorded frame.",
    }
    return {
        "Title": text(width=300, help="What the run is made of, and what tells it from those of the same title."),
        "Name": text(width=140, help="What a person called it."),
        "Tags": st.column_config.ListColumn(width=140),
        "State": text(width=85),
        "Step": number(width=65, help=f"Updates so far. {meaning('step')}", format="localized"),
        "of": number(width=60, help="Updates planned.", format="localized"),
        **{head: number(width=72, format="%.1f %%", help=text_) for head, text_ in helps.items()},
        "Model": text(width=90),
        "Shift": text(width=130, help=f"{meaning('shift')} How strong it is goes from 1 to 5."),
        "Method": text(width=75),
        "Created": st.column_config.DatetimeColumn(width=130, format="YYYY-MM-DD HH:mm"),
        "Note": text(width=200),
        "Run": text(width=120, help="The id: twelve digits made from the spec and the data."),
    }
