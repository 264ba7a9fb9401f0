"""Inputs that are files of numbers: arrays, pictures, tars, weights, calibrations, arrays of a run, zips."""

import io
import json
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from hypothesis import strategies as some
from PIL import Image
from pyarrow import parquet
from safetensors.numpy import save

from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.reading import summary
from enigma.figures.files.tables import as_csv, as_parquet
from enigma.images.from_spec import labels_of, test_images_of
from enigma.images.layouts import recognise
from enigma.models.from_spec import load_model
from enigma.models.own_weights import read_weights
from enigma.spec.assets import asset
from enigma.spec.errors import EnigmaError
from enigma.spec.images_spec import ImagesSpec
from enigma.spec.model_spec import ModelSpec
from enigma.store import archive, index, uploads
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.faults.tally import Lost
from tests.faults.texts import BUNDLED, MODEL, home_of_one, written_to
from tests.faults.values import JSON, SCALARS, TEXTS, VALUES, as_json, mangles
from tests.stored import TINY_ID, stored

SHAPES = some.lists(some.integers(0, 5), max_size=5).map(tuple) | some.sampled_from(
    [(5, 4, 4, 3), (10, 4, 4), (3, 2, 2, 3)]
)
TYPES = some.sampled_from([
    "uint8", "int64", "int8", "uint64", "float32", "float16", "bool", "U3", "S2", "complex64", "M8[s]", "i4,f4", "O",
    ">i4",
])  # fmt: skip


def _filled(shape: tuple[int, ...], kind: str, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    if kind == "O":
        return np.full(shape, None)
    if kind == "i4,f4":
        return np.zeros(shape, kind)
    values = chance.integers(-2 if chance.random() < 0.3 else 0, 5, shape)
    with np.errstate(all="ignore"):
        found = values.astype(kind)
    if kind.startswith("float") and found.size and chance.random() < 0.3:
        found.flat[0] = chance.choice([np.nan, np.inf, -1.0, 300.0])
    return found


ARRAYS = some.builds(_filled, SHAPES, TYPES, some.integers(0, 2**16))


def _saved(write: Callable[..., object], *values: object, **named: object) -> bytes:
    stream = io.BytesIO()
    write(stream, *values, **named)
    return stream.getvalue()


def _npz(arrays: dict[str, np.ndarray]) -> bytes:
    return _saved(np.savez, **arrays)


def _npy(array: np.ndarray) -> bytes:
    return _saved(np.save, array)


GOOD = {"images": np.zeros((5, 4, 4, 3), np.uint8), "labels": np.arange(5), "classes": np.arange(5)}
BOMB = (
    b"\x93NUMPY\x01\x00v\x00"
    + b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117)
    + b"\n"
)
NPZ = (
    some.dictionaries(some.sampled_from(["images", "labels", "classes", "x"]), ARRAYS, max_size=3).map(_npz)
    | some.dictionaries(some.sampled_from([*GOOD]), ARRAYS, max_size=1).map(lambda odd: _npz(GOOD | odd))
    | mangles([_npz(GOOD), _saved(np.savez_compressed, **GOOD)])
)
NPY = ARRAYS.map(_npy) | mangles([_npy(GOOD["images"]), _npy(GOOD["labels"])]) | some.just(BOMB)
PAIRS = some.tuples(NPY | some.just(_npy(GOOD["images"])), NPY | some.just(_npy(GOOD["labels"])), some.booleans())

_FORMS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_PICTURES = [_saved(Image.new(mode, (6, 5), 7).save, kind) for mode in ("L", "RGB") for kind in _FORMS]


def huge(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and holds none."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


PICTURES = mangles(_PICTURES) | some.sampled_from([huge(20_000, 20_000), huge(2**31 - 1, 1), huge(0, 0), b""])
NAMES = some.sampled_from(["0.png", "a/1.jpg", "2.webp", "b/3.gif", "4.tiff", "c/5.bmp"])
FOLDERS = some.dictionaries(NAMES, PICTURES | some.sampled_from(_PICTURES), min_size=1, max_size=3)

TAR_NAMES = (
    some.sampled_from(["0.png", "1.jpg", "a/2.png", "./3.png", "../4.png", "/5.png", "x" * 200 + ".png"]) | TEXTS
)
LABELS = some.binary(max_size=4) | some.sampled_from(
    [b"3", b"9" * 20, b"-1", b"1e5", b" 2\n", "٣".encode(), b"9" * 5000]
)


def _tar(members: list[tuple[str, bytes]], kind: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name.encode(errors="replace").decode().replace("\0", ""))
            entry.size, entry.type = len(content), kind
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


MEMBERS = some.tuples(TAR_NAMES, PICTURES | some.sampled_from(_PICTURES)) | some.tuples(
    some.sampled_from(["0.cls", "1.cls", "a/2.output.cls", "3.cls"]), LABELS
)
TARS = some.builds(_tar, some.lists(MEMBERS, max_size=4), some.sampled_from([tarfile.REGTYPE] * 4 + [tarfile.SYMTYPE]))
GOOD_TAR = _tar([("0.png", _PICTURES[0]), ("0.cls", b"3"), ("1.png", _PICTURES[6]), ("1.cls", b"4")], tarfile.REGTYPE)

TENSORS = ARRAYS.filter(lambda array: array.dtype.kind in "biuf" and array.dtype.isnative).map(torch.from_numpy)
KEYS = some.sampled_from(["head.weight", "state_dict", "model", "net", "module.x", "fc.weight"]) | SCALARS
STATES = some.recursive(
    TENSORS | SCALARS,
    lambda inner: some.dictionaries(KEYS, inner, max_size=3) | some.lists(inner, max_size=2),
    max_leaves=5,
)


def _pt(state: object) -> bytes:
    stream = io.BytesIO()
    torch.save(state, stream)
    return stream.getvalue()


def _tensors(state: dict[str, np.ndarray]) -> bytes:
    return save({name: np.ascontiguousarray(values) for name, values in state.items()})


def _clean(text: str) -> str:
    """Without halves of surrogate pairs and NUL, which no name in such a file can hold."""
    return text.encode(errors="replace").decode().replace("\0", "")


_WEIGHTS = [_pt({"w": torch.zeros(2, 2), "b": torch.zeros(2)}), _pt({"state_dict": {"module.w": torch.zeros(2)}})]
PT = STATES.map(_pt) | some.dictionaries(KEYS, TENSORS, max_size=3).map(_pt) | mangles(_WEIGHTS)
PLAIN = ARRAYS.filter(lambda array: array.dtype.kind in "biuf" and array.dtype.isnative)
SAFETENSORS = some.dictionaries(TEXTS.map(_clean), PLAIN, max_size=3).map(_tensors) | mangles(
    [_tensors({"w": np.zeros((2, 2)), "b": np.zeros(2)}), BUNDLED.read_bytes()]
)

CALIBRATION = asset("calibrations", "resnet-bn.safetensors").read_bytes()


def _calibration(told: object) -> bytes:
    """A good calibration with other words in its header."""
    arrays = {f"{name}/{part}": np.zeros((2, 2) if part == "logits" else 2, np.float32)
              for name in ("source", "frame0", "adapted") for part in ("logits", "labels")}  # fmt: skip
    return save(arrays, {"version": "1", "calibration": told if isinstance(told, str) else json.dumps(told)})


TOLD = some.dictionaries(some.sampled_from(["provenance", "dropout", "fits", "combinations"]), VALUES, max_size=4)
CALIBRATIONS = mangles([CALIBRATION]) | (TOLD.map(as_json) | JSON).map(
    lambda text: _calibration(text.decode(errors="replace"))
)
RECORDED = ("probe.safetensors", "reference.safetensors", "frames/000003.safetensors", "checkpoint.safetensors",
            "scalars.csv", "thumbnails.webp", "manifest.json")  # fmt: skip
PARTS = some.sampled_from(RECORDED).flatmap(
    lambda name: some.tuples(some.just(name), mangles([stored(TINY_ID).joinpath(name).read_bytes()]))
)
ZIP = archive.export_zip(Run(stored(TINY_ID)))


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        # The same name twice is one of the faults.
        warnings.simplefilter("ignore")
        for name, content in members:
            packed.writestr(_clean(name) or "x", content)
    return stream.getvalue()


def _changed_zip(name: str, content: bytes) -> bytes:
    """The zip of a run in which one file is another."""
    with zipfile.ZipFile(io.BytesIO(ZIP)) as packed:
        members = {entry: packed.read(entry) for entry in packed.namelist()}
    return _zip([*(members | {f"{TINY_ID}/{name}": content}).items()])


ZIPS = (
    mangles([ZIP])
    | some.builds(_changed_zip, some.sampled_from(["run.json", "status.json", "manifest.json", "label.json"]), JSON)
    | PARTS.map(lambda part: _changed_zip(*part))
    | some.lists(some.tuples(TEXTS | some.just(f"{TINY_ID}/run.json"), JSON), max_size=3).map(_zip)
)
ROWS = some.lists(some.tuples(TEXTS.map(_clean), some.floats(), some.integers(-9, 9)), max_size=4)


def dataset(path: Path, cache: Path) -> None:
    """What a run does with a dataset before its first step, and its first images."""
    for corruption in ("none", "fog"):
        layout = recognise(path, corruption, 2)
        assert "\n" not in layout.describe()
        labels_of(layout, MODEL.classes, None)
        found = test_images_of(ImagesSpec(dataset=str(path)), MODEL, layout, (corruption, 2), cache, None)
        assert found.images.images[:2].shape[1:] == (32, 32, 3)


def npz(content: bytes, folder: Path) -> None:
    dataset(written_to(folder / "set.npz", content), folder / "cache")


def uploaded_npz(content: bytes, folder: Path) -> None:
    kept = uploads.keep_npz(content, "set.npz", folder / "uploads")
    dataset(kept, folder / "cache")


def npy(contents: tuple[bytes, bytes, bool], folder: Path) -> None:
    images, labels, is_cifar = contents
    names = ("fog.npy", "labels.npy") if is_cifar else ("test_images.npy", "test_labels.npy")
    root = folder / "fog"
    root.mkdir()
    for name, content in zip(names, (images, labels), strict=True):
        written_to(root / name, content)
    dataset(root, folder / "cache")


def pictures(contents: dict[str, bytes], folder: Path) -> None:
    for name, content in contents.items():
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written_to(path, content)
    dataset(folder / "photos", folder / "cache")


def uploaded_pictures(contents: dict[str, bytes], folder: Path) -> None:
    dataset(uploads.keep_pictures([*contents.items()], folder / "uploads"), folder / "cache")


def tars(content: bytes, folder: Path) -> None:
    dataset(written_to(folder / "shard.tar", content), folder / "cache")


def weights_pt(content: bytes, folder: Path) -> None:
    path = written_to(folder / "net.pt", content)
    read_weights(path)
    load_model(ModelSpec(model="resnet-bn", weights=str(path)))


def weights_safetensors(content: bytes, folder: Path) -> None:
    path = written_to(folder / "net.safetensors", content)
    read_weights(path)
    load_model(ModelSpec(model="resnet-bn", weights=str(path)))


def calibrations(content: bytes, folder: Path) -> None:
    Calibration.read(written_to(folder / "calibration.safetensors", content)).check(Run(stored(TINY_ID)))


def arrays_of_a_run(part: tuple[str, bytes], folder: Path) -> None:
    """A damaged file of a sealed run: it is read or refused, and the run says that it is damaged."""
    name, content = part
    home = home_of_one(folder)
    run = Run(home.runs / TINY_ID)
    is_changed = content != (run.path / name).read_bytes()
    (run.path / name).unlink()
    written_to(run.path / name, content)
    told = _told(run.verify)
    if is_changed and not told and name != "manifest.json":
        raise Lost(f"{name} is changed, and verify says nothing")
    assert [row.id for row in index.rows(home) if row.own] == [TINY_ID]
    run.verify()
    summary(run)


def _told(action: Callable[[], object]) -> str:
    try:
        action()
    except EnigmaError as error:
        return str(error)
    return ""


def zips(content: bytes, folder: Path) -> None:
    home = Home(folder / "home")
    imported, refused = archive.import_runs(written_to(folder / "run.zip", content), home.runs)
    for run in imported:
        run.verify()
        summary(run)
    assert sorted(path.name for path in folder.iterdir() if path.name != "home") == ["run.zip"]
    assert sorted(path.name for path in home.runs.glob("*")) == sorted(run.id for run in imported)
    if refused:
        raise refused[0]


def tables(rows: list[tuple[str, float, int]], folder: Path) -> None:
    """Names that a class may have, written as CSV and Parquet and read back."""
    table = pd.DataFrame(rows, columns=["true_class", "entropy", "step"])
    as_csv(table)
    back = parquet.read_table(io.BytesIO(as_parquet(table, '{"a": 1}'))).to_pandas()
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


KINDS = {
    "npz": (NPZ, npz, 2),
    "uploaded npz": (NPZ, uploaded_npz, 1),
    "npy": (PAIRS, npy, 2),
    "pictures": (FOLDERS, pictures, 2),
    "uploaded pictures": (FOLDERS, uploaded_pictures, 1),
    "tar": (TARS | mangles([GOOD_TAR]), tars, 2),
    "state dict": (PT, weights_pt, 2),
    "safetensors": (SAFETENSORS, weights_safetensors, 1),
    "calibration": (CALIBRATIONS, calibrations, 1),
    "files of a run": (PARTS, arrays_of_a_run, 1),
    "zip of a run": (ZIPS, zips, 1),
    "Parquet and CSV": (ROWS, tables, 1),
}
"""As `tests.faults.texts.KINDS`."""
