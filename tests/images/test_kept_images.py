"""Images that are made when they are first asked for: which, how often, and what a crash leaves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from enigma.images.kept_images import KeptImages

INDICES = np.arange(100, 120)


@pytest.fixture
def original() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, 6, 5, 3), np.uint8)


@pytest.fixture
def made() -> list[int]:
    """The indices of the images that were made, in that order."""
    return []


@pytest.fixture
def kept(original: np.ndarray, made: list[int], tmp_path: Path) -> KeptImages:
    def alter(picture: np.ndarray, index: int) -> np.ndarray:
        made.append(index)
        return darker(picture, index)

    return KeptImages(original, INDICES, alter, tmp_path / "folder" / "kept.npy")


def darker(picture: np.ndarray, index: int) -> np.ndarray:
    return picture // 2 + np.uint8(index)


def expected(original: np.ndarray) -> np.ndarray:
    return np.stack([darker(picture, int(index)) for picture, index in zip(original, INDICES, strict=True)])


@pytest.mark.parametrize(
    "key", [3, -1, slice(2, 9), slice(None, None, -2), np.array([7, 0, 7]), np.array([], int), np.arange(20) > 15]
)
def test_indexing_is_that_of_an_array_of_all_images(key, kept: KeptImages, original: np.ndarray) -> None:
    found, whole = kept[key], expected(original)[key]
    np.testing.assert_array_equal(found, whole)
    assert (found.dtype, found.shape, found.flags.c_contiguous) == (np.uint8, whole.shape, True)
    assert (len(kept), kept.shape) == (20, (20, 6, 5, 3))


def test_only_what_is_asked_for_is_made_and_that_once(kept: KeptImages, made: list[int]) -> None:
    kept[np.array([4, 2])]
    kept[np.array([2, 9, 4])]
    assert made == [104, 102, 109]
    # Another process begins with what is in the file.
    replace(kept)[2:5]
    assert made == [104, 102, 109, 103]


def test_image_of_which_a_crash_kept_only_a_part_is_made_again(
    kept: KeptImages, original: np.ndarray, made: list[int]
) -> None:
    kept[:]
    records = np.load(kept.path, mmap_mode="r+")
    records["pixels"][5, 3:] = 0
    records["checksum"][7] = 0
    records.flush()
    made.clear()
    np.testing.assert_array_equal(replace(kept)[:], expected(original))
    assert made == [105, 107]


def test_several_fill_one_file_at_the_same_time(kept: KeptImages, original: np.ndarray) -> None:
    orders = [np.random.default_rng(seed).permutation(20) for seed in range(8)]
    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(lambda order: replace(kept)[order], orders))
    for order, images in zip(orders, found, strict=True):
        np.testing.assert_array_equal(images, expected(original)[order])
    np.testing.assert_array_equal(replace(kept)[:], expected(original))
    assert sorted(path.suffix for path in kept.path.parent.iterdir()) == [".lock", ".npy"]


@pytest.mark.parametrize("size", [0, 5, 60, 1000])
def test_file_that_was_cut_off_is_made_again(size: int, kept: KeptImages, original: np.ndarray) -> None:
    assert len(kept[:])
    kept.path.write_bytes(kept.path.read_bytes()[:size])
    np.testing.assert_array_equal(replace(kept)[:], expected(original))
