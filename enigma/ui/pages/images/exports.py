"""What leaves the Images page: the images on it as a table, and as a figure."""

import zlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from jaxtyping import Integer, UInt8

from enigma.analysis.metrics import prediction_flips
from enigma.analysis.trajectory import Trajectory
from enigma.store.run_folder import Run
from enigma.store.thumbnails import tiles
from enigma.ui.widgets.download import download
from enigma.ui.widgets.sheet_files import figure_buttons, table_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Images = Integer[np.ndarray, " shown"]


def exports(run: Run, trajectory: Trajectory, images: Images, frame: int, settings: Mapping[str, Any]) -> None:
    """One button for the table, and a menu for the figure.

    Args:
        images: places in the probe, in the order on screen.
        frame: the index of the frame on screen.
        settings: what was chosen on the page, by name.
    """
    step = int(trajectory.steps[frame])
    download(
        "CSV", partial(_csv, run, trajectory, images, frame, settings),
        f"{run.id}-{settings['group']}-{step}.csv", "text/csv",
        key="images.csv", help="One row for each image below.", disabled=not len(images),
    )  # fmt: skip
    figure_buttons(
        run, "images", step, settings, partial(_figure, trajectory, images, frame),
        key="images.figure", disabled=not len(images),
    )  # fmt: skip


def pictures(trajectory: Trajectory) -> UInt8[np.ndarray, "tiles height width 3"]:
    """The images of a run."""
    return _tiles(trajectory, zlib.crc32(trajectory.thumbnails))


@st.cache_data(max_size="128MB", show_spinner=False)
def _tiles(_trajectory: Trajectory, checksum: int) -> UInt8[np.ndarray, "tiles height width 3"]:
    """Decoded once."""
    return tiles(_trajectory.thumbnails, _trajectory.thumbnail_columns, _trajectory.thumbnail_size)


def _csv(run: Run, trajectory: Trajectory, images: Images, frame: int, settings: Mapping[str, Any]) -> bytes:
    step = int(trajectory.steps[frame])
    return table_bytes(run, "images", step, settings, prediction_flips.table(trajectory, images, frame))


def _figure(trajectory: Trajectory, images: Images, frame: int) -> "Figure":
    from enigma.figures.print.image_grid import image_grid_paper

    return image_grid_paper(trajectory, images, frame, pictures(trajectory))
