"""The overlay of several runs: both libraries draw the same, files say what they show, lines can be told apart."""

import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from enigma.analysis.comparing.runs import Compared, Series, series
from enigma.analysis.metrics import registry
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files.comparison import FORMATS, export_multiples, export_overlay
from enigma.figures.print.multiples import grid, picture
from enigma.figures.print.overlay import overlay_paper
from enigma.figures.screen.overlay import overlay_figure, panel_figure
from enigma.figures.shared import overlay
from enigma.figures.shared.overlay import COLORS, DARK, DASHES, MARKERS
from enigma.spec.errors import InputError
from tests.analysis.comparing.test_comparing import NORM, RDUMB, TENT, made, unlabelled

RUNS = [TENT, RDUMB, NORM]
SEEDS = [made("s0", [0.5, 0.6], [0, 5]), made("s1", [0.7, 0.9], [0, 5], seed=1)]


def many(count: int) -> list[Compared]:
    return [made(f"run{seed}", [0.5, 0.6], [0, 5], seed=seed) for seed in range(count)]


def test_screen_and_paper_draw_the_same_values() -> None:
    shown = series(RUNS)
    printed = [line for line in overlay_paper(shown, "log").axes[0].lines if line.get_gid() == "curve"]
    drawn = [trace for trace in panel_figure(shown, "accuracy", "log").data if trace.name]
    for one, line, trace in zip(shown, printed, drawn, strict=True):
        np.testing.assert_allclose(line.get_ydata(), 100 * one.metrics["accuracy"])
        np.testing.assert_allclose(trace.y, line.get_ydata())
        np.testing.assert_allclose(trace.x, np.log1p(one.steps))
        assert trace.name == one.name


def test_linear_axis_has_steps_where_they_are_and_round_ticks() -> None:
    axis = overlay.step_axis(series(RUNS), "linear")
    assert list(axis.ticks) == [0, 20, 40, 60, 80, 100]
    line = overlay.panel(series(RUNS), "accuracy", "linear").lines[0]
    assert line.places.tolist() == [0, 10, 100]
    with pytest.raises(InputError, match="scale"):
        overlay.step_axis(series(RUNS), "square")


def test_band_is_one_deviation_up_and_down_in_percent() -> None:
    line = overlay.panel(series(SEEDS, fold=True), "accuracy", "log").lines[0]
    np.testing.assert_allclose(line.values, [60, 75])
    np.testing.assert_allclose(line.spread, [20 / 2**0.5, 30 / 2**0.5])
    band, curve = panel_figure(series(SEEDS, fold=True), "accuracy", "log").data
    np.testing.assert_allclose(band.y[:2], line.values + line.spread)
    assert "±" in curve.hovertemplate


def test_first_eight_lines_differ_in_colour_dash_and_marker_and_others_are_grey_with_names() -> None:
    assert len(set(COLORS)) == len(set(DASHES)) == len(set(MARKERS)) == overlay.DISTINCT
    shown = series(many(10))
    traces = [trace for trace in panel_figure(shown, "accuracy", "log").data if trace.name]
    grey = [trace for trace in traces if trace.mode == "lines"]
    assert {trace.name for trace in grey} == {"Tent seed 8", "Tent seed 9"}
    assert all(trace.name in trace.hovertemplate for trace in grey)
    texts = [text.get_text() for text in overlay_paper(shown, "log").legends[0].get_texts()]
    assert texts[-1] == "2 more"
    assert len(texts) == 9


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(color: str) -> float:
        channels = np.array([int(color[index : index + 2], 16) for index in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["#FBFAF6", DARK.paper])
def test_lines_stand_out_from_light_and_from_dark(ground: str) -> None:
    assert min(contrast(color, ground) for color in COLORS) > 2.8


def test_source_and_frame_0_are_lines_only_where_all_runs_share_them() -> None:
    panel = overlay.panel(series(RUNS), "accuracy", "log")
    assert panel.note == "source 20.0 %"
    assert panel.references == {"frame 0": 60.0}
    assert overlay.panel(series(SEEDS), "accuracy", "log").references == {}
    near = [replace(run, source_accuracy=0.58) for run in RUNS]
    assert overlay.panel(series(near), "accuracy", "log").references["source"] == pytest.approx(58)


@pytest.mark.parametrize("format", FORMATS)
def test_export_is_the_same_every_time_and_names_its_runs(format: str) -> None:
    content = export_overlay(series(RUNS), RUNS, format)
    assert content == export_overlay(series(RUNS), RUNS, format)
    assert content[:4] in {"png": b"\x89PNG", "pdf": b"%PDF"}.get(format, content[:4])
    if format != "pdf":
        assert b"aaa" in content


def test_png_carries_specs_versions_and_the_command_that_makes_it() -> None:
    description = Image.open(io.BytesIO(export_overlay(series(RUNS), RUNS, "png"))).info["Description"]
    command, _, facts = description.partition("\n")
    assert command == "enigma compare aaa bbb ccc"
    assert json.loads(facts)[1]["spec"]["method"] == "rdumb"
    assert json.loads(facts)[0]["versions"] == {"torch": "2"}


def test_csv_has_a_row_for_each_curve_and_step_and_deviations_where_folded() -> None:
    table = pd.read_csv(io.BytesIO(export_overlay(series([*SEEDS, NORM], fold=True), [*SEEDS, NORM], "csv")))
    assert table["step"].tolist() == [0, 5, 0, 10, 100]
    assert table["runs"][0] == "s0 s1"
    assert table["accuracy_deviation"][0] == pytest.approx(0.2 / 2**0.5)
    assert np.isnan(table["accuracy_deviation"][2])


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append(tag)


def test_hostile_names_are_shown_as_they_are() -> None:
    hostile = [replace(one, name="<img src=x onerror=alert(1)> $x$ %{y}") for one in series(RUNS)]
    figure = overlay_figure(hostile, "log")
    assert "<img" not in figure.to_json()
    overlay_paper(hostile, "log").savefig(io.BytesIO(), format="png")
    assert "img" not in Tags(export_overlay(hostile, RUNS, "html").decode().partition("<script")[0]).found


def test_one_run_with_one_frame_is_drawn() -> None:
    single = series([made("a", [0.6], [0])])
    assert len(export_overlay(single, [made("a", [0.6], [0])], "png")) > 1000
    assert len(panel_figure(single, "silhouette", "linear").data) == 1


def test_undefined_values_leave_a_gap() -> None:
    gap = replace(TENT, metrics=TENT.metrics | {"silhouette": np.array([np.nan, np.nan, np.nan])})
    assert (
        overlay.panel(series([gap]), "silhouette", "log").low,
        overlay.panel(series([gap]), "silhouette", "log").high,
    ) == (0, 1)


def test_pictures_share_their_axes_only_where_positions_can_be_compared(trajectory: Trajectory) -> None:
    wide = replace(trajectory, projection=replace(trajectory.projection, probes=trajectory.projection.probes * 10))
    alone = grid([trajectory, wide], ["a", "b"], [[0, 4], [0, 4]], "label", shared=False)
    together = grid([trajectory, wide], ["a", "b"], [[0, 4], [0, 4]], "label", shared=True)
    assert alone[0][0].limits == alone[0][1].limits != alone[1][0].limits
    assert together[0][0].limits == together[1][1].limits
    assert together[0][1].caption == "step 100 · 60.0 %"


@pytest.mark.parametrize("color", ["label", "correctness", "flipped", "entropy", "confidence"])
def test_picture_shows_points_in_every_colouring(trajectory: Trajectory, color: str) -> None:
    cells = grid([trajectory], ["a"], [[0, 4]], color, shared=False)
    first, last = (np.asarray(Image.open(io.BytesIO(picture(cell))).convert("RGBA")) for cell in cells[0])
    assert first.shape == (520, 520, 4)
    assert (first != last).any()
    assert (np.asarray(Image.open(io.BytesIO(picture(cells[0][0], DARK))).convert("RGBA")) != first).any()


def test_scale_of_entropy_is_one_for_all_runs(trajectory: Trajectory) -> None:
    more = replace(trajectory, entropies=trajectory.entropies * 2)
    cells = grid([trajectory, more], ["a", "b"], [[0], [0]], "entropy", shared=False)
    assert cells[0][0].highest == cells[1][0].highest == pytest.approx(float(more.entropies.max()))


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_pictures_are_exported(trajectory: Trajectory, format: str) -> None:
    cells = grid([trajectory, trajectory], ["a", "b"], [[0, 4], [0]], "label", shared=True)
    assert export_multiples(cells, RUNS, format) == export_multiples(cells, RUNS, format)
    with pytest.raises(InputError, match="format"):
        export_multiples(cells, RUNS, "html")


def test_series_of_a_single_run_has_no_band() -> None:
    assert all(isinstance(one, Series) and not one.spread for one in series(RUNS, fold=True))


def test_panels_without_any_value_are_left_out_and_a_missing_run_leaves_the_others() -> None:
    without = [unlabelled("u"), unlabelled("v", method="norm")]
    assert overlay.panels(series(without)) == tuple(
        name for name in registry.shown(registry.COMPARE) if name != "accuracy"
    )
    assert len(overlay_paper(series(without), "log").axes) == len(registry.shown(registry.COMPARE)) - 1
    assert not [note.text for note in overlay_figure(series(without), "log").layout.annotations if "nan" in note.text]
    mixed = series([*without[:1], TENT, RDUMB])
    assert overlay.panels(mixed) == registry.shown(registry.COMPARE)
    panel, alone = overlay.panel(mixed, "accuracy", "log"), overlay.panel(series([TENT, RDUMB]), "accuracy", "log")
    assert (panel.low, panel.high, panel.note, panel.references) == (
        alone.low, alone.high, alone.note, alone.references,
    )  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_comparison_without_labels_is_exported(format: str) -> None:
    without = [unlabelled("u"), unlabelled("v", method="norm")]
    content = export_overlay(series(without), without, format)
    assert content[:4] in {"png": b"\x89PNG", "pdf": b"%PDF"}.get(format, content[:4])
