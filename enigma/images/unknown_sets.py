"""Images that a model should not know: made here, so that they are there offline, and the same for everyone."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from enigma.images.corruptions import corrupted
from enigma.images.image_set import ImageSet

MOST = 2000

_Pixels = UInt8[np.ndarray, "images height width 3"]


def make_unknown(name: str, known: ImageSet, cache: Path, seed: int = 0) -> ImageSet:
    """The unknown images `name` of the catalogue's UNKNOWNS, but for 'held-out', at the size of the known ones.

    Args:
        known: uncorrupted images of the classes the model knows; textures and fog are made from them, and Gaussian
            noise has their mean and standard deviation.
        cache: where corrupted images are kept.

    Returns:
        At most 2,000 images without labels; the same for the same seed.
    """
    if name == "severity-5":
        return unlabelled(corrupted(known, "fog", 5, cache), seed)
    makers: dict[str, Callable[[ImageSet, np.random.Generator], _Pixels]] = {
        "digits": _digits, "uniform": _uniform, "gaussian": _gaussian, "patches": _patches,
    }  # fmt: skip
    pixels = makers[name](known, np.random.default_rng([seed, 4]))
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()[:12]
    return ImageSet(pixels, np.full(len(pixels), -1), known.classes, np.arange(len(pixels)), digest)


def unlabelled(images: ImageSet, seed: int = 0) -> ImageSet:
    """At most 2,000 of these images, at random, as unknown ones."""
    chosen = np.sort(np.random.default_rng([seed, 5]).permutation(len(images))[:MOST])
    taken = images.take(chosen)
    return ImageSet(taken.images, np.full(len(taken), -1), images.classes, taken.indices, f"{images.digest}u{seed}")


def _digits(known: ImageSet, generator: np.random.Generator) -> _Pixels:
    from sklearn.datasets import load_digits

    size = known.images.shape[2], known.images.shape[1]
    # Sixteen grey levels, bright on black as Fashion-MNIST is.
    small = (load_digits().images * (255 / 16)).astype(np.uint8)
    large = [np.asarray(Image.fromarray(digit).resize(size, Image.Resampling.BICUBIC)) for digit in small]
    return np.repeat(np.stack(large)[..., None], 3, axis=-1)


def _uniform(known: ImageSet, generator: np.random.Generator) -> _Pixels:
    return _grey_as(known, generator.integers(0, 256, (MOST, *known.images.shape[1:]), np.uint8))


def _gaussian(known: ImageSet, generator: np.random.Generator) -> _Pixels:
    pixels = known.images[: min(len(known), 1000)]
    drawn = generator.normal(pixels.mean(), pixels.std(), (MOST, *known.images.shape[1:]))
    return _grey_as(known, np.clip(np.rint(drawn), 0, 255).astype(np.uint8))


def _patches(known: ImageSet, generator: np.random.Generator) -> _Pixels:
    chosen = generator.permutation(len(known))[:MOST]
    pixels = known.images[np.sort(chosen)].copy()
    side_y, side_x = pixels.shape[1] // 4, pixels.shape[2] // 4
    places = [(slice(y, y + side_y), slice(x, x + side_x)) for y in range(0, 4 * side_y, side_y)
              for x in range(0, 4 * side_x, side_x)]  # fmt: skip
    patches = np.concatenate([pixels[:, rows, columns] for rows, columns in places])
    generator.shuffle(patches)
    for patch, (rows, columns) in zip(np.split(patches, len(places)), places, strict=True):
        pixels[:, rows, columns] = patch
    return pixels


def _grey_as(known: ImageSet, pixels: _Pixels) -> _Pixels:
    """Without colour where the known images have none, which would give them away."""
    some = known.images[: min(len(known), 100)]
    is_grey = (some == some[..., :1]).all()
    return np.repeat(pixels[..., :1], 3, axis=-1) if is_grey else pixels
