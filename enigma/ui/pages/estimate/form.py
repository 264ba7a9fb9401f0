"""What to estimate: a calibration, and then a recorded run, bundled images, images dropped here, or a path."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.analysis.estimators.bundled import DEFAULT_RUN, SCALED, all_bundled
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.report import fewest, fits, probes
from enigma.jobs import worker
from enigma.jobs.calibrating import spec_for
from enigma.spec.dataset_layouts import PLACE
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store import allowed, permission
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.store.uploads import MOST_PICTURES, SUFFIXES, keep_pictures, largest_megabytes, readable
from enigma.ui.place import choose as choose_run
from enigma.ui.session import show
from enigma.ui.widgets.images_form import SHIFTS
from enigma.ui.widgets.markdown import say_error
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


@st.cache_data(max_size="64MB", show_spinner=False)
def _read(path: str, changed: int) -> Calibration:
    return Calibration.read(Path(path))


def choose_calibration(home: Home) -> tuple[str, Path, Calibration] | None:
    """The calibration of the address, or else the one that suits its run, or else the first."""
    known = calibrations(home)
    if not known:
        say_error("Expected a calibration, but none is installed; enigma calibrate makes one from labelled images.")
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
        say_error(error)
        return None


def _called(name: str) -> str:
    if name.endswith(".safetensors"):
        return name
    of = {SCALED: ", temperature scaling", DEFAULT_RUN: ", settings of the default run"}
    for ending, words in of.items():
        if name.endswith(ending):
            return f"{name.removesuffix(ending)} · bundled{words}"
    return f"{name} · bundled"


def _suiting(home: Home, known: dict[str, Path]) -> str:
    with_run = home.example().id if _nothing_asked() else st.query_params.get("run", "")
    if with_run:
        # One that is not there is told of where the page shows it.
        with contextlib.suppress(EnigmaError):
            return next(_fitting_of(known, home.find(with_run)), next(iter(known)))
    return next(iter(known))


def _fitting_of(known: dict[str, Path], run: Run) -> Iterator[str]:
    """The names of the calibrations that were made with the settings of a run."""
    for name, path in known.items():
        try:
            if fits(read(path), run):
                yield name
        except EnigmaError:
            # A file that is none is told of where it is chosen.
            continue


def asked_run(home: Home, calibration: Calibration) -> str:
    """The run of the address; on a first visit the bundled one, so that there is something to see."""
    example = home.example()
    return example.id if _nothing_asked() and fits(calibration, example) else st.query_params.get("run", "")


def _nothing_asked() -> bool:
    """Whether this is a first visit, on which nobody has chosen images either."""
    if st.session_state.get("estimate.way", "run") != "run":
        return False
    return not {"run", "job", "from", "calibration"} & set(st.query_params)


def _calibration_chosen() -> None:
    show(calibration=st.session_state["estimate.calibration"], run=None, job=None)


def choose_images(home: Home, calibration: Calibration) -> None:
    """Changes the address to the run, or to the job that records it."""
    known = calibrations(home)
    runs = {
        run.id: f"{title(run.spec)} · {run.id}"
        for run in home.readable()
        if fits(calibration, run) or any(_fitting_of(known, run))
    }
    offered = {"run": bool(runs), "path": allowed.takes_paths()}
    ways = [way for way in WAYS if offered.get(way, True)] if permission.can_change() else ["run"]
    asked = st.query_params.get("from", "")
    way = st.radio(
        "Images", ways, index=ways.index(asked) if asked in ways else 0, key="estimate.way",
        format_func=WAYS.__getitem__,
    )  # fmt: skip
    if way == "run":
        _recorded(home, calibration, runs)
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
        say_error(error)


def _recorded(home: Home, calibration: Calibration, runs: dict[str, str]) -> None:
    def choose() -> None:
        chosen = st.session_state["estimate.run"]
        # Another calibration is taken only where this one was made with other settings than the run.
        kept = chosen is None or fits(calibration, home.find(chosen))
        choose_run(chosen, job=None, **({} if kept else {"calibration": None}))

    asked = asked_run(home, calibration)
    st.session_state["estimate.run"] = asked if asked in runs else None
    st.selectbox(
        "Run", list(runs), key="estimate.run", format_func=runs.__getitem__, placeholder="Choose a run",
        on_change=choose,
        help="Runs that were recorded as one of the calibrations was: same model, method, steps and learning rate.",
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
        max_upload_size=largest_megabytes(),
        help=f"PNG, JPEG, WebP, BMP, GIF or TIFF, at most {MOST_PICTURES:,} pictures and {largest_megabytes()} MB. "
        "They stay on the machine that computes.",
    )  # fmt: skip
    st.caption(
        "No labels are needed. Any size: the model's own preprocessing resizes them. "
        f"At least {fewest(calibration)}; of more than {calibration.provenance['images']:,}, so many are evaluated."
    )
    if not _button(f"Estimate on {len(files):,} images" if files else "Estimate", disabled=not files):
        return None
    with st.spinner("Looking at the images …"):
        good, refused = readable([(file.name, file.getvalue()) for file in files])
        # Too few are refused before they are kept.
        probes(calibration, len(good))
        place = keep_pictures(good, home.uploads)
    # The page is drawn anew, and must say it then; it belongs to these images alone.
    st.session_state["estimate.left_out"] = (str(place), refused)
    return _own(place), len(good)


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
    allowed.check_place(place, home.uploads, "dataset")
    return _own(place), len(recognise(place).pictures)


def _own(place: Path) -> dict[str, Any]:
    return {"dataset": str(place), "corruption": "none"}


def _button(label: str, *, disabled: bool = False) -> bool:
    return st.button(label, type="primary", width="stretch", disabled=disabled, key="estimate.go")
