"""How far the job is that the page is about."""

import streamlit as st

from enigma.jobs import worker
from enigma.spec.shares import percent
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.session import Shown
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import job_title, standing


def progress(home: Home, now: Shown) -> None:
    """One line above the picture: what is being done, and with what; sees that somebody does it."""
    job = now.job
    assert job is not None
    worker.ensure_workers(home)
    fraction, text = standing(home, job)
    if now.run is not None and title(now.run.spec) != job_title(job):
        # The picture below is still that of another run.
        text = f"**{escape_markdown(job_title(job))}** · {text}"
    st.progress(fraction, text + (_measured(now.recording) if now.recording and not now.ending else ""))


def _measured(run: Run) -> str:
    """Entropy and accuracy of the last batch of the stream."""
    scalars = run.scalars()
    if not len(scalars["step"]):
        return ""
    accuracy = scalars["accuracy"][-1]
    # NaN where the images have no labels.
    known = f" · stream accuracy {percent(accuracy)}" if accuracy == accuracy else ""
    return f" · entropy {scalars['entropy'][-1]:.3f} nats{known}"
