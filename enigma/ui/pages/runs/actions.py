"""What can be done with the chosen runs, and with the whole collection: import, and the trash."""

from functools import partial

import streamlit as st

from enigma.jobs import worker
from enigma.spec.errors import EnigmaError
from enigma.store import labels, permission, trash
from enigma.store.archive import export_zip, import_runs
from enigma.store.home import Home
from enigma.store.index import Row
from enigma.store.labels import MOST_TAGS, NAME_LENGTH, NOTE_LENGTH, Label
from enigma.store.run_folder import SETTLED, Run
from enigma.ui import navigation
from enigma.ui.widgets.download import download
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.queue import who
from enigma.ui.widgets.refusal import hear_refusal, told_if_refused

_TOLD, _DELETED, _UPLOADS, _CHOSEN = "runs.told", "runs.deleted", "runs.uploads", "runs.chosen"
_ZIP = "application/zip"


def actions(home: Home, chosen: list[Row]) -> None:
    """One row of actions, there also when nothing is chosen, so that the table never jumps."""
    hear_refusal()
    with st.container(horizontal=True, vertical_alignment="center", key="runs-actions"):
        _links(chosen)
        if permission.can_change():
            _resume(home, chosen)
            _label(home, chosen)
        _export(chosen)
        if permission.can_change():
            _delete_button(home, chosen)
            _import(home)
            _trash(home)
    _messages(home)
    if len(chosen) == 1 and chosen[0].problem:
        st.warning(escape_markdown(chosen[0].problem))


def _changeable(rows: list[Row]) -> list[Row]:
    """Those that who looks at the page may change; of others, what was asked is refused where it would be done."""
    return [row for row in rows if not row.own or permission.may_change_run(row.path)]


def _links(chosen: list[Row]) -> None:
    whole = [row for row in chosen if row.state != "damaged"]
    if len(chosen) == 1 and whole:
        navigation.link("watch", "Watch", help="The run in the scrubber.", run=whole[0].id)
    else:
        st.button("Watch", key="runs.watch", disabled=True, help="Choose one run by the box at its left.")
    # The page is there as soon as its module is.
    if "compare" in navigation.names():
        if len(whole) > 1:
            navigation.link(
                "compare", "Compare", help="The chosen runs side by side.", runs=",".join(r.id for r in whole)
            )
        else:
            st.button("Compare", key="runs.compare", disabled=True, help="Choose two runs or more.")


def _resume(home: Home, chosen: list[Row]) -> None:
    own = [row for row in _changeable(chosen) if row.own and row.spec is not None and row.spec.watched is None]
    able = [row for row in own if row.state in ("paused", "interrupted", "waiting")]
    st.button(
        "Resume", key="runs.resume", disabled=not able, on_click=_queue, args=(home, able),
        help="Paused and interrupted runs go on from where they stand.",
    )  # fmt: skip


def _queue(home: Home, rows: list[Row]) -> None:
    for row in rows:
        with told_if_refused():
            worker.submit(home, Run(row.path).spec, by=who())


def _label(home: Home, chosen: list[Row]) -> None:
    with st.popover("Label", disabled=not chosen, help="Name, tags and note of the chosen runs."):
        if not chosen:
            return
        if not all(row.own for row in chosen):
            st.write(
                "The run that came with the installation cannot be labelled: it is shared by everybody who uses it."
            )
            return
        if _changeable(chosen) != chosen:
            st.write("Only the owner of a run can label it.")
            return
        if len(chosen) == 1:
            _label_one(home, chosen[0])
        else:
            _label_many(home, chosen)


def _label_one(home: Home, row: Row) -> None:
    with st.form(f"label.{row.id}", border=False):
        name = st.text_input("Name", row.label.name, max_chars=NAME_LENGTH, key=f"name.{row.id}")
        tags = st.text_input(
            "Tags",
            " ".join(row.label.tags),
            key=f"tags.{row.id}",
            help=f"Up to {MOST_TAGS} words, with spaces between.",
        )
        note = st.text_area("Note", row.label.note, max_chars=NOTE_LENGTH, key=f"note.{row.id}")
        if st.form_submit_button("Save", type="primary"):
            try:
                labels.write(home.own(row.id, "be labelled"), Label.of(name, tags, note))
            except EnigmaError as error:
                say_error(error)
            else:
                st.rerun(scope="fragment")


def _label_many(home: Home, rows: list[Row]) -> None:
    with st.form("label.many", border=False, clear_on_submit=True):
        add = st.text_input("Add tags", key="tags.add", help="Words, with spaces between.")
        remove = st.text_input("Take away tags", key="tags.remove")
        if st.form_submit_button(f"Save for {len(rows)} runs", type="primary"):
            try:
                for row in rows:
                    labels.tag(home.own(row.id, "be labelled"), add, remove)
            except EnigmaError as error:
                say_error(error)
            else:
                st.rerun(scope="fragment")


def _export(chosen: list[Row]) -> None:
    ready = bool(chosen) and all(row.state in SETTLED for row in chosen)
    name = f"{chosen[0].id}.zip" if len(chosen) == 1 else f"{len(chosen)}-runs.zip"
    download(
        "Export", partial(export_zip, *(Run(row.path) for row in chosen)), name, _ZIP, key="runs.export",
        disabled=not ready,
        help="The chosen runs as one zip, to open in another installation. Runs that go on or are damaged cannot be.",
    )  # fmt: skip


def _delete_button(home: Home, chosen: list[Row]) -> None:
    st.button(
        "Delete", key="runs.delete", disabled=not _changeable(chosen), on_click=_delete, args=(home, chosen),
        help="Moves the chosen runs to the trash, from which they can be brought back.",
    )  # fmt: skip


def _delete(home: Home, chosen: list[Row]) -> None:
    deleted, told = [], []
    for row in chosen:
        try:
            trash.throw(home.own(row.id, "be deleted") if row.state != "damaged" else _damaged(row), home.trash)
            deleted.append(row.id)
        except EnigmaError as error:
            told.append(("warning", str(error)))
    st.session_state[_DELETED] = tuple(deleted)
    st.session_state[_TOLD] = tuple(told)
    st.session_state[_CHOSEN] = ()


def _damaged(row: Row) -> Run:
    # `Home.find` refuses a folder without run.json, which is just what may have to go.
    return Run(row.path)


def _restore(home: Home, ids: tuple[str, ...]) -> None:
    told = []
    for run_id in ids:
        try:
            trash.restore(run_id, home.trash, home.runs)
        except EnigmaError as error:
            told.append(("error", str(error)))
    st.session_state[_DELETED] = ()
    st.session_state[_TOLD] = tuple(told)
    st.session_state[_CHOSEN] = ids


def _messages(home: Home) -> None:
    """What became of the last action, once; the way back from a deletion until the next one."""
    for kind, text in st.session_state.pop(_TOLD, ()):
        if kind == "error":
            say_error(text)
        else:
            {"success": st.success, "warning": st.warning}[kind](escape_markdown(text))
    deleted = st.session_state.get(_DELETED, ())
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center", key="runs-undo"):
            what = f"run `{deleted[0]}`" if len(deleted) == 1 else f"{len(deleted)} runs"
            st.markdown(f"Deleted {what}.", width="content")
            st.button("Undo", key="runs.undo", on_click=_restore, args=(home, deleted))


def _import(home: Home) -> None:
    generation = st.session_state.get(_UPLOADS, 0)
    with st.popover("Import", help="Runs of another installation, one zip or several."):
        files = st.file_uploader("Zips of runs", "zip", accept_multiple_files=True, key=f"runs.import.{generation}")
        if not files:
            return
        told, chosen = [], []
        for file in files:
            try:
                imported, refused = import_runs(file, home.runs)
            except EnigmaError as error:
                imported, refused = [], [error]
            told += [("error", f"{file.name}: {error}") for error in refused]
            chosen += [run.id for run in imported]
        if chosen:
            told.insert(0, ("success", f"Imported {len(chosen)} run{'s' if len(chosen) != 1 else ''}."))
        st.session_state[_TOLD], st.session_state[_CHOSEN] = tuple(told), tuple(chosen)
        # A new uploader is an empty one.
        st.session_state[_UPLOADS] = generation + 1
        st.rerun(scope="fragment")


def _trash(home: Home) -> None:
    items = trash.thrown(home.trash)
    label = f"Trash ({len(items)})" if items else "Trash"
    with st.popover(label, help=f"Deleted runs are kept here for {trash.DAYS_KEPT} days."):
        if not items:
            st.write("The trash is empty.")
            return
        size = sum(item.size for item in items)
        st.write(f"{len(items)} deleted run{'s' if len(items) != 1 else ''}, {size / 1e6:,.1f} MB.")
        for item in items[:20]:
            left, right = st.columns([3, 1], vertical_alignment="center")
            left.markdown(f"{_named(item.run)}  \n`{item.run.id}` · {max(item.days_left(), 0):.0f} days left")
            key = f"restore.{item.run.path.parent.name}"
            if permission.may_change_run(item.run.path):
                right.button("Restore", key=key, on_click=_restore, args=(home, (item.run.id,)))
        if len(items) > 20:
            st.caption(f"And {len(items) - 20} older ones; `enigma runs trash` lists them all.")
        st.button("Empty the trash", key="runs.empty", on_click=_empty, args=(home,), help="Deletes them for good.")


def _empty(home: Home) -> None:
    st.session_state[_DELETED] = ()
    with told_if_refused():
        count = trash.empty(home.trash)
        st.session_state[_TOLD] = (("success", f"Deleted {count} run{'s' if count != 1 else ''} for good."),)


def _named(run: Run) -> str:
    from enigma.spec.titles import title

    try:
        name = labels.read(run).name
        return f"**{escape_markdown(title(run.spec))}**" + (f" · {escape_markdown(name)}" if name else "")
    except EnigmaError:
        return "**Damaged run**"
