"""Sets of images as Hugging Face and WebDataset write them: pictures, labels and names are those that were put in."""

import json
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from enigma.images.broken_pictures import broken_pictures
from enigma.images.class_mapping import labels_of
from enigma.images.image_set import fashion_mnist, from_pictures
from enigma.images.layouts import recognise
from enigma.images.sources import load_sources
from enigma.models.preprocess import Preprocess
from enigma.recording.loop import record
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.images import layouts
from tests.images.layouts import encoded

CLASSES = fashion_mnist.CLASSES
SMALL = {"steps": 1, "frames": (0, 1), "probes": 24, "references": 10, "batch_size": 8, "device": "cpu"}


@pytest.mark.parametrize("path", ["", "data", "test", "data/test"])
def test_hugging_face_set_gives_its_pictures_and_labels_by_the_names_in_the_schema(tmp_path: Path, path: str) -> None:
    root = layouts.hugging_face(tmp_path / "clothes", splits=("test", "train") if path.endswith("test") else ("test",))
    layout = recognise(root / path)
    assert layout.describe() == "2 Parquet files in data: 40 images, 32x32, labels found in 10 classes"
    pictures, labels = layouts.bundled(40)
    read = from_pictures(layout.pictures, labels_of(layout, CLASSES), CLASSES, Preprocess(32))
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_array_equal(read.images[order], pictures[order])
    np.testing.assert_array_equal(read.labels, labels)
    assert layout.pictures.name(25) == "test-00001-of-00002.parquet[5]"


def test_one_of_several_splits_is_named(tmp_path: Path) -> None:
    root = layouts.hugging_face(tmp_path / "clothes", count=9, splits=("train", "validation"), parts=1)
    with pytest.raises(InputError, match="one split, but .* holds train, validation; name one .*clothes/train"):
        recognise(root)
    assert len(recognise(root / "validation").pictures) == 9
    assert len(recognise(root / "data" / "train-00000-of-00001.parquet").pictures) == 9
    with pytest.raises(InputError, match="nowhere"):
        recognise(root / "nowhere")


def test_hugging_face_set_is_recorded_with_its_train_split_as_reference(home: Home, tmp_path: Path) -> None:
    root = layouts.hugging_face(tmp_path / "clothes", splits=("test", "train"))
    spec = RunSpec(dataset=str(root / "test"), reference=str(root / "train"), **SMALL)
    sources = load_sources(spec.sources, home.cache)
    assert "matched by name" in sources.description[0]
    run = record(spec, home.runs, home.cache)
    run.verify()
    _, labels = layouts.bundled(40)
    np.testing.assert_array_equal(run.read_arrays("probe.safetensors")["labels"], labels[sources.probe_positions])
    assert len(run.read_arrays("reference.safetensors")["labels"]) == 10


@pytest.mark.parametrize(
    ("columns", "labels", "names"),
    [
        ({"img": "pictures", "fine_label": [2, 0, None]}, [2, 0, -1], ()),
        ({"image": "pictures", "label": ["dog", "cat", None]}, [1, 0, -1], ("cat", "dog")),
        ({"jpg": "pictures", "x": [1, 2, 3]}, [-1, -1, -1], ()),
    ],
)
def test_tables_without_the_notes_of_the_library_are_read_by_the_usual_names(
    tmp_path: Path, columns: dict, labels: list, names: tuple
) -> None:
    pictures, _ = layouts.bundled(3)
    held = {name: [encoded(p) for p in pictures] if v == "pictures" else v for name, v in columns.items()}
    pyarrow.parquet.write_table(pyarrow.table(held), tmp_path / "set.parquet")
    layout = recognise(tmp_path / "set.parquet")
    assert (layout.labels.tolist(), layout.folders) == (labels, names)
    np.testing.assert_array_equal(np.asarray(layout.pictures.image(2)), pictures[2])


def test_rows_without_a_picture_are_broken_and_damage_is_one_sentence(tmp_path: Path) -> None:
    rows = [{"bytes": encoded(layouts.bundled(1)[0][0]), "path": None}, {"bytes": None, "path": "/etc/passwd"}]
    pyarrow.parquet.write_table(pyarrow.table({"image": [*rows, {"bytes": b"no", "path": ""}]}), tmp_path / "a.parquet")
    layout = recognise(tmp_path / "a.parquet")
    assert broken_pictures(layout.pictures, tmp_path / "cache") == (1, 2)
    before = layout.pictures.digest
    pyarrow.parquet.write_table(pyarrow.table({"image": rows * 2}), tmp_path / "a.parquet")
    assert recognise(tmp_path / "a.parquet").pictures.digest != before
    (tmp_path / "b.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match="b.parquet to be a Parquet file"):
        recognise(tmp_path / "b.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"x": [1]}), tmp_path / "c.parquet")
    with pytest.raises(InputError, match="column of pictures .*columns are x"):
        recognise(tmp_path / "c.parquet")


def wide(place: int) -> bytes:
    return encoded(np.full((8, 12, 3), 20 * place, np.uint8))


@pytest.mark.parametrize(
    ("said", "labels", "names"),
    [
        ({"a/0.cls": b"2\n", "a/1.cls": b"0"}, [2, 0, -1], ()),
        ({"a/0.cls": b"dog", "a/1.cls": b"cat", "b.2.cls": b""}, [1, 0, -1], ("cat", "dog")),
        ({"a/0.json": b'{"label": 4, "url": "x"}', "a/1.json": b'{"width": 3}'}, [4, -1, -1], ()),
        ({"a/0.json": b'{"class_name": "dog"}', "a/1.json": b'{"class_name": "cat"}'}, [1, 0, -1], ("cat", "dog")),
        ({}, [-1, -1, -1], ()),
    ],
)
def test_webdataset_shards_say_classes_by_number_or_name(
    tmp_path: Path, said: dict, labels: list, names: tuple
) -> None:
    files = {"a/0.png": wide(0), "a/1.seg.png": wide(1), "a/1.png": wide(9), "b.v2/2.png": wide(2), **said}
    layout = recognise(layouts.shards(tmp_path / "wds", files))
    assert (layout.labels.tolist(), layout.folders) == (labels, names)
    assert "1 further pictures beside the first of their key" in layout.describe()
    # Unlike those of CCC they are brought to size as any picture, and may be corrupted.
    assert (layout.is_ready, layout.is_corrupted, layout.uniform) == (False, False, (12, 8))
    assert [np.asarray(layout.pictures.image(place)).max() for place in range(3)] == [0, 20, 40]


def test_names_beside_the_shards_are_those_of_the_numbers(tmp_path: Path) -> None:
    root = layouts.shards(tmp_path / "wds", {"0.png": wide(0), "0.cls": b"1"})
    layouts.shards(root, {"0.png": wide(1), "0.cls": b"0"}, name="000001.tar")
    (root / "classnames.txt").write_text("ship\ncat\n")
    layout = recognise(root)
    # The same key in another shard is another picture.
    assert layout.labels.tolist() == [1, 0]
    assert labels_of(layout, ("cat", "dog", "ship")).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"0.png": b"x", "0.cls": b"1", "1.png": b"x", "1.cls": b"dog"}, "as numbers or as names, but got both"),
        ({"0.png": b"x", "0.json": b"{"}, "uncompressed tar of pictures"),
        ({"0.png": b"x", "0.cls": b"\xff\xfe"}, "uncompressed tar of pictures"),
        ({"0.txt": b"x"}, "pictures in .*such as 000.jpg with 000.cls"),
    ],
)
def test_shards_that_cannot_be_meant_are_refused(tmp_path: Path, files: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        recognise(layouts.shards(tmp_path / "wds", files))


def test_shards_are_recorded(home: Home, tmp_path: Path) -> None:
    pictures, labels = layouts.bundled(30)
    files = {f"{p}.jpg": encoded(pictures[p], "JPEG") for p in range(30)}
    files |= {f"{p}.json": json.dumps({"label": CLASSES[labels[p]]}).encode() for p in range(30)}
    root = layouts.shards(tmp_path / "wds", files)
    run = record(RunSpec(dataset=str(root), **SMALL), home.runs, home.cache)
    run.verify()
    assert run.facts["dataset"][0].endswith("; matched by name")
    assert run.facts["source_accuracy"] > 0.7
    # Unlike CCC's, they may be corrupted.
    added = load_sources(RunSpec(dataset=str(root), corruption="fog", severity=2, **SMALL).sources, home.cache)
    assert "fog of severity 2 is added" in added.description[0]
    assert added.clean is not None
