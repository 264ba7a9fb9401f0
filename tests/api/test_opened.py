"""An opened run: its arrays, tables, figures and files are those that page and command line show."""

import shutil
import xml.etree.ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

import enigma
from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.metrics.observed import confidences
from enigma.analysis.metrics.registry import tracked
from enigma.analysis.reading import trajectory
from enigma.api.opened import OpenedRun
from enigma.api.opened_drawing import drawn
from enigma.figures.files.export import export
from enigma.figures.shared.export_request import KINDS, Export
from enigma.store.home import Home
from enigma.store.mapped import mapped
from enigma.store.run_folder import Run

BUNDLED = "429b4332ba79"
OLD = Path(__file__).parents[1] / "data" / "runs-0.1.0"


@pytest.fixture(scope="module")
def run() -> OpenedRun:
    return enigma.open_run(BUNDLED)


@pytest.fixture(scope="module")
def stored(run: OpenedRun) -> Run:
    return Run(run.path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> OpenedRun:
    """Four frames of sixty images."""
    return enigma.open_run(copied("0e2b8d2acd5f", tmp_path_factory.mktemp("small")))


def copied(name: str, folder: Path) -> Path:
    shutil.copytree(OLD / name, folder / name)
    return folder / name


def test_facts_are_those_of_the_folder(run: OpenedRun, stored: Run) -> None:
    assert (run.id, run.state, run.spec, run.facts) == (BUNDLED, "finished", stored.spec, stored.facts)
    assert run.title == "Tent · Impulse noise 4"
    assert run.steps.tolist() == list(stored.frame_steps)
    assert len(run.classes) == 10
    assert run.summary["best_step"] == 13
    assert run.notes == []


def test_tables_have_a_row_a_frame_and_a_row_a_step(run: OpenedRun, stored: Run) -> None:
    assert list(run.metrics.columns) == list(tracked())
    assert run.metrics.index.tolist() == list(stored.frame_steps)
    for step in (0, 13, 500):
        found = frame_metrics(stored, step)
        assert run.metrics.loc[step].to_dict() == found
    assert run.scalars.index.tolist() == list(range(1, 501))
    assert run.scalars["entropy"].to_numpy().tolist() == stored.scalars()["entropy"].tolist()


@pytest.mark.parametrize("position", [0, 7, -1])
def test_frames_are_what_was_recorded_as_views_of_the_file(run: OpenedRun, stored: Run, position: int) -> None:
    frame, expected = run.frames[position], stored.frame(stored.frame_steps[position])
    assert set(frame.arrays) == set(expected)
    for name, values in expected.items():
        found = getattr(frame, name)
        np.testing.assert_array_equal(found, values)
        assert found.dtype == values.dtype
        assert not found.flags.writeable
        base = found
        while base is not None and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)
    assert np.shares_memory(frame.predictions, frame.top_classes)
    np.testing.assert_array_equal(frame.confidences, confidences(expected))
    np.testing.assert_allclose(frame.probabilities[:, 0], frame.confidences, rtol=1e-6)
    assert (frame.predictions == run.labels).mean() == pytest.approx(frame.metrics["accuracy"])


def test_frames_are_found_by_position_slice_and_step(run: OpenedRun) -> None:
    assert [frame.step for frame in run.frames[:3]] == [0, 1, 2]
    assert run.frames.at(13).step == 13
    assert len(run.frames) == len(list(run.frames)) == 18
    with pytest.raises(enigma.InputError, match="Expected a step with a frame .*0, 1, 2.*but got 14"):
        run.frames.at(14)
    with pytest.raises(enigma.InputError, match="`scores`"):
        _ = run.frames[0].scores


def test_reference_is_under_the_source_model(run: OpenedRun, stored: Run) -> None:
    expected = stored.read_arrays("reference.safetensors")
    np.testing.assert_array_equal(run.reference.embeddings, expected["embeddings"])
    np.testing.assert_array_equal(run.reference.labels, expected["labels"])


@pytest.mark.parametrize("damage", ["short", "not json", "missing", "header beyond the end"])
def test_damaged_arrays_are_one_sentence(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "frame.safetensors"
    whole = (OLD / "0e2b8d2acd5f" / "frames" / "000000.safetensors").read_bytes()
    content = {
        "short": whole[:-1], "not json": b"\x04" + bytes(7) + b"oops" + whole[12:],
        "header beyond the end": b"\xff" * 8 + whole[8:],
    }  # fmt: skip
    if damage in content:
        path.write_bytes(content[damage])
    with pytest.raises(enigma.CorruptRunError, match=r"Expected .*frame\.safetensors"):
        mapped(path)


def test_empty_arrays_keep_their_shape(tmp_path: Path) -> None:
    from safetensors.numpy import save

    arrays = {"none": np.empty((0, 5), np.float16), "some": np.arange(3, dtype=np.int64)}
    (tmp_path / "a").write_bytes(save(arrays, {"told": "x"}))
    found, expected = mapped(tmp_path / "a"), load((tmp_path / "a").read_bytes())
    assert {name: values.shape for name, values in found.items()} == {"none": (0, 5), "some": (3,)}
    np.testing.assert_array_equal(found["some"], expected["some"])


def test_projection_is_read_where_it_is_stored_and_pca_is_made(run: OpenedRun) -> None:
    kept = load((run.path / "derived" / "projections" / "umap.safetensors").read_bytes())
    np.testing.assert_array_equal(run.projection("umap").probes, kept["probes"])
    assert run.projection("pca").probes.shape == (18, 1000, 2)
    with pytest.raises(enigma.InputError, match="Expected a projection among true-distances, umap"):
        run.projection("tsne")


@pytest.fixture
def bare(tmp_path: Path) -> OpenedRun:
    """A run without a stored projection."""
    path = copied("0e2b8d2acd5f", tmp_path)
    shutil.rmtree(path / "projections")
    (path / "manifest.json").unlink()
    return OpenedRun(Run(path), Home(tmp_path))


def test_trajectory_shows_pca_where_no_umap_is_stored(bare: OpenedRun) -> None:
    assert bare.trajectory("umap").projection.name == "pca"


@pytest.mark.slow
def test_umap_that_is_not_stored_is_made(bare: OpenedRun) -> None:
    assert bare.projection("umap").name == "umap"
    assert bare.trajectory("umap").projection.name == "pca"


def test_words_are_those_of_the_page(run: OpenedRun) -> None:
    assert [phase.number for phase in run.phases.phases] == [1, 2]
    assert "accuracy rises" in run.story
    assert {"Phase 1", "Phase 2"} <= {sentence.topic for sentence in run.explain()}


@pytest.mark.parametrize(("kind", "library", "module"), [
    ("projection", "plotly", "plotly"), ("curves", "plotly", "plotly"), ("projection", "matplotlib", "matplotlib"),
    ("curves", "matplotlib", "matplotlib"), ("paper", "matplotlib", "matplotlib"),
])  # fmt: skip
def test_figures_are_of_the_library_that_is_asked_for(run: OpenedRun, kind: Any, library: Any, module: str) -> None:
    figure = run.figure(kind, step=13, library=library)
    assert type(figure).__module__.startswith(module)
    assert type(figure).__name__ == "Figure"


@pytest.mark.parametrize("choice", [{"color": "mood"}, {"projection": "tsne"}])
def test_figure_that_there_is_not_is_one_sentence(run: OpenedRun, choice: dict[str, Any]) -> None:
    with pytest.raises(enigma.InputError, match="^Expected a"):
        run.figure(**choice)


@pytest.mark.parametrize(("what", "library"), [("zip", "plotly"), ("curves", "bokeh")])
def test_library_or_kind_that_there_is_not_is_one_sentence(run: OpenedRun, what: str, library: str) -> None:
    # Their types say which there are; whoever does not check types gets a sentence.
    with pytest.raises(enigma.InputError, match="^Expected a"):
        drawn(run.trajectory(), Export(what), library)


@pytest.mark.parametrize(("what", "name", "choices"), [
    ("projection", "a.svg", {"step": 3, "color": "entropy"}), ("curves", "a.html", {}), ("frames", "a.parquet", {}),
    ("points", "a.csv", {"projection": "pca"}), ("steps", "a.csv", {}), ("bibtex", "a.bib", {}),
    ("reproduce", "a.sh", {}), ("zip", "a.zip", {}),
])  # fmt: skip
def test_export_is_that_of_the_command_line(
    small: OpenedRun, what: str, name: str, choices: dict[str, Any], tmp_path: Path
) -> None:
    written = small.export(tmp_path / "new" / name, what, **choices)
    wanted, stored = Export(what, name.rpartition(".")[2], **choices), Run(small.path)
    assert written.read_bytes() == export(stored, trajectory(stored, wanted.projection), wanted)


def test_export_is_named_after_the_run_where_no_file_is_named(
    run: OpenedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run.export(tmp_path, "frames").name == f"{BUNDLED}-frames.csv"
    monkeypatch.chdir(tmp_path)
    assert run.export(what="bibtex") == Path(f"{BUNDLED}-bibtex.bib")
    assert Path(f"{BUNDLED}-bibtex.bib").is_file()


@pytest.mark.parametrize(("path", "what", "choices"), [
    ("a.docx", "frames", {}), ("a.csv", "dance", {}), ("a.csv", "frames", {"colour": "label"}),
    ("a.csv", "frames", {"format": "parquet"}), ("a.csv", "points", {"projection": "tsne"}),
])  # fmt: skip
def test_export_that_there_is_not_is_one_sentence(
    run: OpenedRun, path: str, what: str, choices: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(enigma.InputError, match="^Expected"):
        run.export(tmp_path / path, what, **choices)
    assert not any(tmp_path.iterdir())


def test_every_kind_of_export_can_be_asked_for() -> None:
    for what in KINDS:
        assert what in (OpenedRun.export.__doc__ or "")


class Whole(HTMLParser):
    """Counts what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_notebook_shows_title_state_numbers_and_one_picture(run: OpenedRun) -> None:
    text = run._repr_html_()
    for told in ("Tent · Impulse noise 4", BUNDLED, "finished", "22.8 %", "62.9 %", "69.0 %", "50.5 %", "step 13"):
        assert told in text
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    xml.etree.ElementTree.fromstring(svg)
    assert 'role="img"' in svg
    page = Whole()
    page.feed(text.replace(svg, ""))
    assert not page.open
    # Self-contained: nothing is fetched and nothing runs.
    assert "script" not in page.seen
    assert "http" not in text.replace("http://www.w3.org", "")


def test_notebook_escapes_what_people_typed(tmp_path: Path) -> None:
    copied("0e2b8d2acd5f", tmp_path / "runs")
    run = enigma.open_run("0e2b8d2acd5f", home=tmp_path)
    run.rename("<script>alert(1)</script>")
    assert "<script>" not in run._repr_html_()
    assert "&lt;script&gt;" in run._repr_html_()


def test_run_without_labels_gives_what_it_has(unlabelled: OpenedRun) -> None:
    assert unlabelled.metrics["accuracy"].isna().all()
    assert unlabelled.metrics["entropy"].notna().all()
    assert unlabelled.summary["best_accuracy"] is None
    assert [phase.number for phase in unlabelled.phases.phases] == [0]
    assert "no labels" in unlabelled.story
    assert "no labels" in unlabelled._repr_html_()
    assert "<svg" in unlabelled._repr_html_()
    with pytest.raises(enigma.InputError, match="Expected labels .* have none"):
        _ = unlabelled.labels
    with pytest.raises(enigma.InputError, match="Expected reference images .* has none"):
        _ = unlabelled.reference
    with pytest.raises(enigma.InputError, match="has none; record one with `unknown`"):
        _ = unlabelled.unknowns
    assert type(unlabelled.figure("curves", library="matplotlib")).__name__ == "Figure"


def test_run_with_unknown_images_tells_them_apart(tmp_path: Path) -> None:
    run = enigma.open_run(copied("6cde214a2cf1", tmp_path))
    assert {"auroc", "oscr", "h_score"} <= set(run.unknowns.columns)
    assert run.unknowns["frame"].iloc[0] == "source"
    assert run.frames[0].scores.shape[1] == len(run.facts["scores"])
    assert (run.labels >= 0).sum() == 60


def test_run_before_its_first_frame_says_so(tmp_path: Path) -> None:
    path = copied("0e2b8d2acd5f", tmp_path)
    shutil.rmtree(path / "frames")
    for name in ("manifest.json", "scalars.csv"):
        (path / name).unlink()
    Run(path).set_status("paused", 0)
    run = enigma.open_run(path)
    assert len(run.steps) == len(run.frames) == len(run.metrics) == len(run.scalars) == 0
    assert "no frame yet" in repr(run)
    assert "No frame is recorded yet" in run._repr_html_()
    for asked in (run.projection, run.figure, run.explain, lambda: run.summary, lambda: run.story):
        with pytest.raises(enigma.InputError, match="to have a frame"):
            asked()


def test_run_that_was_changed_does_not_open(tmp_path: Path) -> None:
    path = copied("0e2b8d2acd5f", tmp_path)
    (path / "frames" / "000000.safetensors").write_bytes(b"changed")
    with pytest.raises(enigma.CorruptRunError, match="is changed"):
        enigma.open_run(path)
    with pytest.raises(enigma.RunNotFoundError, match="Expected the id of a stored run, but got 'nonsense'"):
        enigma.open_run("nonsense", home=tmp_path)


def test_labels_trash_and_files_come_and_go(tmp_path: Path) -> None:
    home = tmp_path / "home"
    copied("0e2b8d2acd5f", home / "runs")
    run = enigma.open_run("0e2b8d2acd5f", home=home)
    run.rename("first")
    run.annotate("a note")
    assert run.tag("paper collapse").tags == ("collapse", "paper")
    assert run.tag(remove="paper").tags == ("collapse",)
    assert (run.label.name, run.label.note) == ("first", "a note")
    listed = enigma.runs("tag:collapse", home=home)
    assert listed.index.tolist() == [run.id]
    assert listed.loc[run.id, "name"] == "first"
    assert set(enigma.runs(sort="title", home=home).index) == {run.id, BUNDLED}
    zipped = run.export(tmp_path / "run.zip")
    run.delete()
    assert enigma.trash(home=home).index.tolist() == [run.id]
    assert enigma.restore(run.id, home=home).label.name == "first"
    enigma.open_run(run.id, home=home).delete()
    assert enigma.empty_trash(home=home) == 1
    assert enigma.trash(home=home).empty
    (back,) = enigma.import_runs(zipped, home=home)
    assert back.label.tags == ("collapse",)
    with pytest.raises(enigma.InputError, match="not here yet"):
        enigma.import_runs(zipped, home=home)
    with pytest.raises(enigma.InputError, match="came with the installation"):
        enigma.open_run(BUNDLED, home=home).delete()
