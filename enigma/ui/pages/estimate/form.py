"""What to estimate: a calibration, and then a recorded run, bundled images, images dropped here, or a path."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.analysis.estimators.bundled import SCALED, all_bundled
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.report import fewest, fits, probes
from enigma.jobs import worker
from enigma.jobs.calibrating import spec_for
from enigma.spec.dataset_layouts import PLACE
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.uploads import LARGEST_MEGABYTES, MOST_PICTURES, SUFFIXES, keep_pictures
from enigma.ui.session import show
from enigma.ui.widgets.images_form import SHIFTS
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import who

WAYS = {
    "run": "Recorded run", "bundled": "Bundled images", "folder": "Drop a folder", "files": "Drop files",
    "path": "Path",
}  # fmt: skip
_DEFAULT = RunSpec().model


def calibrations(home: Home) -> dict[str, Path]:
    """Those that come with bundled models by the model's name, and the user's own by file name."""
    bundled = all_bundled()
    own = {path.name: path for path in sorted((home.path / "calibrations").glob("*.safetensors"))}
    first = {_DEFAULT: bundled[_DEFAULT]} if _DEFAULT in bundled else {}
    return first | bundled | own


def read(path: Path) -> Calibration:
    """A calibration, read again only when its file has changed.

    Raises:
        InputError: it is no calibration.
    """
    return _read(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(path: str, changed: int) -> Calibration:
    return Calibration.read(Path(path))


def choose_calibration(home: Home) -> tuple[str, Path, Calibration] | None:
    """The calibration of the address, or else the one that suits its run, or else the first."""
    known = calibrations(home)
    if not known:
        st.error("Expected a calibration, but none is installed; enigma calibrate makes one from labelled images.")
        return None
    asked = st.query_params.get("calibration", "")
    name = asked if asked in known else _suiting(home, known)
    st.session_state["estimate.calibration"] = name
    st.selectbox(
        "Calibration", list(known), key="estimate.calibration", on_change=_calibration_chosen,
        format_func=_called,
        help="What the estimators were fitted on. `enigma calibrate --out ~/.enigma/calibrations/NAME.safetensors` "
        "makes one of your own model from labelled images; it is then offered here.",
    )  # fmt: skip
    try:
        return name, known[name], read(known[name])
    except (InputError, OSError) as error:
        st.error(escape_markdown(str(error)))
        return None


def _called(name: str) -> str:
    if name.endswith(".safetensors"):
        return name
    return f"{name.removesuffix(SCALED)} · bundled{', temperature scaling' if name.endswith(SCALED) else ''}"


def _suiting(home: Home, known: dict[str, Path]) -> str:
    with_run = st.query_params.get("run", "")
    if with_run:
        for name, path in known.items():
            try:
                if fits(read(path), home.find(with_run)):
                    return name
            except EnigmaError:
                continue
    return next(iter(known))


def _calibration_chosen() -> None:
    show(calibration=st.session_state["estimate.calibration"], run=None, job=None)


def choose_images(home: Home, calibration: Calibration) -> None:
    """Changes the address to the run, or to the job that records it."""
    runs = {run.id: f"{title(run.spec)} · {run.id}" for run in home.readable() if fits(calibration, run)}
    ways = [way for way in WAYS if way != "run" or runs]
    asked = st.query_params.get("from", "")
    way = st.radio(
        "Images", ways, index=ways.index(asked) if asked in ways else 0, key="estimate.way",
        format_func=WAYS.__getitem__,
    )  # fmt: skip
    if way == "run":
        _recorded(runs)
        return
    forms: dict[str, Callable[[Home], tuple[dict[str, Any], int] | None]] = {
        "bundled": _bundled, "folder": lambda home: _dropped(home, calibration, folder=True),
        "files": lambda home: _dropped(home, calibration, folder=False), "path": _path,
    }  # fmt: skip
    try:
        given = forms[way](home)
        if given is not None:
            values, available = given
            spec = spec_for(calibration, {**values, "probes": probes(calibration, available)})
            show(job=worker.submit(home, spec, by=who()).id, run=None)
            st.rerun()
    except EnigmaError as error:
        st.error(escape_markdown(str(error)))


def _recorded(runs: dict[str, str]) -> None:
    asked = st.query_params.get("run", "")
    st.session_state["estimate.run"] = asked if asked in runs else None
    st.selectbox(
        "Run", list(runs), key="estimate.run", format_func=runs.__getitem__, placeholder="Choose a run",
        on_change=lambda: show(run=st.session_state["estimate.run"], job=None),
        help="Runs that were recorded as the calibration was: same model, method and steps.",
    )  # fmt: skip


def _bundled(home: Home) -> tuple[dict[str, Any], int] | None:
    shift = st.selectbox("Shift", list(SHIFTS), index=list(SHIFTS).index("fog"), format_func=SHIFTS.__getitem__,
                         key="estimate.shift")  # fmt: skip
    severity = st.segmented_control("Severity", [1, 2, 3, 4, 5], default=3, key="estimate.severity", required=True,
                                    width="stretch")  # fmt: skip
    st.caption("Test images of Fashion-MNIST. Their labels are known, so each estimate can be held against the truth.")
    if not _button("Estimate"):
        return None
    return {"corruption": shift, "severity": severity}, 10_000


def _dropped(home: Home, calibration: Calibration, *, folder: bool) -> tuple[dict[str, Any], int] | None:
    """Pictures from the browser, kept when the button is pressed."""
    files = st.file_uploader(
        "Folder of images" if folder else "Images", [suffix[1:] for suffix in SUFFIXES.values()] + ["jpeg", "tiff"],
        accept_multiple_files="directory" if folder else True, key=f"estimate.{'folder' if folder else 'files'}",
        max_upload_size=LARGEST_MEGABYTES,
        help=f"PNG, JPEG, WebP, BMP, GIF or TIFF, at most {MOST_PICTURES:,} pictures and {LARGEST_MEGABYTES} MB. "
        "They stay on the machine that computes.",
    )  # fmt: skip
    st.caption(
        "No labels are needed. Any size: the model's own preprocessing resizes them. "
        f"At least {fewest(calibration)}; of more than {calibration.provenance['images']:,}, so many are evaluated."
    )
    if not _button(f"Estimate on {len(files):,} images" if files else "Estimate", disabled=not files):
        return None
    # Too few are refused before they are kept.
    probes(calibration, len(files))
    with st.spinner("Looking at the images …"):
        place = keep_pictures([(file.name, file.getvalue()) for file in files], home.uploads)
    return _own(place), sum(1 for _ in place.iterdir())


def _path(home: Home) -> tuple[dict[str, Any], int] | None:
    text = st.text_input(
        PLACE, key="estimate.path", placeholder="/data/photos",
        help="On the machine that computes. Labels are not needed; where sub-folders say the classes, the true "
        "accuracy is shown beside the estimates.",
    ).strip()  # fmt: skip
    if not _button("Estimate", disabled=not text):
        return None
    from enigma.images.layouts import recognise

    place = Path(text).expanduser()
    return _own(place), len(recognise(place).pictures)


def _own(place: Path) -> dict[str, Any]:
    return {"dataset": str(place), "corruption": "none"}


def _button(label: str, *, disabled: bool = False) -> bool:
    return st.button(label, type="primary", width="stretch", disabled=disabled, key="estimate.go")
