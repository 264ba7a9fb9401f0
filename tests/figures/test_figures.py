import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files import tables
from enigma.figures.files.export import draw
from enigma.figures.print.run import curves_paper, projection_paper
from enigma.figures.screen.run import curves_figure, projection_figure
from enigma.figures.shared import curves, groups, palette
from enigma.figures.shared.export_request import FIGURE_FORMATS, Export
from enigma.figures.shared.provenance import Origin
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec

KINDS = ("projection", "curves")
PICTURES = tuple(format for format in FIGURE_FORMATS if format != "csv")


def named(figure, name: str):
    return next(trace for trace in figure.data if trace.name == name)


def collection(axes, gid: str) -> np.ndarray:
    return np.asarray(next(drawn for drawn in axes.collections if drawn.get_gid() == gid).get_offsets())


def export(
    trajectory: Trajectory, kind: str = "projection", format: str = "png", color: str = "label", step: int = 10
) -> bytes:
    origin = Origin(trajectory.run_id, trajectory.title, RunSpec(), {}, {})
    return draw(trajectory, origin, Export(kind, format, step=step, color=color))


# Projection


def test_points_lie_at_the_projection_of_the_frame(trajectory):
    for frame, step in enumerate(trajectory.steps.tolist()):
        expected = trajectory.projection.probes[frame]
        figure = projection_figure(trajectory, step, "label")
        for index, name in enumerate(trajectory.classes):
            trace = named(figure, name)
            np.testing.assert_array_equal(np.stack([trace.x, trace.y], 1), expected[trajectory.labels == index])
        axes = projection_paper(trajectory, step, "label").axes[0]
        np.testing.assert_allclose(collection(axes, "test"), expected)


def test_means_lie_at_the_class_means(trajectory):
    trace = named(projection_figure(trajectory, 10, "label"), "class mean")
    np.testing.assert_array_equal(np.stack([trace.x, trace.y], 1), trajectory.projection.means)
    axes = projection_paper(trajectory, 10, "label").axes[0]
    (crosses,) = [line for line in axes.lines if line.get_gid() == "means"]
    np.testing.assert_array_equal(crosses.get_xydata(), trajectory.projection.means)


def test_training_points_lie_at_the_references_in_the_colours_of_their_classes(trajectory):
    trace = named(projection_figure(trajectory, 10, "entropy"), "training")
    np.testing.assert_array_equal(np.stack([trace.x, trace.y], 1), trajectory.projection.references)
    colors = np.array(palette.class_colors(3))
    np.testing.assert_array_equal(trace.marker.color, colors[trajectory.reference_labels])


def test_arrows_of_the_interactive_figure_lead_from_the_means_to_the_centroids(trajectory):
    trace = named(projection_figure(trajectory, 10, "label"), "mean to test centroid")
    lines = np.stack([trace.x, trace.y], 1).reshape(3, 3, 2)
    np.testing.assert_array_equal(lines[:, 0], trajectory.projection.means)
    frame, owners = trajectory.frame_at(10), trajectory.distance_classes[trajectory.frame_at(10)]
    for index in range(3):
        expected = trajectory.projection.probes[frame][owners == index].mean(axis=0)
        np.testing.assert_allclose(lines[index, 1], expected, rtol=1e-6)
    assert np.isnan(lines[:, 2]).all()


def test_interactive_figure_has_a_cloud_and_a_name_for_each_class(trajectory):
    layout = projection_figure(trajectory, 10, "label").layout
    assert len([shape for shape in layout.shapes if shape.layer == "below"]) >= 3
    assert {note.text for note in layout.annotations} >= {f"<b>{name}</b>" for name in trajectory.classes}


def test_axes_are_the_same_for_every_step_and_hold_every_point(trajectory):
    layouts = [projection_figure(trajectory, step, "label").layout for step in trajectory.steps.tolist()]
    assert len({(layout.xaxis.range, layout.yaxis.range) for layout in layouts}) == 1
    assert layouts[0].yaxis.scaleanchor == "x"
    papers = [projection_paper(trajectory, step, "label").axes[0] for step in trajectory.steps.tolist()]
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in papers}) == 1
    points = trajectory.projection.probes.reshape(-1, 2)
    for (left, right), (bottom, top) in [
        (layouts[0].xaxis.range, layouts[0].yaxis.range),
        (papers[0].get_xlim(), papers[0].get_ylim()),
    ]:
        assert left < points[:, 0].min()
        assert right > points[:, 0].max()
        assert bottom < points[:, 1].min()
        assert top > points[:, 1].max()


def test_one_unit_is_as_long_on_both_axes_of_the_paper(trajectory):
    figure = projection_paper(trajectory, 0, "label")
    axes = figure.axes[0]
    box = axes.get_window_extent()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert box.width / (right - left) == pytest.approx(box.height / (top - bottom))


@pytest.mark.parametrize(("step", "shown"), [(-3, 0), (9, 1), (10, 10), (29, 10), (5000, 100)])
def test_a_step_between_frames_shows_the_frame_before_it(trajectory, step, shown):
    assert f"step {shown}<" in projection_figure(trajectory, step, "label").layout.title.text
    assert export(trajectory, "curves", "html", step=step) == export(trajectory, "curves", "html", step=shown)


def test_every_probe_is_in_exactly_one_group(hostile):
    for color in set(palette.COLORS) - set(groups.CONTINUOUS):
        members = np.stack([group.members for group in groups.groups(hostile, 2, color)])
        assert (members.sum(axis=0) == 1).all()


def test_correctness_agrees_with_labels_and_predictions(trajectory):
    right, wrong = groups.groups(trajectory, 2, "correctness")
    np.testing.assert_array_equal(right.members, trajectory.predictions[2] == trajectory.labels)
    np.testing.assert_array_equal(wrong.members, ~right.members)


def test_continuous_colors_carry_the_values_of_the_frame_on_a_fixed_scale(trajectory):
    markers = [named(projection_figure(trajectory, step, "entropy"), "test").marker for step in (0, 100)]
    np.testing.assert_allclose(markers[1].color, trajectory.entropies[4])
    assert markers[0].cmax == markers[1].cmax == pytest.approx(float(trajectory.entropies.max()))


def test_hover_tells_true_and_predicted_class_and_entropy(trajectory):
    row = named(projection_figure(trajectory, 10, "label"), "dog").customdata[0]
    assert list(row[:2]) == ["dog", trajectory.classes[trajectory.predictions[2, 1]]]
    assert row[2] == pytest.approx(trajectory.entropies[2, 1])
    # In percent, as everywhere.
    assert row[3] == pytest.approx(100 * trajectory.confidences[2, 1])


def test_every_class_has_a_shape_of_its_own_beside_its_color(trajectory):
    ten = tuple("abcdefghij")
    many = replace(trajectory, classes=ten, projection=replace(trajectory.projection, means=np.zeros((10, 2), "f4")))
    assert len({group.shape for group in groups.groups(many, 0, "label")}) == 10
    symbols = [named(projection_figure(many, 0, "label"), name).marker.symbol for name in ten]
    assert len(set(symbols)) == 10
    drawn = next(c for c in projection_paper(trajectory, 0, "label").axes[0].collections if c.get_gid() == "test")
    first, second, third = (drawn.get_paths()[index].vertices.shape for index in range(3))
    assert len({first, second, third}) == 3


def test_a_class_without_points_stays_in_the_legend(trajectory):
    nothing = replace(trajectory, predictions=np.zeros_like(trajectory.predictions))
    assert len(named(projection_figure(nothing, 0, "prediction"), "bird").x) == 1


def test_the_subtitle_names_projection_faithfulness_and_warning(trajectory):
    warned = replace(trajectory, projection=replace(trajectory.projection, warning="Hides collapse."))
    text = projection_figure(warned, 0, "label").layout.title.subtitle.text
    assert "UMAP, fitted jointly" in text
    assert "phase 1 partly shown, phase 2 partly shown, single images good" in text
    assert text.endswith("Hides collapse.")


def test_many_classes_have_different_colors_and_a_short_printed_legend(trajectory):
    projection = replace(trajectory.projection, means=np.zeros((100, 2), dtype=np.float32))
    many = replace(trajectory, classes=tuple(f"class {index}" for index in range(100)), projection=projection)
    assert len(set(palette.class_colors(100))) == 100
    (legend,) = projection_paper(many, 0, "label").legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "test, 100 classes", "training", "class mean", "mean to test centroid",
    ]  # fmt: skip


# Curves


def test_curves_show_the_metrics_and_accuracy_in_percent(trajectory):
    figure, paper = curves_figure(trajectory, 10), curves_paper(trajectory, 10)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    printed = [next(line for line in axes.lines if line.get_gid() == "curve") for axes in paper.axes]
    for name, trace, line in zip(curves.curve_names(trajectory), lines, printed, strict=True):
        expected = trajectory.metrics[name] * (100 if name == "accuracy" else 1)
        np.testing.assert_allclose(trace.y, expected)
        np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_allclose(np.expm1(trace.x), trajectory.steps, atol=1e-9)
    assert [trace.name for trace in lines] == ["Accuracy, %", "Entropy, nats", "Silhouette score", "Shift distance"]


def test_the_current_step_is_marked_on_every_curve(trajectory):
    marks = [trace for trace in curves_figure(trajectory, 29).data if trace.mode == "markers"]
    np.testing.assert_allclose([mark.x[0] for mark in marks], np.log1p(10))
    np.testing.assert_allclose([mark.y[0] for mark in marks], [70, 0.6, 0.3, 1.2])


def test_the_source_accuracy_is_a_line_only_where_it_lies_near(trajectory):
    assert curves.curve(trajectory, "accuracy").references == {"frame 0": 62.0, "source": 60.0}
    far = curves.curve(replace(trajectory, source_accuracy=0.1), "accuracy")
    assert (list(far.references), far.note) == (["frame 0"], "source 10.0 %")


def test_phases_meet_at_the_boundary(trajectory):
    first, second = curves.phases(trajectory).values()
    assert first == (0.0, pytest.approx(np.log1p(30)))
    assert second == (first[1], pytest.approx(np.log1p(100)))


def test_both_phases_are_tinted_and_the_step_is_ruled_on_every_panel(trajectory):
    shapes = curves_figure(trajectory, 10).layout.shapes
    rectangles = [shape for shape in shapes if shape.type == "rect"]
    assert {shape.fillcolor for shape in rectangles} == {palette.SUCCESS_TINT, palette.FAILURE_TINT}
    assert len(rectangles) == 2 * len(curves.curve_names(trajectory))
    rules = [shape for shape in shapes if shape.type == "line" and shape.x0 == shape.x1 == np.log1p(10)]
    assert len(rules) == len(curves.curve_names(trajectory))


def test_numbers_along_an_axis_are_round_and_inside(trajectory):
    for name in curves.curve_names(trajectory):
        curve = curves.curve(trajectory, name)
        found = curves.value_ticks(curve)
        assert 2 <= len(found) <= 6
        assert curve.low <= found[0] <= found[-1] <= curve.highest_tick


def test_a_metric_that_was_not_recorded_is_named_so(trajectory):
    figure = curves_figure(trajectory, 0, ("calibration_error",))
    assert "not recorded" in [note.text for note in figure.layout.annotations]


def test_an_undefined_value_leaves_a_gap(trajectory):
    values = trajectory.metrics["silhouette"].copy()
    values[2] = np.nan
    gap = replace(trajectory, metrics=trajectory.metrics | {"silhouette": values})
    (line, *marks) = curves_figure(gap, 10, ("silhouette",)).data
    assert np.isnan(line.y[2])
    assert marks == []
    assert export(gap, "curves")


# Export


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", PICTURES)
def test_the_same_run_gives_the_same_bytes(trajectory, kind, format):
    assert export(trajectory, kind, format) == export(trajectory, kind, format)


@pytest.mark.parametrize("color", palette.COLORS)
@pytest.mark.parametrize("run", ["trajectory", "single_frame", "hostile"])
def test_every_coloring_can_be_exported(request, run, color):
    for format in ("svg", "html"):
        assert export(request.getfixturevalue(run), "projection", format, color)


@pytest.mark.parametrize("format", PICTURES)
def test_a_single_frame_with_an_undefined_score_has_curves(single_frame, format):
    assert export(single_frame, "curves", format)


@pytest.mark.parametrize("kind", KINDS)
def test_svg_is_xml_that_names_its_run(hostile, kind):
    data = export(hostile, kind, "svg").decode()
    root = ElementTree.fromstring(data)
    words = {element.tag.split("}")[1]: element.text for element in root.iter() if element.text}
    assert words["identifier"] == "0123456789ab"
    assert "step 10" in words["description"]
    assert enigma.__version__ in words["description"]
    assert not [element for element in root.iter() if element.tag.endswith("script")]


@pytest.mark.parametrize("kind", KINDS)
def test_html_of_a_figure_is_the_scrubber_at_its_step(trajectory, kind):
    pages = [export(trajectory, what, "html", "entropy").decode() for what in (kind, "explorable")]
    assert '<meta name="enigma:step" content="10">' in pages[0]
    # They differ in the command that makes them again.
    assert pages[0].partition("<title>")[2] == pages[1].partition("<title>")[2]


def test_interactive_figure_holds_no_markup_of_the_user(hostile):
    for text in (drawn for trace in projection_figure(hostile, 0, "label").data for drawn in trace.text or ()):
        assert not set("<>$") & set(text)


def test_mathematical_text_is_printed_as_it_is(hostile):
    (legend,) = projection_paper(hostile, 0, "label").legends
    assert [text.get_text() for text in legend.get_texts()][1:3] == ["$\\frac{1}$ %{x}", '_a,"b"  ']
    assert not any(text.get_parse_math() for text in legend.get_texts())


@pytest.mark.parametrize(
    "call",
    [
        lambda run: projection_figure(run, 0, "mood"),
        lambda run: projection_paper(run, 0, "mood"),
        lambda run: curves_figure(run, 0, ("mood",)),
        lambda run: curves_paper(run, 0, ("mood",)),
    ],
)
def test_an_unknown_name_says_what_was_expected(trajectory, call: Callable[[Trajectory], object]):
    with pytest.raises(InputError, match=r"^Expected .+ but got '\w+'\.$"):
        call(trajectory)


# Tables


def test_numbers_come_back_from_csv(trajectory):
    table = pd.read_csv(io.BytesIO(tables.as_csv(tables.frames(trajectory))))
    assert list(table.columns) == ["run_id", "step", *trajectory.metrics, "source_accuracy"]
    np.testing.assert_array_equal(table["step"], trajectory.steps)
    for name, values in trajectory.metrics.items():
        np.testing.assert_array_equal(table[name], values)
    assert (table["source_accuracy"] == 0.6).all()


def test_points_come_back_from_csv(hostile):
    table = pd.read_csv(io.BytesIO(tables.as_csv(tables.points(hostile))), dtype={"run_id": str})
    assert len(table) == len(hostile.steps) * len(hostile.labels)
    frame = table[table["step"] == 30]
    np.testing.assert_array_equal(frame["probe"], np.arange(len(hostile.labels)))
    np.testing.assert_allclose(frame[["x", "y"]], hostile.projection.probes[3], rtol=1e-6)
    np.testing.assert_allclose(frame["entropy"], hostile.entropies[3], rtol=1e-6)
    assert frame["true_class"].isna().sum() == 5
    assert list(frame["predicted_class"]) == [hostile.classes[index] for index in hostile.predictions[3]]


def test_importing_the_package_loads_no_drawing_library():
    names = "{'plotly', 'matplotlib', 'pandas', 'torch', 'streamlit'}"
    code = f"import sys, enigma.figures; assert not {names} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(enigma.__file__).parents[1])


def test_drawing_loads_neither_torch_nor_streamlit_nor_pyplot():
    names = "{'torch', 'streamlit', 'matplotlib.pyplot'}"
    code = f"import sys, enigma.figures.files.export; assert not {names} & set(sys.modules), set(sys.modules) & {names}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(enigma.__file__).parents[1])
