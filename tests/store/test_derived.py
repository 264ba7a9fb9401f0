"""What can be made again is made again: missing, damaged, of another input, of another version, of an older program."""

import json
import math
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.metrics import registry
from enigma.analysis.metrics.frame_metrics import frame_metrics, run_metrics
from enigma.analysis.metrics.registry import METRICS, Metric
from enigma.analysis.phases.measured import phases
from enigma.analysis.projection import stored
from enigma.analysis.reading import summary, trajectory
from enigma.analysis.unknowns.frames import unknowns
from enigma.figures.files.tables import frames
from enigma.figures.web.scrubber.pack import describe
from enigma.spec.errors import CorruptRunError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection, derived, index, manifest
from enigma.store.archive import export_zip, import_zip
from enigma.store.home import Home
from enigma.store.run_folder import SCHEMA, Run, frame_name

OF_VERSION_0_1_0 = Path(__file__).parents[1] / "data" / "runs-0.1.0"
PLAIN, WITH_UNKNOWN = "0e2b8d2acd5f", "6cde214a2cf1"


@pytest.fixture
def old_home(tmp_path: Path) -> Home:
    """A home with the runs that version 0.1.0 wrote."""
    home = Home(tmp_path / "old")
    shutil.copytree(OF_VERSION_0_1_0, home.runs)
    return home


@pytest.fixture
def old(old_home: Home) -> Run:
    return old_home.find(PLAIN)


@pytest.fixture
def mean_confidence(monkeypatch: pytest.MonkeyPatch) -> Metric:
    """A metric that was not there when the runs were recorded."""
    metric = Metric("Mean confidence", "%", "How sure the model is.", lambda seen: float(seen.confidences.mean()))
    monkeypatch.setitem(METRICS, "mean_confidence", metric)
    return metric


def test_runs_of_version_0_1_0_open_for_ever(old_home: Home) -> None:
    for run_id in (PLAIN, WITH_UNKNOWN):
        run = old_home.find(run_id)
        run.verify()
        assert run.facts["schema"] == 1
        assert summary(run)["best_accuracy"] == pytest.approx(index.rows(old_home)[0].best) or run_id
        # Its UMAP was fitted otherwise than now; until it is fitted again, PCA stands in.
        assert trajectory(run, "umap").projection.name == "pca"
        assert trajectory(run).projection.title == "True distances, directions of PCA"
        assert math.isfinite(phases(run).measures["brier"][-1])
        assert import_zip(export_zip(run), old_home.path / "elsewhere").spec == run.spec
    assert {row.state for row in index.rows(old_home)} == {"finished"}
    assert len(unknowns(old_home.find(WITH_UNKNOWN)).frames) == 4


def test_numbers_of_version_0_1_0_are_taken_over_and_equal_those_measured_anew(old: Run) -> None:
    told = json.loads((old.path / "metrics/000008.json").read_text())
    taken = frame_metrics(old, 8)
    # Those that are measured otherwise now, as all that rests on k-means, are measured anew.
    as_then = {name: value for name, value in taken.items() if METRICS[name].version == 1}
    assert {"accuracy", "entropy"} <= set(as_then)
    assert {name: told[name] for name in as_then} == as_then
    shutil.rmtree(old.path / "metrics")
    assert frame_metrics(old, 8) == pytest.approx(taken)
    old.verify()


def test_numbers_of_version_0_1_0_that_were_changed_are_not_taken_over(old: Run) -> None:
    told = json.loads((old.path / "metrics/000008.json").read_text())
    (old.path / "metrics/000008.json").write_text(json.dumps(told | {"accuracy": 1.0}))
    assert frame_metrics(old, 8)["accuracy"] == told["accuracy"]


def test_manifest_seals_what_was_recorded_and_nothing_else(copied: Run) -> None:
    run_metrics(copied)
    stored.project(copied, ("pca",))
    copied.seal()
    names = set(json.loads((copied.path / "manifest.json").read_text()))
    assert all(manifest.RECORDED.fullmatch(name) for name in names)
    assert {"run.json", "scalars.csv", "probe.safetensors", "frames/000008.safetensors"} <= names
    shutil.rmtree(copied.path / "derived")
    copied.verify()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"of": 1}', b"\xff\xfe", b"[" * 100_000, None])
def test_damaged_or_missing_metrics_are_measured_again(copied: Run, damage: bytes | None) -> None:
    shutil.rmtree(copied.path / "metrics", ignore_errors=True)
    expected = frame_metrics(copied, 3)
    file = copied.path / "derived/metrics/000003.json"
    assert file.exists()
    file.unlink() if damage is None else file.write_bytes(damage)
    assert frame_metrics(copied, 3) == expected
    assert json.loads(file.read_text())["values"]["accuracy"] == [1, expected["accuracy"]]


def test_values_of_another_kind_are_measured_again(copied: Run) -> None:
    expected = frame_metrics(copied, 3)
    file = copied.path / "derived/metrics/000003.json"
    shutil.rmtree(copied.path / "metrics", ignore_errors=True)
    kept = json.loads(file.read_text())
    for odd in ("high", [], [1], [1, "x"], {"a": 1}, [1, [2]]):
        values = kept["values"] | {"accuracy": odd, "no metric": [1, 2]}
        derived.keep_json(copied, "metrics/000003.json", values, of=kept["of"], version=kept["version"])
        assert frame_metrics(copied, 3) == expected


def test_digits_that_were_changed_are_noticed(copied: Run) -> None:
    expected = frame_metrics(copied, 3), trajectory(copied, "umap").projection
    file = copied.path / "derived/metrics/000003.json"
    kept = json.loads(file.read_text())
    kept["values"]["accuracy"][1] = 0.1
    file.write_text(json.dumps(kept))
    assert frame_metrics(copied, 3) == expected[0]
    picture = copied.path / "derived/projections/umap.safetensors"
    content = bytearray(picture.read_bytes())
    content[-1] ^= 1
    picture.write_bytes(content)
    assert stored.read(copied, "umap") is None
    # Under another name it is another projection, which is made when it is asked for.
    stored.keep(copied, expected[1])
    shutil.copy(picture, picture.with_name("pca.safetensors"))
    assert trajectory(copied, "pca").projection.name == "pca"


def test_place_that_cannot_be_written_costs_time_and_nothing_else(copied: Run) -> None:
    expected = run_metrics(copied)
    shutil.rmtree(copied.path / "derived")
    (copied.path / "derived").write_text("a file, where a folder should be")
    for name, values in run_metrics(copied).items():
        np.testing.assert_array_equal(values, expected[name])
    assert not list(copied.path.rglob(".*tmp"))


def test_threads_that_measure_at_once_do_not_meet(copied: Run) -> None:
    expected = run_metrics(copied)
    for _ in range(3):
        shutil.rmtree(copied.path / "derived")
        with ThreadPoolExecutor(4) as executor:
            found = list(executor.map(run_metrics, [copied] * 4))
        for each in found:
            np.testing.assert_equal(each, expected)


def test_metric_that_was_added_later_is_measured_of_an_old_run_and_shown_everywhere(
    old: Run, mean_confidence: Metric
) -> None:
    shown = trajectory(old, "pca")
    confidence = shown.confidences.mean(axis=1)
    np.testing.assert_allclose(shown.metrics["mean_confidence"], confidence, rtol=1e-6)
    header = describe(shown)
    assert header["metrics"]["mean_confidence"] == pytest.approx(confidence.tolist(), abs=1e-6)
    assert "mean_confidence" in frames(shown).columns
    assert "mean_confidence" in registry.shown(registry.FIGURE)
    np.testing.assert_allclose(phases(old).measures["mean_confidence"], confidence, rtol=1e-6)


def test_metric_whose_code_has_changed_is_measured_again_and_no_other(
    copied: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_metrics(copied)
    measured: list[str] = []
    for name, metric in METRICS.items():
        monkeypatch.setitem(METRICS, name, _counted(name, metric, measured))
    run_metrics(copied)
    assert measured == []
    newer = replace(METRICS["accuracy"], measure=lambda seen: measured.append("accuracy") or 0.25, version=2)
    monkeypatch.setitem(METRICS, "accuracy", newer)
    assert run_metrics(copied)["accuracy"].tolist() == [0.25] * 4
    assert measured == ["accuracy"] * 4


def test_what_the_frames_of_a_run_share_is_looked_up_once(copied: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run_metrics(copied)
    asked: list[str] = []
    digest = manifest.digest
    monkeypatch.setattr(manifest, "digest", lambda folder, name: asked.append(name) or digest(folder, name))
    run_metrics(copied)
    assert sorted(asked) == sorted(
        [
            "probe.safetensors",
            "reference.safetensors",
            *(f"frames/{step:06d}.safetensors" for step in copied.frame_steps),
        ]
    )


def _counted(name: str, metric: Metric, measured: list[str]) -> Metric:
    return replace(metric, measure=lambda seen: measured.append(name) or metric.measure(seen))


def test_metrics_of_another_frame_do_not_match(copied: Run) -> None:
    run_metrics(copied)
    frame = copied.frame(8)
    frame["top_classes"][:, 0] = 3
    copied.write_arrays("frames/000008.safetensors", frame)
    labels = copied.read_arrays("probe.safetensors")["labels"]
    assert frame_metrics(copied, 8)["accuracy"] == (labels == 3).mean()


def test_projection_of_other_frames_or_version_does_not_match(copied: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stored.project(copied, ("pca",))
    assert stored.is_current(copied, "pca")
    monkeypatch.setattr(stored, "VERSION", stored.VERSION + 1)
    assert stored.read(copied, "pca") is None
    monkeypatch.undo()
    frame = copied.frame(8)
    copied.write_arrays("frames/000008.safetensors", frame | {"embeddings": frame["embeddings"] + 1})
    assert stored.read(copied, "pca") is None


def test_projection_of_frames_that_are_not_there_again_does_not_match(copied: Run) -> None:
    stored.project(copied)
    last = copied.frame_steps[-1]
    copied.path.joinpath(frame_name(last)).unlink()
    assert stored.read(copied, "umap") is None
    assert last not in stored.at_once(copied, "true-distances").steps


def test_what_is_derived_from_a_bundled_run_lies_in_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    run = home.example()
    before = sorted(path for path in run.path.rglob("*"))
    derived.keep_json(run, "metrics/000000.json", {"a": 1}, of="x", version=1)
    assert derived.read_json(run, "metrics/000000.json", of="x", version=1) == {"a": 1}
    assert (home.cache / "derived" / run.id / "metrics/000000.json").exists()
    assert sorted(path for path in run.path.rglob("*")) == before


def test_run_in_a_folder_that_cannot_be_written_is_measured_all_the_same(
    copied: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the refusal of the operating system is brought about where the file is written."""
    expected = run_metrics(copied)
    shutil.rmtree(copied.path / "derived")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Run, "write", refuse)
    for name, values in run_metrics(copied).items():
        np.testing.assert_array_equal(values, expected[name])


def test_run_of_a_newer_schema_is_one_sentence_and_hides_no_other(old_home: Home) -> None:
    run = old_home.find(PLAIN)
    facts = run.facts | {"schema": SCHEMA + 1, "versions": {"enigma": "9.9"}}
    run.write("run.json", json.dumps(facts).encode())
    with pytest.raises(CorruptRunError, match=rf"schema {SCHEMA} at most.*version 9\.9.*install that version"):
        _ = run.spec
    rows = {row.id: row for row in index.rows(old_home)}
    assert (rows[PLAIN].state, rows[WITH_UNKNOWN].state) == ("damaged", "finished")
    assert "9.9" in rows[PLAIN].problem
    assert "Delete" not in rows[PLAIN].problem
    assert old_home.find(WITH_UNKNOWN).spec.unknown == "digits"


def test_spec_field_of_a_newer_version_is_one_sentence_and_hides_no_other(old_home: Home) -> None:
    run = old_home.find(PLAIN)
    run.write("run.json", json.dumps(run.facts | {"spec": {**run.facts["spec"], "temperature": 2}}).encode())
    with pytest.raises(CorruptRunError, match="temperature.*version 0.1.0"):
        _ = run.spec
    assert {row.id: row.state for row in index.rows(old_home)}[PLAIN] == "damaged"
    assert [found.id for found in old_home.finished().values() if found.id != old_home.example().id] == [WITH_UNKNOWN]


def test_old_run_opens_when_a_spec_field_has_been_added(old: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(RunSpec):
        temperature: float | None = None

    monkeypatch.setattr("enigma.store.run_folder.RunSpec", Later)
    assert old.spec.temperature is None
    assert old.spec.to_dict() == old.facts["spec"]
    assert math.isfinite(summary(old)["best_accuracy"])


def test_overview_is_kept_and_made_again(old_home: Home) -> None:
    row = next(row for row in index.rows(old_home) if row.id == PLAIN)
    run = old_home.find(PLAIN)
    told = summary(run)
    assert (row.first, row.best, row.last) == (told["frame0_accuracy"], told["best_accuracy"], told["final_accuracy"])
    file = run.path / "derived/overview.json"
    assert file.exists()
    file.write_text("{")
    os.utime(run.path / "status.json")
    assert next(row for row in index.rows(old_home) if row.id == PLAIN).best == told["best_accuracy"]


def test_manifest_of_another_place_names_no_file_outside_the_run(copied: Run) -> None:
    """Whether a file outside is there cannot be asked with a manifest."""
    (copied.path / "manifest.json").write_text(json.dumps({"../../etc/passwd": "0" * 64}))
    with pytest.raises(CorruptRunError, match=r"names '\.\./\.\./etc/passwd'"):
        copied.verify()
    assert collection.listed(copied.path.parent) == [copied]
