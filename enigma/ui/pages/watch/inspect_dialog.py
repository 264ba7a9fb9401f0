"""Inspect: a model and a dataset looked at together before a run, in a dialog."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store import allowed, permission, policy
from enigma.store.home import VARIABLE, Home
from enigma.ui.widgets.markdown import escape_markdown, say_error

_PATIENCE_SECONDS = 900


def inspect_button(home: Home, spec: RunSpec | None) -> None:
    """Opens the dialog for what the form says."""
    pressed = st.button(
        "Inspect",
        width="stretch",
        key="inspect",
        disabled=spec is None,
        help="What the model is given, its accuracy before any update, and what will move.",
    )
    if pressed and spec is not None:
        _dialog(home, spec)


@st.dialog("Before the run", width="large")
def _dialog(home: Home, spec: RunSpec) -> None:
    try:
        permission.check_change()
        allowed.check_spec(spec, home.uploads)
        with st.spinner("Evaluating the source model on up to 500 images …"):
            found, samples = _inspected(str(home.path), spec.to_json())
    except InputError as error:
        say_error(error)
        return
    if found["warnings"]:
        st.warning("\n".join(f"- {escape_markdown(warning)}" for warning in found["warnings"]))
    rows = "above: clean, below: shifted" if found["clean_accuracy"] is not None else "as the model is given them"
    st.image(
        samples, caption=f"Test images, {rows}", width="stretch", alt=f"The first test images side by side, {rows}"
    )
    clean, shifted, moving = st.columns(3)
    clean.metric("Clean accuracy", percent(found["clean_accuracy"]), help="Of the source model, before corruption.")
    shifted.metric("Shifted accuracy", percent(found["shifted_accuracy"]), help="Of the source model, no update yet.")
    moving.metric("Numbers that will move", f"{sum(found['moving'].values()):,}", help="Of all parameters together.")
    st.caption(f"On {found['images']} test images.")
    for note in found["notes"]:
        st.markdown(f"**Note.** {escape_markdown(note)}")
    for line in found["dataset"]:
        st.markdown(f"**Images.** {escape_markdown(line)}")
    if found["broken"]:
        st.markdown(
            f"**Left out.** {len(found['broken']):,} broken: {escape_markdown(', '.join(found['broken'][:10]))}"
        )
    st.markdown(f"**Preprocessing.** {escape_markdown(found['preprocessing'])}")
    st.markdown(
        f"**Embedding.** The input of `{found['layer']}`, {found['features']:,} numbers; "
        f"{found['classes']:,} classes. **Reference images.** {found['reference'].capitalize()}."
    )
    names = ", ".join(f"`{name}` ({count:,})" for name, count in found["moving"].items()) or "nothing"
    st.markdown(f"**Will move.** {names}, of {found['parameters']:,} numbers.")


@st.cache_data(max_size="16MB", show_spinner=False)
def _inspected(home: str, spec: str) -> tuple[dict[str, Any], bytes]:
    """What `enigma inspect` says, in a process of its own, because the page never imports torch.

    Raises:
        InputError: what it says is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, picture = Path(folder) / "spec.json", Path(folder) / "samples.png"
        file.write_text(spec, encoding="utf-8")
        command = [sys.executable, "-m", "enigma", "inspect", "--spec", str(file), "--out", str(picture), "--json"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False,
                env={**policy.own_environment(), VARIABLE: home},
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise InputError(
                "Expected an answer within 15 minutes, but got none; try fewer or smaller images."
            ) from error
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
            raise InputError(last[0].removeprefix("Error: "))
        return json.loads(done.stdout), picture.read_bytes()
