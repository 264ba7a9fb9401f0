"""What can be done with one figure or table of the paper: record, make again, open its runs, copy its command."""

from collections.abc import Mapping, Sequence

import streamlit as st

from enigma.jobs import queue, worker
from enigma.reproduce.grid import CLEAN
from enigma.reproduce.make import make
from enigma.reproduce.registry import duration
from enigma.reproduce.result import Reproduction
from enigma.reproduce.stored import Stored, command, folder
from enigma.spec.run_spec import RunSpec
from enigma.store import permission
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.navigation import link
from enigma.ui.widgets.queue import who
from enigma.ui.widgets.refusal import told_if_refused

MOST_COMPARED = 8


def actions(home: Home, known: Mapping[str, Run], reproduction: Reproduction, found: Stored | None) -> None:
    """Buttons for who may change something, links to the runs that are here, and the command, which has a copy button.

    Args:
        known: the finished runs of the home by their spec.
    """
    specs = reproduction.specs(CLEAN)
    here = [known[spec.to_json()] for spec in specs if spec.to_json() in known]
    wanted = [spec for spec in specs if spec.to_json() not in known]
    with st.container(horizontal=True, vertical_alignment="center"):
        if permission.can_change():
            _buttons(home, reproduction, specs, wanted)
        _open(here)
    if found is not None and specs and not here:
        st.caption("Its runs did not come with the installation; record them to open them or to make it again.")
    st.code(command(reproduction.name), language="sh", wrap_lines=True)


def _buttons(home: Home, reproduction: Reproduction, specs: Sequence[RunSpec], wanted: Sequence[RunSpec]) -> None:
    name = reproduction.name
    if wanted:
        runs = "1 missing run" if len(wanted) == 1 else f"{len(wanted)} missing runs"
        st.button(
            f"Record {runs}", key=f"paper.record.{name}", on_click=_record, args=(home, wanted),
            help=f"Queues them: {duration(len(wanted))} on one core. The Runs page shows how far they are.",
        )  # fmt: skip
    is_possible = len(wanted) < len(specs) or not specs
    if st.button(
        "Make again", key=f"paper.make.{name}", disabled=not is_possible,
        help="From the runs that are recorded here." if is_possible else "None of its runs is recorded here.",
    ):  # fmt: skip
        with told_if_refused(), st.spinner("Making it again …"):
            permission.check_change()
            make(reproduction, specs, home, folder(home, name))
        st.rerun()


def _open(here: Sequence[Run]) -> None:
    if len(here) == 1:
        link("watch", "Open its run", run=here[0].id)
    elif here:
        shown = here[:MOST_COMPARED]
        label = "Open its runs" if len(shown) == len(here) else f"Open {len(shown)} of its {len(here)} runs"
        link("compare", label, runs=",".join(run.id for run in shown))


def _record(home: Home, wanted: Sequence[RunSpec]) -> None:
    with told_if_refused():
        asked = [job.spec for job in queue.active(home)]
        for spec in wanted:
            if spec.to_dict() not in asked:
                worker.submit(home, spec, by=who())
