"""Fashion-MNIST (Xiao et al. 2017, MIT licence): its classes, and its form here: padded to 32x32 RGB."""

import numpy as np
from jaxtyping import UInt8

CLASSES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")

# Mean and standard deviation of the unpadded training pixels, the constants usual for this dataset.
MEAN, STD = 0.2860, 0.3530


def pad(images: UInt8[np.ndarray, "images 28 28"]) -> UInt8[np.ndarray, "images 32 32 3"]:
    """Pads grey 28x28 images with black to 32x32 and repeats them over three channels.

    32 pixels are the least the ImageNet-C corruptions accept, and three channels the form every
    torchvision model expects, so that the bundled data take the same road as a user's own.
    """
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    return np.repeat(padded[..., None], 3, axis=-1)
