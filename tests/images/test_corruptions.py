"""Shifted images: deterministic for each image, and told apart."""

import hashlib
import zlib

import imagecorruptions
import numpy as np
import pytest

from enigma.analysis.reading import notes
from enigma.images import image_set
from enigma.images.corruptions import corrupt, corrupted
from enigma.images.sources import load_sources
from enigma.recording.inspection import inspect
from enigma.recording.loop import record
from enigma.spec.catalogue import CORRUPTIONS
from enigma.spec.run_spec import RunSpec


@pytest.fixture(scope="module")
def test_images() -> image_set.ImageSet:
    return image_set.bundled("test")


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruption_depends_on_nothing_but_image_name_severity_and_index(name: str, test_images) -> None:
    # The images are grey, and saturation changes those at severity 4 and 5 only.
    picture, severity = test_images.images[0], 5 if name == "saturate" else 3
    np.random.seed(1)
    first = corrupt(picture, name, severity, 0)
    np.random.seed(2)
    corrupt(test_images.images[1], name, severity, 1)
    again = corrupt(picture, name, severity, 0)
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    if name != "none":
        assert (first != picture).any()


@pytest.mark.parametrize("name", ["gaussian_noise", "gaussian_blur", "contrast", "rotation", "translation"])
def test_severity_moves_images_further_from_the_original(name: str, test_images) -> None:
    distance = [
        np.mean(
            [np.abs(corrupt(p, name, s, i).astype(float) - p).mean() for i, p in enumerate(test_images.images[:30])]
        )
        for s in range(1, 6)
    ]
    assert distance == sorted(distance)
    assert distance[4] > 1.2 * distance[0]


def test_spatter_of_which_no_drop_falls_leaves_the_image_and_changes_no_other(test_images) -> None:
    """The library divides zero by zero for 7 of the first 200 images and returns them all black."""
    dry = []
    for index, picture in enumerate(test_images.images[:200]):
        seed = int(np.random.SeedSequence([zlib.crc32(b"spatter"), 1, index]).generate_state(1)[0])
        np.random.seed(seed)
        with np.errstate(invalid="ignore"):
            theirs = imagecorruptions.corrupt(picture, severity=1, corruption_name="spatter")
        if not theirs.any():
            dry.append(index)
        np.testing.assert_array_equal(corrupt(picture, "spatter", 1, index), theirs if theirs.any() else picture)
    assert dry == [22, 56, 98, 110, 150, 151, 174]


def test_images_that_a_corruption_left_as_they_were_are_counted_and_said(tmp_path) -> None:
    fields = {"corruption": "spatter", "severity": 1, "probes": 300, "references": 10, "batch_size": 50}
    spec = RunSpec.parse({**fields, "steps": 1, "frames": [0, 1], "device": "cpu"})
    sources = load_sources(spec.sources, tmp_path)
    before, after = sources.clean.images[sources.probe_positions], sources.probe.images[:]
    same = int((before == after).all(axis=(1, 2, 3)).sum())
    assert sources.unchanged() == same > 0
    run = record(spec, tmp_path / "runs", tmp_path)
    assert run.facts["unchanged_images"] == {"count": same, "of": 300}
    said = f"{same} of 300 probe images are as they were before corruption: it changed no pixel of them."
    assert said in notes(run.facts)
    assert said.replace("300", "500")[-60:] in " ".join(inspect(spec, tmp_path).notes)
    assert load_sources(spec.override(corruption="none").sources, tmp_path).unchanged() == 0


def test_global_generator_is_left_as_it_was(test_images) -> None:
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    corrupt(test_images.images[0], "gaussian_noise", 3, 0)
    assert np.random.rand() == expected


def test_cache_holds_what_corrupt_makes_and_is_read_again(tmp_path, test_images) -> None:
    few = test_images.take(np.array([5, 2, 9]))
    first = corrupted(few, "shot_noise", 2, tmp_path).images[:]
    for position, index in enumerate((5, 2, 9)):
        np.testing.assert_array_equal(first[position], corrupt(few.images[position], "shot_noise", 2, index))
    (path,) = tmp_path.glob("*.npy")
    before = path.stat().st_mtime_ns
    np.testing.assert_array_equal(corrupted(few, "shot_noise", 2, tmp_path).images[:], first)
    assert path.stat().st_mtime_ns == before


def test_rotation_turns_by_the_stated_degrees() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, 14:18] = 255
    turned = corrupt(picture, "rotation", 4, 0)[..., 0].astype(float)
    rows, columns = np.nonzero(turned > 128)
    # The angle of the long axis of a vertical bar, from its second moments.
    angle = 0.5 * np.degrees(
        np.arctan2(2 * np.cov(columns, rows)[0, 1], np.cov(columns, rows)[0, 0] - np.cov(columns, rows)[1, 1])
    )
    assert abs(abs(angle) - 50) < 3  # 90 - 40


def test_bundled_data_are_whole_and_stratified() -> None:
    test, train = image_set.bundled("test"), image_set.bundled("train")
    assert test.images.shape == (10_000, 32, 32, 3)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    assert np.bincount(train.labels).tolist() == [1000] * 10
    assert (test.images[:, :2] == 0).all()
    digest = hashlib.sha256(np.ascontiguousarray(test.images[:, 2:30, 2:30, 0])).hexdigest()
    # Of the original t10k-images-idx3-ubyte, without its header of 16 bytes.
    assert digest == "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a"
