"""The batches of a stream, the next one read while the model works on the present one."""

from concurrent.futures import Future, ThreadPoolExecutor
from weakref import finalize

import numpy as np
from jaxtyping import UInt8

from enigma.images.image_set import Joined, LazyImages
from enigma.images.kept_images import KeptImages
from enigma.images.stream import Mixture, Stream


class Batches:
    """Reads the images of a step (final).

    Images that lie in memory are simply taken; others are read ahead by one batch, so that at most two
    batches are held at a time.
    """

    def __init__(self, images: np.ndarray | LazyImages | KeptImages | Joined, order: Stream | Mixture):
        self._images = images
        self._order = order
        self._ahead: tuple[int, Future[np.ndarray]] | None = None
        self._reader: ThreadPoolExecutor | None = None
        if not isinstance(images, np.ndarray):
            self._reader = ThreadPoolExecutor(1, "enigma-ahead")
            finalize(self, self._reader.shutdown, wait=False, cancel_futures=True)

    def read(self, step: int) -> UInt8[np.ndarray, "batch height width 3"]:
        """The images of the batch at `step`, counted from 0."""
        if self._reader is None:
            return self._images[self._order.batch(step)]
        now = self._ahead[1].result() if self._ahead and self._ahead[0] == step else self._read(step)
        self._ahead = (step + 1, self._reader.submit(self._read, step + 1))
        return now

    def _read(self, step: int) -> np.ndarray:
        return self._images[self._order.batch(step)]
