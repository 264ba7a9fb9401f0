"""Probe images with what is predicted for them, for print."""

import math

import numpy as np
from jaxtyping import Integer, UInt8
from matplotlib.figure import Figure

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import groups, palette

COLUMNS = 8
# In inches: one image with its words.
_WIDTH, _HEIGHT = 1.05, 1.55


def image_grid_paper(
    trajectory: Trajectory,
    images: Integer[np.ndarray, " shown"],
    frame: int,
    tiles: UInt8[np.ndarray, "tiles height width 3"],
) -> Figure:
    """One picture an image; below it the class predicted at frame 0 and at `frame`, green where that is right.

    Args:
        images: places in the probe, at least one.
        tiles: one for each image of the probe.
    """
    rows = math.ceil(len(images) / COLUMNS)
    width, height = COLUMNS * _WIDTH, rows * _HEIGHT + 0.6
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    step = int(trajectory.steps[frame])
    figure.text(0.01, 1 - 0.12 / height, f"{groups.printable(trajectory.title)}, step {step:,}", fontsize=10, va="top")
    for place, image in enumerate(images.tolist()):
        left, top = (place % COLUMNS) * _WIDTH + 0.05, 0.4 + (place // COLUMNS) * _HEIGHT
        side = _WIDTH - 0.1
        axes = figure.add_axes((left / width, 1 - (top + side) / height, side / width, side / height))
        axes.imshow(tiles[image], interpolation="nearest")
        axes.axis("off")
        _words(figure, trajectory, image, frame, left / width, 1 - (top + side + 0.04) / height)
    return figure


def _words(figure: Figure, trajectory: Trajectory, image: int, frame: int, x: float, y: float) -> None:
    names = [groups.printable(name) for name in trajectory.classes]
    before, now, label = (int(values[image]) for values in (*trajectory.predictions[[0, frame]], trajectory.labels))
    color = palette.MUTED if label < 0 else palette.SUCCESS if now == label else palette.FAILURE
    told = names[now] if before == now else f"{names[before]} →\n{names[now]}"
    figure.text(x, y, told, fontsize=6.5, color=color, va="top", linespacing=1.15)
    if label >= 0:
        figure.text(x, y - 0.23 / figure.get_figheight(), f"true: {names[label]}", fontsize=6, va="top")
