"""Shifted data: the ImageNet-C corruptions, rotation and translation, deterministic for each image.

The 19 corruptions come from imagecorruptions-imaug, the maintained edition of the reference code
(Hendrycks & Dietterich 2019, arXiv:1903.12261). That code draws from NumPy's global generator, so it
is seeded for each image from the corruption, the severity and the image's place in its dataset:
an image looks the same whichever others are corrupted with it.
"""

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from enigma.images.image_set import ImageSet, LazyImages
from enigma.images.kept_images import KeptImages
from enigma.spec.errors import InputError

ROTATION_DEGREES = (10, 20, 30, 40, 50)
TRANSLATION_PIXELS = (2, 4, 6, 8, 10)

# These draw from generators of their own, which the global seed does not reach.
_OWN_GENERATOR = ("glass_blur", "impulse_noise")

# The severities at which spatter is water; beyond, it is mud.
_WATER = (1, 2, 3)

# NumPy has one global generator, and pictures may be read by several threads.
_GENERATOR = threading.Lock()

# Sets that would take more than this are corrupted picture by picture while they are read, not kept on disk.
_LARGEST_CACHED = 512 * 2**20

# Part of the name of every cached file: raise it when the pixels of a corruption, or the form of all files, change.
_VERSION, _VERSIONS = 2, {"spatter": 3}

Picture = UInt8[np.ndarray, "height width 3"]


def corrupt(image: Picture, name: str, severity: int, index: int) -> Picture:
    """One corrupted image; the same arguments give the same pixels.

    Args:
        image: at least 32 pixels wide and high.
        name: a key of `enigma.spec.catalogue.CORRUPTIONS`.
        severity: 1 to 5, ignored by 'none'.
        index: the image's place in its dataset, from which randomness is drawn.
    """
    if name == "none":
        return image
    if name == "rotation":
        return _rotate(image, ROTATION_DEGREES[severity - 1])
    seed = np.random.SeedSequence([zlib.crc32(name.encode()), severity, index]).generate_state(1)[0]
    if name == "translation":
        return _translate(image, TRANSLATION_PIXELS[severity - 1], np.random.default_rng(seed).uniform(0, 2 * np.pi))
    from imagecorruptions import corrupt as imagenet_c

    if min(image.shape[:2]) < 32:
        raise InputError(
            f"Expected images of at least 32x32 pixels for {name}, but got {image.shape[1]}x{image.shape[0]}."
        )
    own_seed = {"seed": int(seed)} if name in _OWN_GENERATOR else {}
    with _GENERATOR, _seeded(int(seed)), np.errstate(invalid="ignore" if name == "spatter" else None):
        made = imagenet_c(image, severity=severity, corruption_name=name, **own_seed)
    # Spatter divides by its thickest drop. Where none falls that is 0/0, which turns all pixels black: drops of water
    # only brighten, so nothing else does.
    return image.copy() if name == "spatter" and severity in _WATER and not made.any() else made


def corrupted(data: ImageSet, name: str, severity: int, cache: Path) -> ImageSet:
    """The whole dataset corrupted: each image when it is first asked for, and read from `cache` from then on.

    Those of a set of more than 512 MB are not kept but corrupted whenever one is read; the pixels are the same.
    """
    if name == "none":
        return data

    def alter(picture: Picture, index: int) -> Picture:
        return corrupt(picture, name, severity, index)

    if isinstance(data.images, LazyImages) and data.images.nbytes > _LARGEST_CACHED:
        return replace(data, images=replace(data.images, alter=alter))
    path = cache / f"{data.digest}-{name}-{severity}-v{_VERSIONS.get(name, _VERSION)}.npy"
    return replace(data, images=KeptImages(data.images, data.indices, alter, path))


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """NumPy's global generator seeded inside, and outside as if nothing had happened."""
    before = np.random.get_state()  # noqa: NPY002 - the package draws from the global generator
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _rotate(image: Picture, degrees: int) -> Picture:
    from PIL import Image

    return np.asarray(Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR))


def _translate(image: Picture, pixels: int, angle: float) -> Picture:
    dx, dy = round(pixels * np.cos(angle)), round(pixels * np.sin(angle))
    moved = np.zeros_like(image)
    height, width = image.shape[:2]
    moved[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = image[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return moved
