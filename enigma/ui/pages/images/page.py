"""The Images page: which probe images flip, when, and into which class."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from jaxtyping import Integer

from enigma.analysis.metrics import prediction_flips as flips
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.reading import notes
from enigma.analysis.trajectory import Trajectory
from enigma.spec.errors import EnigmaError
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.address import selected
from enigma.ui.navigation import link
from enigma.ui.pages.images.cards import Cards, style
from enigma.ui.pages.images.exports import exports, pictures
from enigma.ui.place import EVERYTHING, along, chosen
from enigma.ui.session import load, show
from enigma.ui.widgets.choices import keep, seed
from enigma.ui.widgets.markdown import escape_markdown, say_error

TITLE, GROUP, ORDER = "Images", "Explore", 3
TAKING = EVERYTHING

COUNTS = (12, 24, 48, 96)
MOST_PAIRS = 10
EVERY_CLASS = -1


@dataclass(frozen=True)
class Choices:
    """What a person chose to see.

    Attributes:
        group: one of `flips.GROUPS`.
        frame: the index of the frame shown.
        kind: the class that images are filtered by, or `EVERY_CLASS`.
        sort: one of `flips.SORTS`.
        count: how many images at most.
        selected: places in the probe, from the address.
    """

    group: str
    frame: int
    kind: int
    sort: str
    count: int
    selected: tuple[int, ...]


def page() -> None:
    """Draws the chosen run's images."""
    try:
        run = chosen(Home.default())
        trajectory = load(run, DEFAULT)
    except EnigmaError as error:
        say_error(error)
        st.link_button("Show the bundled run", "?")
        return
    show(run=run.id)
    st.html(style())
    st.title(f"Images · {escape_markdown(title(run.spec))}", anchor=False)
    probes, frames = len(trajectory.labels), len(trajectory.steps)
    st.caption(f"{probes:,} probe images · {frames} recorded steps · run `{run.id}` · {run.state}")
    if said := notes(run.facts):
        st.caption(escape_markdown(" ".join(said)))
    if not trajectory.has_predictions:
        st.info("This run holds no predictions that could flip: its loop logged no logits.")
        return
    choices = _choose(trajectory)
    pair = _pair(trajectory, choices.frame)
    _keep(trajectory, choices, pair)
    _results(run, trajectory, choices, pair)


def select(trajectory: Trajectory, choices: Choices, pair: tuple[int, int] | None) -> Integer[np.ndarray, " images"]:
    """All images that the choices ask for, in their order; `pair` is a class at frame 0 and one at the step shown."""
    frame = choices.frame
    images = flips.members(trajectory, choices.group, frame, choices.selected)
    if choices.kind != EVERY_CLASS:
        images = images[_kinds(trajectory, frame)[images] == choices.kind]
    if pair is not None:
        before, after = trajectory.predictions[0][images], trajectory.predictions[frame][images]
        images = images[(before == pair[0]) & (after == pair[1])]
    return flips.arranged(trajectory, images, choices.sort, frame)


def _kinds(trajectory: Trajectory, frame: int) -> Integer[np.ndarray, " probes"]:
    """What images are filtered by: the true class, or the predicted one where none is known."""
    return trajectory.labels if _labelled(trajectory) else trajectory.predictions[frame]


def _labelled(trajectory: Trajectory) -> bool:
    return bool((trajectory.labels >= 0).any())


def _choose(trajectory: Trajectory) -> Choices:
    labelled = _labelled(trajectory)
    marked = selected(st.query_params, len(trajectory.labels))
    groups = [name for name, group in flips.GROUPS.items() if labelled or not group.needs_labels]
    if not marked:
        groups.remove("selected")
    kinds = {"all": EVERY_CLASS} | {str(index): index for index in range(len(trajectory.classes))}
    steps = [int(step) for step in trajectory.steps]
    # Who comes with a selection wants to see it.
    seed("group", "images.group", {name: name for name in groups}, "selected" if marked else groups[0])
    seed("step", "images.step", {str(step): step for step in steps}, _nearest(trajectory))
    seed("class", "images.class", dict(kinds), EVERY_CLASS)
    seed("sort", "images.sort", {name: name for name in flips.SORTS}, "group")
    seed("count", "images.count", {str(count): count for count in COUNTS}, COUNTS[1])
    # A row that wraps: one line on a desk, three on a phone.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = st.selectbox(
            "Group", groups, key="images.group", format_func=lambda name: flips.GROUPS[name].title, width=170,
            help=" ".join(f"**{flips.GROUPS[name].title}**: {flips.GROUPS[name].help}" for name in groups),
        )  # fmt: skip
        kind = st.selectbox(
            "True class" if labelled else "Predicted class", list(kinds.values()), key="images.class", width=140,
            format_func=lambda index: "All" if index == EVERY_CLASS else trajectory.classes[index],
        )  # fmt: skip
        sort = st.selectbox(
            "Sort by",
            list(flips.SORTS),
            key="images.sort",
            format_func=flips.SORTS.__getitem__,
            width=210,
        )
        count = st.selectbox("At most", COUNTS, key="images.count", help="How many images are shown.", width=90)
        step = steps[0]
        if len(steps) > 1:
            step = st.select_slider(
                "Step", steps, key="images.step", format_func=lambda step: f"{step:,}", width=260,
                help="The recorded step whose predictions are shown and compared with those at step 0.",
            )  # fmt: skip
    if not labelled:
        st.caption(
            "The true classes of these images are unknown, so right, wrong and the groups made of them are left out."
        )
    return Choices(name, trajectory.frame_at(step), kind, sort, count, marked)


def _nearest(trajectory: Trajectory) -> int:
    """The recorded step at or before the one in the address; without one, the last."""
    text = st.query_params.get("step", "")
    asked = int(text) if text.isdecimal() and len(text) < 12 else int(trajectory.steps[-1])
    return int(trajectory.steps[trajectory.frame_at(asked)])


def _pair(trajectory: Trajectory, frame: int) -> tuple[int, int] | None:
    """Which classes flip into which; choosing one leaves only its images."""
    found = flips.pairs(trajectory, frame)
    step, classes = int(trajectory.steps[frame]), [escape_markdown(name) for name in trajectory.classes]
    if not found:
        st.caption(
            f"No prediction differs from step 0 at step {step:,}." + (" Choose a later step." if not step else "")
        )
        return None
    counts = {(pair.before, pair.after): pair.count for pair in found}
    seed("pair", "images.pair", {f"{before}-{after}": (before, after) for before, after in counts} | {"": None}, None)
    offered = list(counts)[:MOST_PAIRS]
    if st.session_state["images.pair"] not in (*offered, None):
        offered.append(st.session_state["images.pair"])
    total = sum(counts.values())
    picked = st.pills(
        f"Flips between step 0 and step {step:,}: {total:,} of {len(trajectory.labels):,} images, most frequent first",
        offered, key="images.pair",
        format_func=lambda pair: f"{classes[pair[0]]} → {classes[pair[1]]} · {counts[pair]}",
        help="From the class predicted at step 0 to the class predicted at this step. Choose one to see its images.",
    )  # fmt: skip
    with st.expander(f"All {len(found)} pairs of classes"):
        st.html(_pairs_table(trajectory, found))
    return picked


def _pairs_table(trajectory: Trajectory, found: list[flips.Pair]) -> str:
    names = [escape(name) for name in trajectory.classes]
    labelled = _labelled(trajectory)
    judged = '<th scope="col">now right</th><th scope="col">now wrong</th>' if labelled else ""
    rows = "".join(
        f'<tr><th scope="row">{names[pair.before]} → {names[pair.after]}</th><td>{pair.count}</td>'
        + (f"<td>{pair.to_right}</td><td>{pair.to_wrong}</td>" if labelled else "")
        + "</tr>"
        for pair in found
    )
    head = f'<thead><tr><th scope="col">from → to</th><th scope="col">images</th>{judged}</tr></thead>'
    table = f"<table>{head}<tbody>{rows}</tbody></table>"
    return f'<div class="ee-pairs" tabindex="0" role="region" aria-label="All pairs of classes">{table}</div>'


def _keep(trajectory: Trajectory, choices: Choices, pair: tuple[int, int] | None) -> None:
    keep(
        {
            "group": ("images.group", choices.group),
            "step": ("images.step", str(int(trajectory.steps[choices.frame]))),
            "class": ("images.class", None if choices.kind == EVERY_CLASS else str(choices.kind)),
            "sort": ("images.sort", None if choices.sort == "group" else choices.sort),
            "count": ("images.count", None if choices.count == COUNTS[1] else str(choices.count)),
            "pair": ("images.pair", f"{pair[0]}-{pair[1]}" if pair else None),
        }
    )


def _results(run: Run, trajectory: Trajectory, choices: Choices, pair: tuple[int, int] | None) -> None:
    images = select(trajectory, choices, pair)
    shown, step = images[: choices.count], int(trajectory.steps[choices.frame])
    cards = Cards(trajectory, choices.frame, pictures(trajectory))
    group = flips.GROUPS[choices.group]
    settings = _settings(trajectory, choices, pair)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{len(shown):,} of {len(images):,} images** · {group.help}", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            link("watch", "Watch this step", run=run.id, **{"color": "prediction"} | along() | {"step": str(step)})
            exports(run, trajectory, shown, choices.frame, settings)
    if not len(shown):
        st.info(f"No image belongs here at step {step:,}. Choose another group, step, class or pair of classes.")
        return
    st.html(cards.legend())
    st.html(cards.grid(shown))
    st.caption(
        "The strip of a card shows the prediction at each recorded step, all equally wide, in the colour and with the "
        "letters of its class; the line is the step shown."
    )


def _settings(trajectory: Trajectory, choices: Choices, pair: tuple[int, int] | None) -> dict[str, str | int]:
    """What was chosen, in words."""
    names = trajectory.classes
    kind = "all" if choices.kind == EVERY_CLASS else names[choices.kind]
    between = f"{names[pair[0]]} → {names[pair[1]]}" if pair else "all"
    return {"group": choices.group, "class": kind, "flips": between, "sort": choices.sort, "at_most": choices.count}
