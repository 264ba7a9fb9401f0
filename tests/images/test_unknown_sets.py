"""Unknown images: the same for everyone, of the known images' size, and what they claim to be."""

from pathlib import Path

import numpy as np
import pytest

from enigma.images import image_set
from enigma.images.image_set import ImageSet
from enigma.images.unknown_sets import make_unknown
from enigma.spec.catalogue import UNKNOWNS

MADE = [name for name in UNKNOWNS if name != "held-out"]


@pytest.fixture(scope="module")
def known() -> ImageSet:
    return image_set.bundled("test").take(np.arange(300))


@pytest.mark.parametrize("name", MADE)
def test_set_is_unlabelled_sized_as_the_known_and_repeats_with_its_seed(
    name: str, known: ImageSet, tmp_path: Path
) -> None:
    one, again, other = (make_unknown(name, known, tmp_path, seed) for seed in (0, 0, 1))
    assert one.images.shape[1:] == known.images.shape[1:]
    assert (one.labels == -1).all()
    assert one.images.dtype == np.uint8
    assert one.digest == again.digest
    assert np.array_equal(one.images, again.images)
    assert np.array_equal(one.images, other.images) == (name in ("digits", "severity-5"))
    # Fashion-MNIST is grey; colour would give an image away.
    assert (np.asarray(one.images) == np.asarray(one.images)[..., :1]).all()


def test_digits_are_bright_on_black_and_all_there(known: ImageSet, tmp_path: Path) -> None:
    digits = make_unknown("digits", known, tmp_path)
    assert len(digits) == 1797
    assert np.median(digits.images[:, :, 0]) == 0
    assert digits.images.max() > 230


def test_noise_has_the_moments_it_says(known: ImageSet, tmp_path: Path) -> None:
    uniform = make_unknown("uniform", known, tmp_path).images
    assert uniform.mean() == pytest.approx(127.5, abs=0.5)
    assert uniform.std() == pytest.approx(255 / np.sqrt(12), abs=0.5)
    gaussian = make_unknown("gaussian", known, tmp_path).images
    drawn = np.random.default_rng(9).normal(known.images.mean(), known.images.std(), 10**6).clip(0, 255)
    assert gaussian.mean() == pytest.approx(drawn.mean(), abs=0.5)
    assert gaussian.std() == pytest.approx(drawn.std(), abs=0.5)


def test_textures_are_the_same_pixels_in_other_places(known: ImageSet, tmp_path: Path) -> None:
    textures = make_unknown("patches", known, tmp_path).images
    assert len(textures) == len(known)
    assert np.array_equal(np.sort(textures, axis=None), np.sort(known.images, axis=None))
    whole = {image.tobytes() for image in known.images}
    assert not any(image.tobytes() in whole for image in textures)
