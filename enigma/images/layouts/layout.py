"""A dataset as it lies on disk."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from enigma.images.pictures import Pictures


@dataclass(frozen=True, eq=False)
class Layout:
    """A dataset as it lies on disk.

    Attributes:
        title: what it is, e.g. 'CIFAR-10-C, gaussian_noise, severity 3'.
        labels: of each picture, as an index into `folders` or, without these, a class number; -1 is unknown.
        folders: names of the classes where folders or the file say them.
        is_ready: the pictures were brought to size when the set was made, so they are not resized again.
        uniform: the one size that the pictures have, if they have.
        is_corrupted: the corruption is in the pictures already.
        note: what else there is to know.
    """

    title: str
    pictures: Pictures
    labels: Int64[np.ndarray, " pictures"]
    folders: tuple[str, ...] = ()
    is_ready: bool = False
    uniform: tuple[int, int] | None = None
    is_corrupted: bool = False
    note: str = ""

    @property
    def has_labels(self) -> bool:
        return bool((self.labels >= 0).any())

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the first picture that can be opened."""
        for position in range(min(len(self.pictures), 20)):
            try:
                return self.pictures.image(position).size
            except OSError:
                continue
        return None

    def describe(self) -> str:
        """One line, e.g. 'CIFAR-10-C, fog, severity 3: 10,000 images, 32x32, labels found'."""
        size = f", {self.size[0]}x{self.size[1]}" if self.size else ""
        labels = "labels found" if self.has_labels else "no labels"
        if self.folders and self.has_labels:
            labels += f" in {len(self.folders):,} class{'es' if len(self.folders) != 1 else ''}"
        note = f"; {self.note}" if self.note else ""
        return f"{self.title}: {len(self.pictures):,} images{size}, {labels}{note}"
