"""The training images that lie nearest to a few test images, frame by frame, with their pictures."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

from enigma.analysis.neighbors import nearest
from enigma.store import thumbnails
from enigma.store.mapped import mapped
from enigma.store.run_folder import Run, frame_name

COUNT = 5
"""Neighbours of each image."""
MOST_POINTS = 12
"""Images whose neighbours are looked for: lines of more of them could not be told apart."""


@dataclass(frozen=True)
class TrainingNeighbors:
    """Nearest training images of some test images in embedding space, nearest first.

    Attributes:
        points: the test images, as positions in the probe.
        references: positions of their neighbours among the training images, which lie where the source model puts them.
        distances: to each, Euclidean, in units of the embeddings.
        pictured: training images whose pictures are in `pictures`, ascending; none where the run has no such pictures.
        pictures: a WebP with them in that order, as `enigma.store.thumbnails.sprite` makes it.
    """

    points: Int32[np.ndarray, " points"]
    references: Int32[np.ndarray, "frames points count"]
    distances: Float32[np.ndarray, "frames points count"]
    pictured: Int32[np.ndarray, " pictured"]
    pictures: bytes


def training_neighbors(run: Run, points: tuple[int, ...], *, pictures: bool = True) -> TrainingNeighbors | None:
    """The five nearest training images of at most twelve test images at every frame; None without either.

    Args:
        run: a run that has a frame.
        points: positions in the probe; neighbours of the first twelve are looked for.
        pictures: whether the neighbours' pictures are wanted too.
    """
    reference = run.read_arrays("reference.safetensors")["embeddings"].astype(np.float32)
    if not len(reference) or not points:
        return None
    few = np.array(points[:MOST_POINTS], np.int32)
    count = min(COUNT, len(reference))
    # Only the rows of these images are read from the disk.
    embeddings = np.stack([mapped(run.path / frame_name(step))["embeddings"][few] for step in run.frame_steps])
    found, distances = nearest(embeddings.reshape(-1, embeddings.shape[-1]).astype(np.float32), reference, count)
    shape = (*embeddings.shape[:2], count)
    wanted = np.unique(found).astype(np.int32) if pictures and run.has(thumbnails.REFERENCE) else np.empty(0, np.int32)
    return TrainingNeighbors(
        points=few,
        references=found.reshape(shape).astype(np.int32),
        distances=distances.reshape(shape).astype(np.float32),
        pictured=wanted,
        pictures=_pictures(run, wanted) if len(wanted) else b"",
    )


def _pictures(run: Run, wanted: Int32[np.ndarray, " pictured"]) -> bytes:
    sheet = (run.path / thumbnails.REFERENCE).read_bytes()
    return thumbnails.sprite(thumbnails.tiles(sheet, thumbnails.COLUMNS, thumbnails.SIZE)[wanted])
