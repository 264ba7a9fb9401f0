"""Broken pictures: found, named and counted before a run, so that nothing is left out in silence."""

import json
from collections.abc import Callable
from pathlib import Path

from enigma.images.pictures import BROKEN, Pictures, readers

_BLOCK = 500

# A JPEG is decoded at an eighth of its size: all of its data is read, but most of the arithmetic is saved.
_SMALL = (1, 1)


def broken_pictures(
    pictures: Pictures, cache: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[int, ...]:
    """Positions of the pictures that cannot be decoded; found once, then read from `cache`."""
    if pictures.is_checked:
        return ()
    path = cache / f"checked-{pictures.digest}.json"
    if path.exists():
        return tuple(json.loads(path.read_text(encoding="utf-8")))
    found: list[int] = []
    for first in range(0, len(pictures), _BLOCK):
        block = range(first, min(first + _BLOCK, len(pictures)))
        whole = readers().map(lambda position: _is_whole(pictures, position), block)
        found += [position for position, is_whole in zip(block, whole, strict=True) if not is_whole]
        if progress:
            progress(block.stop, len(pictures))
    cache.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(path)
    return tuple(found)


def _is_whole(pictures: Pictures, position: int) -> bool:
    try:
        with pictures.image(position) as image:
            image.draft("RGB", _SMALL)
            image.load()
    except BROKEN:
        return False
    return True
