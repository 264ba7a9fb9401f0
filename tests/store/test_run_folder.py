"""The run folder: whole or named as broken, never half shown."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from enigma.spec.errors import CorruptRunError, InputError, RunNotFoundError
from enigma.store import archive, collection, run_folder
from enigma.store.home import Home
from enigma.store.run_folder import Run


def test_recorded_run_verifies(tiny_run: Run) -> None:
    tiny_run.verify()


@pytest.mark.parametrize(
    "name", ["frames/000003.safetensors", "scalars.csv", "run.json", "checkpoint.safetensors", "thumbnails.webp"]
)
def test_truncated_file_is_named(copied: Run, name: str) -> None:
    path = copied.path / name
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CorruptRunError, match=name):
        copied.verify()


def test_missing_frame_and_missing_manifest_are_named(copied: Run) -> None:
    (copied.path / "frames/000001.safetensors").unlink()
    with pytest.raises(CorruptRunError, match="000001.*missing"):
        copied.verify()
    (copied.path / "manifest.json").unlink()
    with pytest.raises(CorruptRunError, match="manifest"):
        copied.verify()


def test_newer_schema_and_renamed_folder_are_named(copied: Run) -> None:
    facts = copied.facts
    (copied.path / "run.json").write_text(json.dumps({**facts, "schema": run_folder.SCHEMA + 1}))
    with pytest.raises(CorruptRunError, match="schema"):
        copied.verify()
    (copied.path / "run.json").write_text(json.dumps(facts))
    renamed = Run(copied.path.rename(copied.path.with_name("0" * 12)))
    with pytest.raises(CorruptRunError, match="renamed"):
        renamed.verify()


def test_foreign_folder_and_unknown_id_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(CorruptRunError, match="another kind of folder"):
        collection.find("holiday", tmp_path)
    for unknown in ("nothing", "", "../etc"):
        with pytest.raises(RunNotFoundError):
            collection.find(unknown, tmp_path)


def test_example_is_the_bundled_run_even_when_the_user_has_recorded_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path)
    bundled = home.example()
    shutil.copytree(bundled.path, home.runs / bundled.id)
    assert home.example() == bundled
    assert home.find(bundled.id).path.parent == home.runs


def test_half_written_last_scalar_is_left_out(copied: Run) -> None:
    path = copied.path / "scalars.csv"
    whole = copied.scalars()["step"]
    path.write_text(path.read_text() + "9,0.5,0.")
    np.testing.assert_array_equal(copied.scalars()["step"], whole)


def test_rewind_forgets_what_came_later(copied: Run) -> None:
    copied.rewind(3, (0, 1, 3, 8))
    assert copied.frame_steps == (0, 1, 3)
    assert copied.scalars()["step"].tolist() == [1, 2, 3]


def test_zip_opens_elsewhere_and_is_the_same_run(tiny_run: Run, tmp_path: Path) -> None:
    tmp_path.joinpath("other").mkdir()
    imported = archive.import_zip(archive.export_zip(tiny_run), tmp_path / "other")
    imported.verify()
    assert imported.id == tiny_run.id
    for step in tiny_run.frame_steps:
        for name, array in tiny_run.frame(step).items():
            np.testing.assert_array_equal(imported.frame(step)[name], array)
    with pytest.raises(InputError, match="not here yet"):
        archive.import_zip(archive.export_zip(tiny_run), tmp_path / "other")


def damaged(content: bytes, change) -> bytes:
    """The zip with one of its files replaced or added."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        change(target, source.namelist()[0].partition("/")[0])
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda z, i: z.writestr("../evil.json", "x"), "as `enigma export` writes it"),
        (lambda z, i: z.writestr(f"{i}/../../evil.json", "x"), "as `enigma export` writes it"),
        (lambda z, i: z.writestr(f"{i}/code.py", "x"), "as `enigma export` writes it"),
        (lambda z, i: z.writestr(f"{i}/scalars.csv", "x"), "twice"),
    ],
)
def test_foreign_or_changed_zip_is_refused_and_leaves_nothing(
    tiny_run: Run, tmp_path: Path, change, message: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises((InputError, CorruptRunError), match=message):
        archive.import_zip(damaged(archive.export_zip(tiny_run), change), root)
    assert list(root.iterdir()) == []
    assert not (tmp_path / "evil.json").exists()


def test_zip_that_is_none_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"hello", archive_of_nothing()):
        with pytest.raises(InputError, match="zip"):
            archive.import_zip(content, tmp_path)


def archive_of_nothing() -> bytes:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()


def test_deleted_run_is_gone(copied: Run) -> None:
    collection.delete(copied)
    assert list(copied.path.parent.iterdir()) == []


def test_run_that_makes_way_is_never_found_in_part(copied: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    root, remove, seen = copied.path.parent, shutil.rmtree, []

    def looked_at(folder: Path) -> None:
        seen.append((collection.find(copied.id, root).id, [run.id for run in collection.listed(root)]))
        remove(folder)

    monkeypatch.setattr(collection.shutil, "rmtree", lambda folder, **given: looked_at(folder) if not given else None)
    collection.extend(copied, root, copied.spec.extended(2, 8), "f" * 12)
    assert seen == [("f" * 12, ["f" * 12])]
    assert copied.frame_steps == ()


def test_size_limit_holds_for_a_large_run(tmp_path: Path) -> None:
    """1,000 probes x 512 features x 40 frames of a thousand-class model: at most 60 MB."""
    import torch

    from enigma.recording.evaluation import TOP, _compact

    random = np.random.default_rng(0)
    run = Run(tmp_path / "large")
    for step in range(40):
        embeddings = _compact(torch.from_numpy(random.normal(size=(1000, 512)))).numpy()
        frame = {
            "embeddings": embeddings, "top_logits": random.normal(size=(1000, TOP)).astype(np.float32),
            "top_classes": np.zeros((1000, TOP), np.int32), "logsumexp": np.zeros(1000, np.float32),
            "entropies": np.zeros(1000, np.float32), "label_log_probabilities": np.zeros(1000, np.float32),
            "mean_prediction": np.zeros(1000, np.float32), "class_means": np.zeros((16, 512), np.float32),
        }  # fmt: skip
        run.write_arrays(run_folder.frame_name(step), frame)
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size < 60e6
