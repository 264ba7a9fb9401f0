"""Small multiples of the projections on the Compare page: runs below each other, steps side by side."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape

import numpy as np
import streamlit as st

from enigma.analysis.comparing.runs import Compared
from enigma.analysis.projection.joint import TITLES, joint, obstacle, stored_at
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print.multiples import Cell, grid, picture
from enigma.figures.shared import groups
from enigma.figures.shared.overlay import DARK, LIGHT, Mark
from enigma.figures.shared.palette import COLORS
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.pages.compare.tables import swatch
from enigma.ui.session import address, load, show
from enigma.ui.widgets.download import download

OWN = "own"
LAYOUTS = {OWN: "Each run's own", **TITLES}
COLOR_NAMES = {
    "label": "True class", "prediction": "Prediction", "correctness": "Correctness", "flipped": "Flipped",
    "entropy": "Entropy", "confidence": "Confidence", "distance": "Distance to class mean",
    "doubt": "Doubt: drawn too near or too far",
}  # fmt: skip
# The shapes of the points as letters.
SIGNS = {
    "disc": "●", "square": "■", "triangle": "▲", "diamond": "◆", "triangle-down": "▼", "plus": "✚", "ex": "✖",
    "triangle-left": "◀", "triangle-right": "▶", "hexagon": "⬢", "ring": "○", "cross": "×",
}  # fmt: skip
TIMES = {"0": "step 0", "best": "best step of each", "last": "last step"}
MOST_RUNS = 6
_MARKS = "Clouds: training images. Crosses: their class means, with an arrow to the centroid of the test images."

_STYLE = """
<style>
  .compare-grid { display: grid; grid-template-columns: repeat(var(--steps), minmax(0, 1fr)); gap: 0.5rem;
    margin: 0 0 1rem; max-width: calc(var(--steps) * 340px); }
  .compare-grid figure { margin: 0; min-width: 0; }
  .compare-grid img { width: 100%; height: auto; display: block; border-radius: 4px; }
  .compare-grid figcaption { font-size: 0.85rem; font-variant-numeric: tabular-nums; padding-top: 0.15rem; }
  .compare-run { font-weight: 600; margin: 0.2rem 0 0.35rem; }
  .compare-run span { font-weight: 400; font-size: 0.85rem; margin-left: 0.5rem; }
  .compare-run img { vertical-align: middle; margin-right: 0.5rem; display: inline; }
  .compare-colors { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 0.85rem; align-items: center; }
  .compare-colors i { margin-right: 0.35rem; font-style: normal; }
  .compare-colors b { width: 9rem; height: 0.7rem; border-radius: 3px; }
</style>
"""


def pictures(
    home: Home, runs: Sequence[Run], compared: Sequence[Compared], names: list[str], marks: list[Mark]
) -> None:
    """Choices and the grid; every picture has the same colouring."""
    st.subheader("Projections", anchor=False)
    if len(runs) > MOST_RUNS:
        st.caption(f"The first {MOST_RUNS} of the {len(runs)} chosen runs.")
    runs, compared, names = runs[:MOST_RUNS], compared[:MOST_RUNS], names[:MOST_RUNS]
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    with left:
        tokens, usual = _choose_times(compared)
    # The true class of images without labels is unknown.
    first = "label" if _has_accuracy(compared) else "prediction"
    color = middle.selectbox(
        "Colour by", list(COLORS), index=_position(list(COLORS), "color", first), format_func=COLOR_NAMES.__getitem__,
        key="compare.color",
    )  # fmt: skip
    with right:
        layout = _choose_layout(home, runs)
    show(steps=None if tokens == usual else ",".join(tokens), color=color, layout=None if layout == OWN else layout)
    trajectories = _trajectories(home, runs, layout)
    frames = [_frames(run, tokens) for run in compared]
    cells = grid(trajectories, names, frames, color, shared=layout != OWN)
    st.html(_STYLE + _colors(cells[0][0]))
    st.caption(_explained(layout, trajectories, len(runs)))
    theme = st.context.theme.type or "light"
    for run, of_run, mark in zip(runs, cells, marks, strict=False):
        st.html(_row(run, of_run, mark, layout, theme))
    _downloads(cells, compared)


def _choose_times(compared: Sequence[Compared]) -> tuple[list[str], list[str]]:
    """What was chosen, and what is shown without a choice."""
    steps = sorted({int(step) for run in compared for step in run.steps} - {0})
    times = {name: text for name, text in TIMES.items() if name != "best" or _has_accuracy(compared)}
    options = [*times, *map(str, steps)]
    usual = _usual_times(times, options)
    wanted = [token for token in st.query_params.get("steps", ",".join(usual)).split(",") if token in options]
    picked = st.multiselect(
        "Steps", options, default=wanted or usual, key=f"compare.steps.{'.'.join(usual)}",
        format_func=lambda token: TIMES.get(token, f"step {int(token):,}" if token.isdecimal() else token),
        help="A run that has no frame at a step shows the last one before it.",
    )  # fmt: skip
    return picked or usual, usual


def _usual_times(times: Mapping[str, str], options: Sequence[str]) -> list[str]:
    """Beginning, best and end, or in place of the best the step that a person comes from."""
    came_from = address().get("step", "")
    return ["0", came_from, "last"] if came_from in options and came_from not in times else list(times)


def _has_accuracy(compared: Sequence[Compared]) -> bool:
    """Whether there is a run of which the best step is known."""
    return any(np.isfinite(run.metrics["accuracy"]).any() for run in compared)


def _choose_layout(home: Home, runs: Sequence[Run]) -> str:
    """Each run's own projection, or one for all of them where that makes sense."""
    problem = obstacle(runs)
    options = [OWN] if problem else list(LAYOUTS)
    return st.selectbox(
        "Positions", options, index=_position(options, "layout"), format_func=LAYOUTS.__getitem__,
        key=f"compare.layout.{len(options)}",
        help=problem or "One projection fitted on all runs together makes their positions comparable. "
        "UMAP takes about half a minute the first time and is then kept.",
    )  # fmt: skip


def _position(options: list[str], parameter: str, first: str = OWN) -> int:
    wanted = st.query_params.get(parameter, first)
    return options.index(wanted if wanted in options else first)


def _trajectories(home: Home, runs: Sequence[Run], layout: str) -> list[Trajectory]:
    own = [load(run, DEFAULT) for run in runs]
    if layout == OWN:
        return own
    if not stored_at(runs, layout, home.cache).exists():
        with st.spinner(f"Projecting {len(runs)} runs together …", show_time=True):
            found = joint(runs, layout, home.cache)
    else:
        found = joint(runs, layout, home.cache)
    return [replace(trajectory, projection=found[trajectory.run_id]) for trajectory in own]


def _frames(run: Compared, tokens: Sequence[str]) -> list[int]:
    """The frame of each chosen time: at that step, or the last one before it."""
    found = []
    for token in tokens:
        if token == "best":
            # Beside runs with labels, one without is shown at its first step.
            found.append(int(np.nan_to_num(run.metrics["accuracy"]).argmax()))
        elif token == "last":
            found.append(len(run.steps) - 1)
        else:
            found.append(max(0, int(np.searchsorted(run.steps, int(token), side="right")) - 1))
    return found


def _explained(layout: str, trajectories: Sequence[Trajectory], runs: int) -> str:
    if layout == OWN:
        alone = _MARKS
        if not any(len(trajectory.reference_labels) for trajectory in trajectories):
            alone = "There are no reference images, and so no class means."
        if runs == 1:
            return alone
        return (
            f"{alone} Each run has its own axes: **positions of different runs cannot be compared, only their shapes**."
        )
    return (
        f"{_MARKS} All runs are projected together, so positions can be compared. "
        f"Fitted on {trajectories[0].projection.fitted_on}; what it shows of each run stands beside its name."
    )


def _row(run: Run, cells: Sequence[Cell], mark: Mark, layout: str, theme: str) -> str:
    state = (str(run.path), run.frame_steps, run.status["state"], layout, theme)
    figures = "".join(
        f'<figure><img alt="{escape(f"{cell.name}, {cell.caption} right: projection")}" '
        f'src="data:image/webp;base64,{_encoded(cell, (*state, cell.frame, cell.color, cell.limits, cell.highest))}">'
        f"<figcaption>{escape(cell.caption)}</figcaption></figure>"
        for cell in cells
    )
    columns = len(cells)
    drawn = cells[0].trajectory
    told = f"{drawn.projection.title}: {drawn.faithfulness.words}"
    name = f'<div class="compare-run">{swatch(mark)}{escape(cells[0].name)} <span>{escape(told)}</span></div>'
    return f'{name}<div class="compare-grid" style="--steps: {columns}">{figures}</div>'


@st.cache_data(max_size="64MB", show_spinner=False)
def _encoded(_cell: Cell, key: tuple) -> str:
    """`key` says everything that the picture depends on."""
    return base64.b64encode(picture(_cell, DARK if key[4] == "dark" else LIGHT)).decode()


def _colors(cell: Cell) -> str:
    """What the colours mean, the same for all pictures."""
    if cell.color in groups.CONTINUOUS:
        shade = groups.shade(cell.trajectory, 0, cell.color)
        high = shade.high if np.isnan(cell.highest) else cell.highest
        bar = f'<b style="background: linear-gradient(90deg, {", ".join(shade.colors)})"></b>'
        ends = f"<span>{shade.title}: {shade.low:g}</span>{bar}<span>{high:.3g}</span>"
        return f'<div class="compare-colors">{ends}</div>'
    items = "".join(
        f'<span><i aria-hidden="true" style="color: {group.color}">{SIGNS[group.shape]}</i>{escape(group.name)}</span>'
        for group in groups.groups(cell.trajectory, 0, cell.color)
    )
    return f'<div class="compare-colors">{items}</div>'


def _downloads(cells: list[list[Cell]], compared: Sequence[Compared]) -> None:
    with st.popover("Export the pictures"), st.container(horizontal=True):
        for name, kind in {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}.items():
            download(
                name.upper(), partial(_exported, cells, compared, name), f"projections-compared.{name}", kind,
                key=f"compare.pictures.{name}",
            )  # fmt: skip


def _exported(cells: list[list[Cell]], compared: Sequence[Compared], name: str) -> bytes:
    from enigma.figures.files.comparison import export_multiples

    return export_multiples(cells, compared, name)
