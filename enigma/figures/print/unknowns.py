"""Known and unknown images at one step, for print: accuracy and AUROC over the steps, the score, and the ROC curve."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from enigma.figures.shared import palette

_KNOWN, _UNKNOWN = palette.ACCENT, palette.FAILURE


def unknowns_paper(view: dict[str, Any], step: int, score: str, keep: float) -> Figure:
    """Three panels of what the Unknowns page shows.

    Args:
        view: of `enigma.analysis.unknowns.view.view`.
        step: a recorded one.
        score: the name of one of its scores.
        keep: the share of known images that the threshold keeps, in [0.5, 1].
    """
    frame, at = view["steps"].index(step), round(100 * keep) - 50
    title = next(one["title"] for one in view["scores"] if one["name"] == score)
    figure = Figure(figsize=(10.2, 3.5), facecolor=palette.PAPER)
    curves, spread, roc = figure.subplots(1, 3)
    _curves(curves, view, frame, score, title)
    _spread(spread, view, frame, score, title, view["levels"][score][frame][at])
    _roc(roc, view, frame, score, at)
    for axes in (curves, spread, roc):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.suptitle(f"{view['title']}, step {step:,}", fontsize=10, x=0.01, ha="left")
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    return figure


def _curves(axes: Axes, view: dict[str, Any], frame: int, score: str, title: str) -> None:
    lines = (
        ("accuracy of known images", view["accuracy"], view["source"]["accuracy"], palette.SUCCESS),
        (f"AUROC of {title}", view["auroc"][score], view["source"]["auroc"][score], "#8A3FA8"),
    )
    for name, values, source, color in lines:
        axes.plot(view["steps"], 100 * np.array(values, float), color=color, marker="o", markersize=3, label=name)
        axes.axhline(100 * source, color=color, linestyle=":", linewidth=1, label=f"{name}, source model")
    axes.axvline(view["steps"][frame], color=palette.MUTED, linewidth=1)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlabel("step", fontsize=8.5)
    axes.set_ylabel("%", fontsize=8.5)
    axes.legend(fontsize=6.5, frameon=False)


def _spread(axes: Axes, view: dict[str, Any], frame: int, score: str, title: str, level: float | None) -> None:
    found = view["histograms"][score]
    edges = np.linspace(found["low"], found["high"], len(found["known"][frame]) + 1)
    for name, color in (("known", _KNOWN), ("unknown", _UNKNOWN)):
        axes.stairs(100 * np.array(found[name][frame]), edges, fill=True, alpha=0.55, color=color, label=name)
    if level is not None:
        axes.axvline(level, color=palette.INK, linewidth=1.2, label="threshold")
    axes.set_xlabel(f"{title}{', nats' if score == 'entropy' else ''} (larger is more unknown)", fontsize=8.5)
    axes.set_ylabel("share of each kind, %", fontsize=8.5)
    axes.legend(fontsize=7, frameon=False)


def _roc(axes: Axes, view: dict[str, Any], frame: int, score: str, at: int) -> None:
    points = 100 * np.array(view["roc"][score][frame], float).reshape(-1, 2)
    known, unknown = 100 * np.array(view["thresholds"][score][frame], float).reshape(-1, 2)[at]
    axes.plot(*points.T, color="#8A3FA8")
    axes.plot([0, 100], [0, 100], color=palette.LINE, linestyle="--", linewidth=1)
    axes.plot(known, unknown, "o", color=palette.INK, markersize=5)
    axes.set(xlim=(-1, 101), ylim=(-1, 101), aspect="equal")
    axes.set_xlabel("known rejected, %", fontsize=8.5)
    axes.set_ylabel("unknown rejected, %", fontsize=8.5)
