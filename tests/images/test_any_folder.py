"""Whatever lies in a folder: it is recognised, or refused with one sentence."""

import io
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from enigma.images.layouts import recognise
from enigma.spec.errors import InputError

FOLDERS = ("1", "2", "5", "fog", "snow", "cat", "n01440764", ".hidden", "test_images.npy")
FILES = (
    "labels.npy", "fog.npy", "snow.npy", "test_images.npy", "test_labels.npy", "shard-0.tar", "set.npz",
    "a.png", "b.jpg", "c.JPEG", "notes.txt", ".DS_Store", "test-00000-of-00001.parquet", "x.parquet", "classes.txt",
)  # fmt: skip


def saved(write: object, *values: object, **named: object) -> bytes:
    stream = io.BytesIO()
    write(stream, *values, **named)
    return stream.getvalue()


def shard(names: list[str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = 2
            archive.addfile(entry, io.BytesIO(b"3x"))
    return stream.getvalue()


SHAPES = some.lists(some.integers(0, 6), min_size=0, max_size=4).map(tuple) | some.sampled_from(
    [(5, 4, 4, 3), (10, 4, 4)]
)
ARRAYS = some.builds(np.zeros, SHAPES, some.sampled_from(["uint8", "int64", "float32", "bool", "U3", "complex64"]))
CONTENTS = (
    some.binary(max_size=20)
    | ARRAYS.map(lambda array: saved(np.save, array))
    | some.dictionaries(some.sampled_from(["images", "labels", "classes", "x"]), ARRAYS).map(
        lambda found: saved(np.savez, **found)
    )
    | some.lists(some.sampled_from(["0.png", "0.cls", "a/1.jpg", "1.cls", "0.json", "x"]), max_size=3).map(shard)
    | some.dictionaries(
        some.sampled_from(["image", "label", "x"]), some.sampled_from([[1, 2], [b"x", None], ["a", "b"]])
    ).map(lambda columns: saved(lambda stream: pyarrow.parquet.write_table(pyarrow.table(columns), stream)))
    | some.just(saved(Image.new("RGB", (4, 4)).save, "PNG"))
)
TREES = some.recursive(
    some.dictionaries(some.sampled_from(FILES), CONTENTS, max_size=4),
    lambda inner: some.builds(
        lambda files, folders: files | folders,
        some.dictionaries(some.sampled_from(FILES), CONTENTS, max_size=3),
        some.dictionaries(some.sampled_from(FOLDERS), inner, max_size=3),
    ),
    max_leaves=6,
)


def lay(root: Path, tree: dict) -> None:
    root.mkdir()
    for name, inside in tree.items():
        if isinstance(inside, dict):
            lay(root / name, inside)
        else:
            (root / name).write_bytes(inside)


def said_of(path: Path, corruption: str) -> str:
    try:
        return recognise(path, corruption, 2).describe()
    except InputError as error:
        return str(error)


@given(TREES, some.sampled_from(["none", "fog"]))
def test_any_folder_is_recognised_or_refused_with_one_sentence(tree: dict, corruption: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        lay(root, tree)
        for path in (root, *root.rglob("*")):
            said = said_of(path, corruption)
            assert said
            assert "\n" not in said
