"""The payload of the Watch view: what it holds, how exact it is, how large it is."""

import dataclasses
import json
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from enigma.ui.scrubber import MODULES, _Mounted, _next_command, javascript
from enigma.ui.scrubber.pack import (
    BYTE_LEVELS,
    COORDINATE_LEVELS,
    UNKNOWN_CLASS,
    fixed_axes,
    pack,
    pack_body,
)
from tests.ui.synthetic import trajectory

HERE = Path(__file__).parent
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed; the browser code is tested with it")


def unpack(payload: bytes) -> tuple[dict, dict[str, np.ndarray], bytes]:
    """Reads a payload by an independent route: header, arrays as stored numbers, thumbnails."""
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    end = 4 + length + header["bodyBytes"]
    raw = zlib.decompress(payload[4 + length : end])
    arrays, offset = {}, 0
    for entry in header["arrays"]:
        count = int(np.prod(entry["shape"]))
        planes = np.frombuffer(raw, np.uint8, count * entry["bytes"], offset).reshape(entry["bytes"], count)
        offset += count * entry["bytes"]
        values = sum(plane.astype(np.int64) << (8 * place) for place, plane in enumerate(planes))
        values = values.reshape(entry["shape"])
        if entry["moving"]:
            differences = np.where(values % 2, -(values + 1) // 2, values // 2)
            values = np.cumsum(differences, axis=0) % (1 << (8 * entry["bytes"]))
        arrays[entry["name"]] = values
    assert offset == len(raw)
    return header, arrays, payload[end:]


@pytest.fixture(scope="module")
def run():
    return trajectory(probes=300, frames=12, references=200)


def test_positions_come_back_within_half_a_level_of_the_axes(run):
    header, arrays, _ = unpack(pack(run, step=0, color="label"))
    left, bottom, side = header["axes"]
    level = side / COORDINATE_LEVELS
    for axis, name, origin in ((0, "x", left), (1, "y", bottom)):
        restored = origin + arrays[name] * level
        assert np.abs(restored - run.projection.probes[..., axis]).max() <= level / 2 + 1e-6
    assert np.abs(left + arrays["referenceX"] * level - run.projection.references[:, 0]).max() <= level / 2 + 1e-6
    assert np.abs(bottom + arrays["meanY"] * level - run.projection.means[:, 1]).max() <= level / 2 + 1e-6


def test_confidence_and_entropy_come_back_within_half_a_level(run):
    header, arrays, _ = unpack(pack(run, step=0, color="label"))
    largest = header["largestEntropy"]
    assert np.abs(arrays["confidences"] / BYTE_LEVELS - run.confidences).max() <= 0.5 / BYTE_LEVELS + 1e-6
    restored = arrays["entropies"] / BYTE_LEVELS * largest
    assert np.abs(restored - run.entropies).max() <= 0.5 * largest / BYTE_LEVELS + 1e-6


def test_predictions_and_labels_come_back_exactly(run):
    _, arrays, thumbnails = unpack(pack(run, step=0, color="label"))
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
    _, arrays, _ = unpack(pack(many, step=0, color="label"))
    assert np.array_equal(arrays["predictions"], many.predictions)


def test_both_axes_share_one_scale_and_hold_every_position(run):
    axes = fixed_axes(run.projection.probes, run.projection.references)
    everything = np.concatenate([run.projection.probes.reshape(-1, 2), run.projection.references])
    inside = (everything >= (axes.left, axes.bottom)) & (everything <= (axes.left + axes.side, axes.bottom + axes.side))
    assert inside.all()


@pytest.mark.parametrize(("probes", "frames"), [(1000, 16), (5000, 100)])
def test_payload_stays_below_four_bytes_a_point_a_frame(probes, frames):
    body = pack_body(trajectory(probes=probes, frames=frames))
    assert len(body.compressed) <= 4 * probes * frames


def test_missing_numbers_become_null_and_the_header_stays_valid_json(run):
    faithfulness = dataclasses.replace(run.projection.faithfulness, distance_correlation=float("nan"))
    holes = dataclasses.replace(
        run,
        source_accuracy=float("nan"),
        metrics={**run.metrics, "silhouette": np.full(len(run.steps), np.nan)},
        projection=dataclasses.replace(run.projection, faithfulness=faithfulness),
    )
    header, _, _ = unpack(pack(holes, step=0, color="label"))
    assert header["sourceAccuracy"] is None
    assert header["projection"]["distanceCorrelation"] is None
    assert header["metrics"]["silhouette"] == [None] * len(run.steps)


def test_a_run_with_a_single_frame_packs():
    header, arrays, _ = unpack(pack(trajectory(probes=20, frames=1), step=0, color="label"))
    assert header["steps"] == [0]
    assert arrays["x"].shape == (1, 20)


def test_labels_outside_the_classes_are_marked_unknown(run):
    unlabelled = dataclasses.replace(run, labels=np.full_like(run.labels, -1))
    _, arrays, _ = unpack(pack(unlabelled, step=0, color="label"))
    assert (arrays["labels"] == UNKNOWN_CLASS).all()


def test_a_projection_of_other_frames_is_refused(run):
    other = dataclasses.replace(run.projection, steps=run.projection.steps + 1)
    with pytest.raises(ValueError, match="Expected a projection of the frames"):
        pack(dataclasses.replace(run, projection=other), step=0, color="label")


def test_the_same_request_gives_the_same_bytes(run):
    assert pack(run, step=5, color="label") == pack(run, step=5, color="label")


class TestNextCommand:
    """When Python moves the browser, and when it only hears its own echo."""

    def test_an_argument_that_never_changes_never_moves_the_browser(self):
        mounted = _Mounted(0, "label", 0, "label", 0)
        assert _next_command(mounted, {"step": 80, "color": "entropy"}, 0, "label").command == 0

    def test_echoing_what_the_browser_reported_does_not_move_it(self):
        mounted = _Mounted(0, "label", 0, "label", 0)
        assert _next_command(mounted, {"step": 80, "color": "entropy"}, 80, "entropy").command == 0

    def test_a_new_step_moves_the_browser_and_keeps_its_colouring(self):
        mounted = _Mounted(0, "label", 0, "label", 0)
        wanted = _next_command(mounted, {"step": 80, "color": "entropy"}, 35, "label")
        assert (wanted.command, wanted.step, wanted.color) == (1, 35, "entropy")

    def test_asking_twice_for_the_same_step_is_one_command(self):
        mounted = _next_command(_Mounted(0, "label", 0, "label", 0), {"step": 80, "color": "label"}, 35, "label")
        assert _next_command(mounted, {"step": 80, "color": "label"}, 35, "label").command == mounted.command

    def test_returning_to_the_page_starts_from_the_arguments(self):
        wanted = _next_command(_Mounted(0, "label", 0, "label", 3), None, 35, "entropy")
        assert (wanted.command, wanted.step, wanted.color) == (4, 35, "entropy")


@needs_node
def test_the_joined_module_parses_and_exports_only_the_default(tmp_path):
    module = tmp_path / "scrubber.mjs"
    module.write_text(javascript(), encoding="utf-8")
    subprocess.run([NODE, "--check", module], check=True)
    assert javascript().count("\nexport ") == 1
    assert "\nimport " not in javascript()
    assert f"{MODULES[-1]}Module.mount" in javascript()


@needs_node
def test_the_pure_functions_of_the_browser_code(tmp_path, run):
    payload = tmp_path / "payload.bin"
    payload.write_bytes(pack(run, step=5, color="entropy"))
    expected = tmp_path / "expected.json"
    _, arrays, _ = unpack(payload.read_bytes())
    expected.write_text(json.dumps({name: values.ravel().tolist() for name, values in arrays.items()}))
    environment = {"PAYLOAD": str(payload), "EXPECTED": str(expected), "PATH": str(Path(NODE).parent)}
    done = subprocess.run(
        [NODE, "--test", HERE / "scrubber.test.mjs"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
