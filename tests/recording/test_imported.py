"""Embeddings in files become runs with the same numbers, and files that make no sense a sentence."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import zarr

import enigma
from enigma.spec.errors import InputError
from tests.watched import CLASSES, LABELS, PICTURES, PROBES, REFERENCE_LABELS, embedded

STEPS = (0, 10, 40)
NAMES = ("cat", "dog", "owl")
ARRAYS = {
    "embeddings": np.stack([embedded(LABELS, 2 - step / 30, seed=step) for step in STEPS]),
    "logits": np.stack([embedded(LABELS, 2 - step / 30, seed=step)[:, :CLASSES] for step in STEPS]),
    "labels": LABELS,
    "steps": np.array(STEPS),
    "reference_embeddings": embedded(REFERENCE_LABELS),
    "reference_labels": REFERENCE_LABELS,
    "images": PICTURES,
    "classes": np.array(NAMES),
}


def as_npz(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(path / "mine.npz", **arrays)
    return path / "mine.npz"


def as_zarr(path: Path, arrays: dict[str, np.ndarray], version: Any = 3) -> Path:
    group = zarr.open_group(path / "mine.zarr", mode="w", zarr_format=version)
    for name, values in arrays.items():
        group.create_array(name, data=values)
    return path / "mine.zarr"


def as_zipped_zarr(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    group = zarr.open_group(zarr.storage.ZipStore(path / "mine.zarr.zip", mode="w"), mode="w")
    for name, values in arrays.items():
        group.create_array(name, data=values)
    group.store.close()
    return path / "mine.zarr.zip"


def as_parquet(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    rows: dict[str, list[Any]] = {"embedding": [], "logits": [], "step": [], "label": [], "reference": []}

    def add(embedding: np.ndarray, logits: np.ndarray, step: int, label: int, reference: bool) -> None:
        for name, value in zip(rows, (embedding, logits, step, NAMES[label], reference), strict=True):
            rows[name].append(value)

    for index, step in enumerate(STEPS):
        for image in range(PROBES):
            add(arrays["embeddings"][index, image], arrays["logits"][index, image], step, LABELS[image], False)
    for image, label in enumerate(REFERENCE_LABELS):
        add(arrays["reference_embeddings"][image], np.zeros(CLASSES), 0, label, True)
    pyarrow.parquet.write_table(pyarrow.table(rows), path / "mine.parquet")
    return path / "mine.parquet"


WRITERS: dict[str, Callable[..., Path]] = {
    "npz": as_npz, "zarr": as_zarr, "zarr 2": lambda path, arrays: as_zarr(path, arrays, 2), "zip": as_zipped_zarr,
    "parquet": as_parquet,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*:zarr.errors.UnstableSpecificationWarning")
@pytest.mark.parametrize("form", WRITERS)
def test_a_file_and_a_watch_make_the_same_run(tmp_path: Path, form: str) -> None:
    run = enigma.import_embeddings(WRITERS[form](tmp_path, ARRAYS), home=tmp_path)
    assert (run.title, run.steps.tolist(), run.facts["classes"]) == ("mine", list(STEPS), list(NAMES))
    watch = enigma.watch(
        "mine", home=tmp_path, probe_labels=LABELS, classes=NAMES, images=PICTURES,
        reference=(ARRAYS["reference_embeddings"], REFERENCE_LABELS),
    )  # fmt: skip
    for index, step in enumerate(STEPS):
        watch.log(step, embeddings=ARRAYS["embeddings"][index], logits=ARRAYS["logits"][index])
    expected = enigma.open_run(watch.finish(), home=tmp_path)
    assert np.array_equal(run.metrics.to_numpy(), expected.metrics.to_numpy(), equal_nan=True)
    assert np.array_equal(run.frames[-1].embeddings, expected.frames[-1].embeddings)


def test_all_steps_of_a_file_are_kept(tmp_path: Path) -> None:
    np.savez(tmp_path / "many.npz", embeddings=np.random.default_rng(0).normal(size=(100, 12, 2)).astype(np.float32))
    assert len(enigma.import_embeddings(tmp_path / "many.npz", home=tmp_path).steps) == 100


def write_tables(path: Path) -> tuple[Path, Path, Path]:
    """Two tables of vectors, and what their rows are."""
    tables = path / "epoch0.tsv", path / "epoch10.tsv"
    for table, values in zip(tables, ARRAYS["embeddings"][:2], strict=True):
        np.savetxt(table, values, delimiter="\t", fmt="%.6f")
    metadata = path / "metadata.tsv"
    metadata.write_text("word\tclass\n" + "".join(f"row {i}\t{NAMES[label]}\n" for i, label in enumerate(LABELS)))
    return *tables, metadata


def test_tables_of_the_projector_become_a_run(tmp_path: Path) -> None:
    first, second, metadata = write_tables(tmp_path)
    run = enigma.import_embeddings(first, second, metadata=metadata, steps=(0, 10), home=tmp_path, name="words")
    assert (run.title, run.steps.tolist()) == ("words", [0, 10])
    assert run.facts["classes"] == [*NAMES, "no logits"]
    assert np.allclose(run.frames[0].embeddings, ARRAYS["embeddings"][0], atol=0.01)
    assert run.metrics["silhouette"].notna().all()
    # As the projector loads them: vectors, then one column of labels without a head.
    metadata.write_text("".join(f"{NAMES[label]}\n" for label in LABELS))
    alone = enigma.import_embeddings(first, metadata, home=tmp_path)
    assert alone.facts["classes"] == [*NAMES, "no logits"]
    assert alone.steps.tolist() == [0]


def test_the_command_line_imports_and_prints_the_id(tmp_path: Path) -> None:
    path = as_npz(tmp_path, ARRAYS)
    done = subprocess.run(
        [sys.executable, "-m", "enigma", "--home", str(tmp_path), "import", str(path), "--name", "from a file"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    run_id = done.stdout.split()[1].rstrip(":")
    assert done.stdout == f"Imported {run_id}: from a file, 3 frames\n"
    assert enigma.open_run(run_id, home=tmp_path).state == "finished"


BAD_ARRAYS: list[tuple[dict[str, Any], str]] = [
    ({"embeddings": None, "logits": None}, "'embeddings' or 'logits'"),
    ({"embeddings": np.zeros(5), "logits": None}, "shape"),
    ({"embeddings": np.full((20, 2), "a")}, "as numbers"),
    ({"steps": np.array([0, 0, 1])}, "to grow"),
    ({"steps": np.array([0, 1])}, "3 whole numbers"),
    ({"steps": np.array([0.0, 1.0, 2.0])}, "whole numbers"),
    ({"labels": LABELS[:5]}, "at least 10|as many"),
    ({"logits": ARRAYS["logits"][:2]}, "as many steps"),
    ({"reference_labels": None}, "together"),
    ({"embeddings": np.full((3, PROBES, 8), np.inf)}, "finite"),
    ({"classes": np.array(["cat"])}, "as many names"),
]


@pytest.mark.parametrize(("changes", "told"), BAD_ARRAYS)
def test_arrays_that_make_no_run_are_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    arrays = {name: value for name, value in {**ARRAYS, **changes}.items() if value is not None}
    with pytest.raises(InputError, match=told) as caught:
        enigma.import_embeddings(as_npz(tmp_path, arrays), home=tmp_path)
    assert "\n" not in str(caught.value)


class _Trap:
    """What is run when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('code of a file was run')",)


def test_no_pickle_is_read_from_an_npz(tmp_path: Path) -> None:
    path = tmp_path / "trap.npz"
    np.savez(path, embeddings=np.array([[_Trap()]], dtype=object))
    with pytest.raises(InputError, match="plain arrays"):
        enigma.import_embeddings(path, home=tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"filters": [{"id": "pickle"}]},
        {"dtype": "|O", "filters": [{"id": "pickle"}]},
        {"compressor": {"id": "somebody.else"}},
        {"dtype": "|O"},
    ],
)
def test_no_codec_that_may_run_something_is_used_for_a_zarr(tmp_path: Path, change: dict[str, Any]) -> None:
    path = as_zarr(tmp_path, {"embeddings": ARRAYS["embeddings"]}, 2)
    file = path / "embeddings" / ".zarray"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    # What the group says of its members at once is not believed.
    for consolidated in path.glob(".zmetadata"):
        consolidated.unlink()
    with pytest.raises(InputError, match="Expected numbers in 'embeddings' of mine.zarr"):
        enigma.import_embeddings(path, home=tmp_path)


def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    garbage = b"\x00\xffnot a file of any kind" * 40
    for name in ("a.npz", "a.parquet", "a.tsv", "a.zarr.zip", "a.zarr", "a.txt"):
        (tmp_path / name).write_bytes(garbage)
        with pytest.raises(InputError, match="Expected") as caught:
            enigma.import_embeddings(tmp_path / name, home=tmp_path)
        assert "\n" not in str(caught.value)
        assert "Traceback" not in str(caught.value)
    cut = as_npz(tmp_path, ARRAYS)
    cut.write_bytes(cut.read_bytes()[:-400])
    with pytest.raises(InputError, match="plain arrays"):
        enigma.import_embeddings(cut, home=tmp_path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = as_npz(tmp_path, {"embeddings": np.zeros((20, 2))})
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.infolist()[0].file_size
    # The directory of the zip says that four gigabytes lie in it.
    place = content.rindex(b"PK\x01\x02") + 24
    assert int.from_bytes(content[place : place + 4], "little") in (size, 0xFFFFFFFF)
    path.write_bytes(content[:place] + (4 * 10**9).to_bytes(4, "little") + content[place + 4 :])
    with pytest.raises(InputError, match="at most 2 GB"):
        enigma.import_embeddings(path, home=tmp_path)


BAD_TABLES: list[tuple[dict[str, Any], str]] = [
    ({"word": ["a"] * 20}, "a column 'embedding'"),
    ({"embedding": ["a"] * 20}, "a list of numbers"),
    ({"embedding": [[1.0], [1.0, 2.0]] * 10}, "of one length"),
    ({"embedding": [[1.0, 2.0]] * 19 + [None]}, "of one length"),
    ({"embedding": [[1.0, None]] * 20}, "some are missing"),
    ({"embedding": [[1.0, 2.0]] * 20, "step": [0] * 11 + [1] * 9}, "as many images at every step"),
    ({"embedding": [[1.0, 2.0]] * 20, "step": [0.5] * 20}, "whole number a row"),
    ({"embedding": [[1.0, 2.0]] * 20, "step": [0, 1] * 10, "label": list(range(20))}, "labels differ"),
    ({"embedding": [[1.0, 2.0]] * 20, "label": [0.5] * 20}, "whole numbers or text"),
    ({"embedding": [[1.0, 2.0]] * 20, "reference": ["x"] * 20}, "true or false"),
]


@pytest.mark.parametrize(("columns", "told"), BAD_TABLES)
def test_tables_that_make_no_run_are_refused(tmp_path: Path, columns: dict[str, Any], told: str) -> None:
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=told):
        enigma.import_embeddings(tmp_path / "a.parquet", home=tmp_path)


def test_options_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    first, second, metadata = write_tables(tmp_path)
    bad: list[tuple[tuple[Path, ...], dict[str, Any], str]] = [
        ((first, second), {"steps": (0,)}, "a step for each of the 2 tables"),
        ((first,), {"metadata": metadata, "label": "nonsense"}, "--label"),
        ((first, tmp_path / "nowhere.tsv"), {"metadata": metadata}, "nowhere.tsv"),
        ((as_npz(tmp_path, ARRAYS),), {"metadata": metadata}, "one file"),
        ((), {}, "got none"),
    ]
    for files, options, told in bad:
        with pytest.raises(InputError, match=told):
            enigma.import_embeddings(*files, **options, home=tmp_path)
    metadata.write_text("a\nb\n")
    with pytest.raises(InputError, match="a row in metadata.tsv for each of the 60"):
        enigma.import_embeddings(first, metadata=metadata, home=tmp_path)
