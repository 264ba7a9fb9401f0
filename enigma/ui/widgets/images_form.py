"""Which images: a bundled dataset, a path or an upload, and what lies there, said before anything runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from enigma.spec.catalogue import CORRUPTIONS, DATASETS
from enigma.spec.dataset_layouts import BENCHMARKS, PLACE
from enigma.spec.errors import InputError
from enigma.store import allowed
from enigma.store.home import Home
from enigma.store.uploads import keep_npz, largest_megabytes
from enigma.ui.widgets.fields import choose, explained, own_text, start, tell
from enigma.ui.widgets.markdown import say_error

SHIFTS = {name: choice.title for name, choice in CORRUPTIONS.items()}
_OWN = "folder"
_PREVIEWED = (0, 2)


@dataclass(frozen=True)
class Facts:
    """What the fields that follow depend on.

    Attributes:
        has_folders: whether sub-folders say the classes.
    """

    text: str = ""
    is_own: bool = True
    is_labelled: bool = True
    has_folders: bool = False


def image_fields() -> tuple[dict[str, Any], Facts]:
    """Dataset, shift and severity, and what they come to."""
    values = _dataset()
    if values["dataset"] in DATASETS:
        values["corruption"] = choose("corruption", SHIFTS, "Shift")
        if values["corruption"] != "none":
            values["severity"] = _severity()
        _preview(values["dataset"], values["corruption"])
        return values, Facts(is_own=False)
    values["corruption"] = _own_shift()
    # Also where nothing is added: the folder may hold several severities.
    values["severity"] = _severity()
    facts = _described(values["dataset"], values["corruption"], values["severity"])
    return values | _class_map(facts), facts


def _dataset() -> dict[str, Any]:
    """A bundled dataset or a path, and then the reference images that belong to it."""
    titles = {name: choice.title for name, choice in DATASETS.items()} | {_OWN: "Own images …"}
    chosen = choose("dataset", titles)
    if chosen != _OWN:
        return {"dataset": chosen}
    if not allowed.takes_paths():
        _upload("Upload an .npz")
        st.caption("This server reads bundled and uploaded images. Whoever runs it can allow its folders.")
        uploaded = st.session_state.get("spec.own.dataset", "")
        tell("Dataset", "" if uploaded else "No images have been uploaded yet.")
        return {"dataset": uploaded}
    values = {"dataset": own_text("dataset", PLACE, "/data/ImageNet-C")}
    _upload("or upload an .npz")
    values["reference"] = own_text("reference", "Reference folder", "/data/train or none")
    return {name: value for name, value in values.items() if value or name == "dataset"}


def _upload(label: str) -> None:
    """An .npz that is not on the machine that computes; once there, its path stands in the field above, if any."""
    st.file_uploader(
        label, "npz", key="spec.own.upload", on_change=_keep, max_upload_size=largest_megabytes(),
        help="Arrays: `images` (images, height, width, 3) as whole numbers from 0 to 255, perhaps `labels` and "
        "`classes`. It stays on the machine that computes.",
    )  # fmt: skip
    if problem := st.session_state.get("spec.own.problem"):
        say_error(problem)


def _keep() -> None:
    """Keeps what was uploaded, or says why not."""
    uploaded = st.session_state["spec.own.upload"]
    st.session_state["spec.own.problem"] = ""
    if uploaded is None:
        return
    try:
        path = keep_npz(uploaded.getvalue(), uploaded.name, Home.default().uploads)
    except InputError as error:
        st.session_state["spec.own.problem"] = str(error)
    else:
        st.session_state["spec.own.dataset"] = str(path)


def _own_shift() -> str:
    """A corruption to add to one's own images, or the part of a set of several that is meant."""
    name = st.selectbox(
        "Shift", list(SHIFTS), index=list(SHIFTS).index("none"), key="spec.own_corruption", accept_new_options=True,
        format_func=lambda name: SHIFTS.get(name, name),
        help=f"None takes the images as they are. For {BENCHMARKS}, which part of it is meant; "
        "for other images, what to do to them.",
    )  # fmt: skip
    return str(name or "none")


def _described(dataset: str, corruption: str, severity: int) -> Facts:
    """Says what the path is."""
    if not dataset:
        return Facts()
    try:
        allowed.check_place(dataset, Home.default().uploads, "dataset")
        facts = _recognised(dataset, corruption, severity)
    except InputError as error:
        say_error(error)
        return Facts()
    st.text(facts.text)
    return facts


@st.cache_data(max_size="1MB", ttl=60, show_spinner="Looking at the images …")
def _recognised(dataset: str, corruption: str, severity: int) -> Facts:
    from enigma.images.layouts import recognise

    layout = recognise(Path(dataset), corruption, severity)
    has_folders = layout.has_labels and bool(layout.folders)
    return Facts(layout.describe(), is_labelled=layout.has_labels, has_folders=has_folders)


def _class_map(facts: Facts) -> dict[str, str]:
    """Asked where sub-folders say the classes, because only there it has an effect."""
    if not facts.has_folders:
        return {}
    if not allowed.takes_paths():
        return {}
    value = own_text("class_map", "Class map", "by name, wnid or number", persist_state="page")
    return {"class_map": value} if value else {}


def _severity() -> int:
    return st.segmented_control(
        "Severity", [1, 2, 3, 4, 5], default=start("severity"), key="spec.severity", required=True, width="stretch",
        help=explained("severity"), persist_state="page",
    )  # fmt: skip


def _preview(dataset: str, corruption: str) -> None:
    """The chosen corruption on two images: clean, then severities 1 to 5."""
    if not dataset:
        return
    try:
        alt = f"Two test images: clean, then with {CORRUPTIONS[corruption].title} at severity 1 to 5"
        st.image(_strip(dataset, corruption), width="stretch", alt=alt)
    except InputError as error:
        say_error(error)


@st.cache_data(max_size="16MB", show_spinner=False)
def _strip(dataset: str, corruption: str) -> Image.Image:
    from enigma.images.corruptions import corrupt

    images = _samples(dataset)
    rows = [
        np.concatenate([image, *(corrupt(image, corruption, severity, index) for severity in range(1, 6))], axis=1)
        for index, image in images
    ]
    strip = Image.fromarray(np.concatenate(rows))
    return strip.resize((strip.width * 3, strip.height * 3), Image.Resampling.NEAREST)


@st.cache_data(max_size="16MB", show_spinner=False)
def _samples(dataset: str) -> list[tuple[int, np.ndarray]]:
    """Two test images with their places in the dataset."""
    from enigma.images import image_set

    data = image_set.bundled("test")
    return [(position, data.images[position]) for position in _PREVIEWED]
