"""From a picture file to what a model is given: size, crop and normalisation, as its weights were trained with.

Wrong normalisation is the commonest reason why a model does not reach its published accuracy, so what
is done is always said in words.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image

Picture = UInt8[np.ndarray, "height width 3"]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocess:
    """What is done to each picture before the model sees it.

    Attributes:
        size: width and height of what the model is given.
        resize: the shorter side is made this long and the middle is cut out; None squeezes the whole
            picture into the square.
        interpolation: as Pillow calls it, 'nearest', 'bilinear', 'bicubic' and others, with antialiasing where that
            exists.
        mean, std: of red, green and blue in [0, 1]; the model itself subtracts and divides.
        pad: pictures smaller than `size` get a black border instead of being enlarged.
    """

    size: int
    resize: int | None = None
    interpolation: str = "bilinear"
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    pad: bool = False

    def __call__(self, image: Image.Image) -> Picture:
        """The picture at the model's size; one that has it already is taken as it is if there is no `resize`."""
        image = image.convert("RGB")
        filter_ = Image.Resampling[self.interpolation.upper()]
        if self.pad and max(image.size) <= self.size:
            return self._bordered(image)
        if self.resize is None:
            square = (self.size, self.size)
            return np.asarray(image if image.size == square else image.resize(square, filter_))
        return self._middle(_shorter_side(image, self.resize, filter_))

    def _middle(self, image: Image.Image) -> Picture:
        # Rounded to even, as torchvision's centre crop does.
        left, top = round((image.width - self.size) / 2), round((image.height - self.size) / 2)
        return np.asarray(image.crop((left, top, left + self.size, top + self.size)))

    def _bordered(self, image: Image.Image) -> Picture:
        square = Image.new("RGB", (self.size, self.size))
        square.paste(image, ((self.size - image.width) // 2, (self.size - image.height) // 2))
        return np.asarray(square)

    def ready(self, size: tuple[int, int] | None) -> "Preprocess":
        """The same for pictures that were brought to size before, as those of ImageNet-C: no second resize.

        Those of MNIST are padded to 32x32, as the bundled models were trained.
        """
        return replace(self, resize=None, pad=size == (28, 28) and self.size == 32)

    def pixels(self) -> str:
        """What decides the pixels, as part of a digest."""
        return f"{self.size} {self.resize} {self.interpolation} {self.pad}"

    def describe(self) -> str:
        """In words.

        >>> Preprocess(224, 256, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)).describe()
        'shorter side to 256 (bilinear), middle 224x224, mean 0.5 0.5 0.5, standard deviation 0.5 0.5 0.5'
        """
        mean, std = (" ".join(f"{value:.4g}" for value in triple) for triple in (self.mean, self.std))
        size = f"{self.size}x{self.size}"
        if self.pad:
            where = f"padded with black to {size}"
        elif self.resize is None:
            where = f"squeezed to {size} ({self.interpolation}) unless they have that size"
        else:
            where = f"shorter side to {self.resize} ({self.interpolation}), middle {size}"
        return f"{where}, mean {mean}, standard deviation {std}"


def _shorter_side(image: Image.Image, length: int, filter_: Image.Resampling) -> Image.Image:
    short = min(image.size)
    # The longer side is cut off to a whole number, as torchvision does.
    width, height = (length if side == short else int(length * side / short) for side in image.size)
    return image if image.size == (width, height) else image.resize((width, height), filter_)
