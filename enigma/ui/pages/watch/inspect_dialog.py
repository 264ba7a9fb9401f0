"""Inspect: a model and a dataset looked at together before a run, in a dialog."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.spec.durations import duration
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
    rows = "above: clean, below: shifted" if found["clean_accuracy"] else "as the model is given them"
    told = "; ".join(_told(example) for example in found["examples"])
    st.image(
        samples, caption=f"Test images, {rows}, with the class that the source model predicts", width="stretch",
        alt=f"The first test images side by side, {rows}; predicted: {told}",
    )  # fmt: skip
    _numbers(found)
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


def _numbers(found: dict[str, Any]) -> None:
    """Accuracies with their intervals, and what the run will take."""
    kinds = (
        ("source_accuracy", "Source accuracy", "With the stored statistics, no update yet."),
        ("batch_accuracy", "With batch statistics", "What frame 0 shows for methods that normalise with the batch."),
        ("clean_accuracy", "Clean accuracy", "Of the source model on the same images before corruption."),
    )
    shown = [kind for kind in kinds if found[kind[0]] or kind[0] == "source_accuracy"]
    cost, moving = found["cost"], sum(found["moving"].values())
    for (name, label, meaning), column in zip(shown, st.columns(len(shown)), strict=True):
        value = found[name]
        column.metric(label, percent(value["value"] if value else None), help=meaning)
        if value:
            column.caption(f"{percent(value['low'])} to {percent(value['high'])}")
    rest = st.columns(2)
    rest[0].metric("Numbers that will move", f"{moving:,}", help="Of all parameters together.")
    rest[1].metric(
        "Expected time and room",
        f"{duration(cost['seconds'])}, {cost['megabytes']:,.1f} MB",
        help="On this machine as busy as it is now, without the projection, and on its disk.",
    )
    st.caption(f"On {found['images']:,} test images; 95 % intervals (Wilson).")


def _told(example: dict[str, Any]) -> str:
    label = f", is {example['label']}" if example["label"] is not None else ""
    return f"{example['predicted']} {percent(example['confidence'], digits=0)}{label}"


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
