"""The payload of the Watch view: what it holds, how exact it is, how large it is."""

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.metrics.registry import WATCH, shown
from enigma.analysis.reading import trajectory as load
from enigma.analysis.training_neighbors import TrainingNeighbors
from enigma.figures.shared.palette import class_colors
from enigma.figures.web.scrubber.body import COORDINATE_LEVELS, LEVELS, UNKNOWN_CLASS, fixed_axes, pack_body
from enigma.figures.web.scrubber.pack import View, pack
from enigma.store.home import Home
from tests.factories import trajectory
from tests.figures.unpacking import unpack

HERE = Path(__file__).parent
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed; the browser code is tested with it")


@pytest.fixture(scope="module")
def run():
    return trajectory(probes=300, frames=12, references=200)


def test_positions_come_back_within_half_a_level_of_the_axes(run):
    header, arrays, _ = unpack(pack(run, View()))
    left, bottom, side = header["axes"]
    level = side / COORDINATE_LEVELS
    for axis, name, origin in ((0, "x", left), (1, "y", bottom)):
        restored = origin + arrays[name] * level
        assert np.abs(restored - run.projection.probes[..., axis]).max() <= level / 2 + 1e-6
    assert np.abs(left + arrays["referenceX"] * level - run.projection.references[:, 0]).max() <= level / 2 + 1e-6
    assert np.abs(bottom + arrays["meanY"] * level - run.projection.means[:, 1]).max() <= level / 2 + 1e-6


def test_confidence_and_entropy_come_back_within_half_a_level(run):
    header, arrays, _ = unpack(pack(run, View()))
    largest = header["largestEntropy"]
    assert np.abs(arrays["confidences"] / LEVELS - run.confidences).max() <= 0.5 / LEVELS + 1e-6
    restored = arrays["entropies"] / LEVELS * largest
    assert np.abs(restored - run.entropies).max() <= 0.5 * largest / LEVELS + 1e-6


def test_predictions_and_labels_come_back_exactly(run):
    _, arrays, thumbnails = unpack(pack(run, View()))
    assert np.array_equal(arrays["predictions"], run.predictions)
    assert np.array_equal(arrays["labels"], run.labels)
    assert np.array_equal(arrays["referenceLabels"], run.reference_labels)
    assert thumbnails == run.thumbnails


def test_more_than_256_classes_still_come_back_exactly(run):
    many = dataclasses.replace(
        run,
        classes=tuple(f"class {index}" for index in range(1000)),
        predictions=np.random.default_rng(0).integers(0, 1000, run.predictions.shape),
    )
    _, arrays, _ = unpack(pack(many, View()))
    assert np.array_equal(arrays["predictions"], many.predictions)


def test_both_axes_share_one_scale_and_hold_every_position(run):
    axes = fixed_axes(run.projection.probes, run.projection.references)
    everything = np.concatenate([run.projection.probes.reshape(-1, 2), run.projection.references])
    inside = (everything >= (axes.left, axes.bottom)) & (everything <= (axes.left + axes.side, axes.bottom + axes.side))
    assert inside.all()


@pytest.mark.parametrize(
    "whole",
    [lambda: trajectory(probes=5000, frames=100), lambda: load(Home.default().example())],
    ids=["5,000 points x 100 frames", "the bundled run"],
)
def test_payload_stays_below_four_bytes_a_point_a_frame(whole):
    whole = whole()
    assert len(pack_body(whole).compressed) <= 4 * whole.predictions.size


def test_missing_numbers_become_null_and_the_header_stays_valid_json(run):
    holes = dataclasses.replace(
        run,
        source_accuracy=float("nan"),
        metrics={**run.metrics, "silhouette": np.full(len(run.steps), np.nan)},
    )
    header, _, _ = unpack(pack(holes, View()))
    assert header["sourceAccuracy"] is None
    assert header["metrics"]["silhouette"] == [None] * len(run.steps)


def test_a_run_with_a_single_frame_packs():
    header, arrays, _ = unpack(pack(trajectory(probes=20, frames=1), View()))
    assert header["steps"] == [0]
    assert arrays["x"].shape == (1, 20)


def test_labels_outside_the_classes_are_marked_unknown(run):
    unlabelled = dataclasses.replace(run, labels=np.full_like(run.labels, -1))
    _, arrays, _ = unpack(pack(unlabelled, View()))
    assert (arrays["labels"] == UNKNOWN_CLASS).all()


def test_the_classes_that_distances_belong_to_are_packed_where_they_are_not_the_labels(run):
    assert "distanceClasses" not in unpack(pack(run, View()))[1]
    nearest = np.random.default_rng(0).integers(0, len(run.classes), run.predictions.shape).astype(np.int32)
    unlabelled = dataclasses.replace(run, labels=np.full_like(run.labels, -1), distance_classes=nearest)
    np.testing.assert_array_equal(unpack(pack(unlabelled, View()))[1]["distanceClasses"], nearest)


def test_nearest_training_images_come_behind_everything_else_and_change_nothing_of_it(run):
    found = TrainingNeighbors(
        points=np.array([4], np.int32), references=np.arange(12 * 5, dtype=np.int32).reshape(12, 1, 5),
        distances=np.ones((12, 1, 5), np.float32), pictured=np.array([2, 9], np.int32), pictures=b"WebP",
    )  # fmt: skip
    with_them, without = unpack(pack(run, View(), neighbors=found)), unpack(pack(run, View()))
    assert with_them[2] == without[2] + found.pictures
    told = with_them[0].pop("neighbors")
    assert without[0].pop("neighbors") is None
    assert with_them[0] == without[0]
    assert (told["points"], told["count"], told["pictured"], told["bytes"]) == ([4], 5, [2, 9], 4)
    assert told["references"] == list(range(60))


def test_a_projection_of_other_frames_is_refused(run):
    other = dataclasses.replace(run.projection, steps=run.projection.steps + 1)
    with pytest.raises(ValueError, match="Expected a projection of the frames"):
        pack(dataclasses.replace(run, projection=other), View())


def test_the_same_request_gives_the_same_bytes(run):
    assert pack(run, View(5)) == pack(run, View(5))


def test_the_header_lists_the_curves_in_the_order_of_the_page_with_all_that_drawing_needs(run):
    header, _, _ = unpack(pack(run, View()))
    curves = header["curves"]
    assert [curve["name"] for curve in curves] == list(shown(WATCH))
    assert set(header["metrics"]) <= {curve["name"] for curve in curves}
    for curve in curves:
        assert set(curve) == {"name", "title", "unit", "hint", "help", "percent", "digits", "from_zero", "least_span"}
        assert all(curve[name] for name in ("title", "hint", "help"))
        assert curve["percent"] == (curve["unit"] == "%")


def test_the_header_gives_every_class_the_color_of_the_figures(run):
    header, _, _ = unpack(pack(run, View()))
    assert tuple(header["colors"]) == class_colors(len(run.classes))


@needs_node
def test_the_pure_functions_of_the_browser_code(tmp_path, run):
    payload = tmp_path / "payload.bin"
    payload.write_bytes(pack(run, View(5, "entropy")))
    expected = tmp_path / "expected.json"
    _, arrays, _ = unpack(payload.read_bytes())
    expected.write_text(json.dumps({name: values.ravel().tolist() for name, values in arrays.items()}))
    environment = {"PAYLOAD": str(payload), "EXPECTED": str(expected), "PATH": str(Path(NODE).parent)}
    done = subprocess.run(
        [NODE, "--test", HERE / "scrubber.test.mjs"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the browser decodes exactly what Python packed" in done.stdout
