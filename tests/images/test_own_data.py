"""Runs on one's own models and data, from the folder to the page's payload."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enigma.analysis.phases.story import story
from enigma.analysis.projection.joint import obstacle
from enigma.analysis.reading import notes, summary, trajectory
from enigma.figures.web.scrubber.body import UNKNOWN_PLACE, pack_body
from enigma.figures.web.scrubber.pack import View, pack
from enigma.images import image_set
from enigma.images.sources import load_sources
from enigma.jobs.record_and_project import record_and_project
from enigma.recording.device import Compute
from enigma.recording.exclusion import stream
from enigma.recording.inspection import inspect
from enigma.recording.loop import Listeners, record
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection, run_folder
from enigma.store.home import Home
from tests.conftest import TINY
from tests.images import layouts

SMALL = {"steps": 3, "frames": (0, 1, 3), "probes": 24, "references": 10, "batch_size": 8, "device": "cpu"}


def bytes_of(run: run_folder.Run) -> list[bytes]:
    return [(run.path / run_folder.frame_name(step)).read_bytes() for step in run.frame_steps]


def test_unlabelled_images_without_reference_make_a_run_that_says_what_is_missing(home: Home, tmp_path: Path) -> None:
    spec = RunSpec(dataset=str(layouts.flat(tmp_path / "loose")), reference="none", **SMALL)
    run = record_and_project(spec, home, projections=("pca",))
    run.verify()
    numbers = summary(run)
    assert numbers.pop("run") == run.id
    assert set(numbers.values()) == {None}
    shown = trajectory(run)
    assert shown.phase_boundary == -1
    assert np.isnan([shown.source_accuracy, *shown.metrics["accuracy"], *shown.metrics["shift_distance"]]).all()
    assert np.isfinite([shown.metrics[name] for name in ("entropy", "prediction_entropy", "label_flips")]).all()
    assert np.isnan(shown.projection.means).all()
    assert np.isfinite(shown.projection.probes).all()
    assert "no labels" in story(shown)
    assert "Without reference images" in story(shown)
    assert [note.partition(": ")[2] for note in notes(run.facts)] == [
        "the test images have no labels.", "there are no reference images.",
    ]  # fmt: skip
    body = pack_body(shown)
    assert b"NaN" not in pack(shown, View(), body=body).partition(b"}]")[0]
    # Every file of facts can be read by any reader of JSON.
    json.loads((run.path / "run.json").read_text(), parse_constant=lambda text: pytest.fail(text))
    assert UNKNOWN_PLACE == 65535
    assert obstacle([run, run]) == "A joint projection needs reference images, but a run has none."


@pytest.mark.parametrize("field", ["dataset", "reference", "unknown"])
def test_path_where_nothing_lies_is_named_with_its_field(field: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"Expected `{field}` to be .* but got '.*nowhere'"):
        load_sources(RunSpec(**{field: str(tmp_path / "nowhere")}, **SMALL).sources, tmp_path)


@pytest.mark.parametrize(
    ("name", "features"), [("resnet18", 512), pytest.param("resnet50", 2048, marks=pytest.mark.slow)]
)
def test_resnet_on_an_imagenet_c_folder_as_in_the_readme(home: Home, tmp_path: Path, name: str, features: int) -> None:
    root = layouts.imagenet_c(tmp_path / "ImageNet-C", size=32, each=10)
    spec = RunSpec(
        model=f"torchvision:{name}@random", input_size=32, dataset=str(root), corruption="fog", severity=3,
        reference=str(root / "fog" / "1"), optimizer="sgd", lr=2.5e-4, **{**SMALL, "steps": 1, "frames": (0, 1)},
    )  # fmt: skip
    run = record(spec, home.runs, home.cache)
    facts = run.facts
    assert facts["dataset"] == [
        "ImageNet-C, fog, severity 3: 40 images, 32x32, labels found in 4 classes; "
        "matched by the wnids of ImageNet"
    ]  # fmt: skip
    assert facts["layer"] == "fc"
    assert facts["random_weights"]
    assert len(facts["classes"]) == 1000
    assert run.frame(0)["embeddings"].shape == (24, features)
    means = trajectory(run, "pca").projection.means
    assert np.isfinite(means).all(1).sum() == 4


def test_broken_images_are_left_out_named_and_counted(home: Home, tmp_path: Path) -> None:
    root = layouts.classes(tmp_path / "photos")
    broken = sorted(root.glob("*/*.png"))[3]
    broken.write_bytes(broken.read_bytes()[:200])
    run = record(RunSpec(dataset=str(root), **SMALL), home.runs, home.cache)
    name = broken.relative_to(root).as_posix()
    assert run.facts["broken_images"] == {"count": 1, "names": [name]}
    assert any(name in note for note in notes(run.facts))
    assert "1 broken left out" in run.facts["dataset"][0]


@pytest.mark.parametrize(
    "changes",
    [
        {"corruption": "gaussian_noise,contrast", "sequence": "continual", "period": 2},
        {"corruption": "gaussian_noise,contrast", "sequence": "mixed"},
        {"order": "correlated", "dirichlet": 0.1, "imbalance": 10},
        {"exclude_top_k": 1},
    ],
    ids=["continual", "mixed", "correlated", "excluded"],
)
def test_stream_of_every_kind_resumes_to_the_same_bits(home: Home, tmp_path: Path, changes: dict) -> None:
    pictures, labels = layouts.bundled(60)
    np.savez(tmp_path / "few.npz", images=pictures, labels=labels)
    fields = {"corruption": "gaussian_noise", "severity": 2, **SMALL, "probes": 20, **changes}
    spec = RunSpec(dataset=str(tmp_path / "few.npz"), **fields)
    whole = record(spec, home.path / "a", home.cache)
    listeners = Listeners()
    listeners.started = lambda run: setattr(listeners, "run", run)
    listeners.stepped = lambda progress: listeners.run.ask("pause") if progress.step == 1 else None  # type: ignore[attr-defined]
    assert record(spec, home.path / "b", home.cache, listeners).state == "paused"
    resumed = record(spec, home.path / "b", home.cache)
    assert bytes_of(resumed) == bytes_of(whole)


def test_probe_of_a_sequence_is_an_equal_mixture_and_no_image_comes_twice(home: Home, tmp_path: Path) -> None:
    pictures, labels = layouts.bundled(60)
    np.savez(tmp_path / "few.npz", images=pictures, labels=labels)
    fields = {**SMALL, "corruption": "gaussian_noise,contrast,fog", "sequence": "mixed"}
    sources = load_sources(RunSpec(dataset=str(tmp_path / "few.npz"), **fields).sources, home.cache)
    assert len(sources.test) == 180
    assert np.bincount(sources.probe_positions // 60).tolist() == [8, 8, 8]
    assert len(np.unique(sources.probe_positions % 60)) == 24
    seen = np.concatenate([sources.order.batch(step) for step in range(15)])
    # Two passes of 60 images, each with the one corruption it has.
    assert len(np.unique(seen)) == 60
    assert len(np.unique(seen // 60)) == 3


def test_excluded_images_are_those_the_source_model_ranks_high_and_the_probe_is_held_out(
    home: Home, tmp_path: Path
) -> None:
    pictures, labels = layouts.bundled(300)
    np.savez(tmp_path / "few.npz", images=pictures, labels=labels)
    spec = RunSpec(dataset=str(tmp_path / "few.npz"), corruption="gaussian_noise", severity=3, exclude_top_k=2, **SMALL)
    sources, compute = load_sources(spec.sources, home.cache), Compute.of(spec.device, spec.precision)
    left = stream(spec, sources, compute, home.cache)
    seen = np.unique(np.concatenate([left.batch(step) for step in range(60)]))
    logits = compute.place(sources.model.module)(compute.pixels(sources.test.images[np.arange(300)])).detach().numpy()
    ranks = (logits > logits[np.arange(300), labels][:, None]).sum(1)
    expected = set(np.flatnonzero(ranks >= 2)) - set(sources.probe_positions)
    assert set(seen) == expected
    # A hundred percent of what is left is wrong under the source model.
    assert (logits.argmax(1)[seen] != labels[seen]).all()
    kept = max(home.cache.glob("excluded-*.npy"), key=lambda path: path.stat().st_mtime_ns)
    whole = kept.read_bytes()
    for damage in (whole[:40], whole[:-9], b"", whole.replace(b"<i8", b"|O8")):
        kept.write_bytes(damage)
        again = stream(spec, sources, compute, home.cache)
        assert [again.batch(step).tolist() for step in range(5)] == [left.batch(step).tolist() for step in range(5)]
        assert kept.read_bytes() == whole


def test_lazy_images_give_the_run_that_the_same_images_in_memory_give(home: Home, tmp_path: Path) -> None:
    root = layouts.flat(tmp_path / "loose", count=48)
    files = sorted(root.glob("*.png"))
    np.savez(tmp_path / "same.npz", images=np.stack([np.asarray(Image.open(file)) for file in files]))
    lazy, array = (
        record(RunSpec(dataset=str(path), reference="none", **SMALL), home.runs, home.cache)
        for path in (root, tmp_path / "same.npz")
    )
    assert lazy.id != array.id
    assert bytes_of(lazy) == bytes_of(array)


def test_inspection_finds_the_wrong_normalisation_and_other_pitfalls(home: Home, tmp_path: Path) -> None:
    good = inspect(TINY.override(corruption="none"), home.cache)
    assert good.warnings == ()
    # Nothing was added, so nothing is called clean.
    assert good.clean_accuracy is None
    assert good.source_accuracy.low > 0.7
    assert good.samples.startswith(b"\x89PNG")
    assert sum(good.moving.values()) == 1008
    wrong = inspect(TINY.override(corruption="none", mean=100, std=0.01), home.cache)
    assert any("chance" in warning and "normalisation" in warning for warning in wrong.warnings)
    root = layouts.cifar_c(tmp_path / "c")
    np.save(root / "labels.npy", np.load(root / "labels.npy") % 3)
    some = inspect(RunSpec(dataset=str(root), corruption="fog", **{**SMALL, "batch_size": 1}), home.cache)
    assert any("3 classes" in warning and "10" in warning for warning in some.warnings)
    assert any("batch of one" in warning for warning in some.warnings)
    assert some.clean_accuracy is None
    assert json.dumps(some.to_dict())
    added = inspect(TINY, home.cache)
    assert added.clean_accuracy.value > added.batch_accuracy.value > added.source_accuracy.value


def test_fewer_images_than_asked_for_are_all_taken_with_a_word(home: Home, tmp_path: Path) -> None:
    root = layouts.classes(tmp_path / "photos")
    broken = sorted(root.glob("*/*.png"))[3]
    broken.write_bytes(broken.read_bytes()[:200])
    words = (
        "39 probe images instead of 1,000: there are no more.",
        "Batches of 39 images instead of 64: there are no more.",
        "39 reference images instead of 1,000: there are no more.",
    )
    spec = RunSpec(dataset=str(root), reference=str(root), steps=1, frames=2, device="cpu")
    # As with `enigma run --dataset photos/`.
    assert spec.probes == 1000
    found = inspect(spec, home.cache)
    assert (found.images, found.notes) == (39, words)
    assert len(found.broken) == 1
    run = record(spec, home.runs, home.cache)
    run.verify()
    assert (run.spec.probes, run.spec.batch_size, run.spec.references) == (39, 39, 39)
    assert run.frame(0)["embeddings"].shape[0] == 39
    assert notes(run.facts)[:3] == list(words)
    # Asked for again, it is the same run.
    assert record(spec, home.runs, home.cache).id == run.id


def test_fewer_images_than_can_be_asked_for_make_a_run(home: Home, tmp_path: Path) -> None:
    spec = RunSpec(dataset=str(layouts.flat(tmp_path / "few", count=4)), reference="none", steps=1, frames=2)
    run = record(spec, home.runs, home.cache)
    assert run.frame(1)["embeddings"].shape[0] == 4
    assert RunSpec.parse(run.spec.to_dict()) == run.spec


def test_order_of_the_folders_names_the_outputs_only_of_a_model_that_does_not_and_is_said(
    home: Home, tmp_path: Path
) -> None:
    spec = RunSpec(
        model="torchvision:shufflenet_v2_x0_5@random", num_classes=10, input_size=32,
        dataset=str(layouts.classes(tmp_path / "photos")), **SMALL,
    )  # fmt: skip
    sources = load_sources(spec.sources, home.cache)
    assert sources.model.classes == tuple(sorted(image_set.fashion_mnist.CLASSES))
    assert any("does not say what its 10 outputs are called" in note for note in sources.notes)
    named = load_sources(RunSpec(dataset=spec.dataset, **SMALL).sources, home.cache)
    assert named.notes == ()


def test_bundled_images_are_matched_by_name_too(home: Home) -> None:
    names = ",".join(f"digit {place}" for place in range(10))
    with pytest.raises(InputError, match="10 classes.*digit 0.*none of them"):
        load_sources(RunSpec(class_names=names, **SMALL).sources, home.cache)
    turned = image_set.fashion_mnist.CLASSES[::-1]
    sources = load_sources(RunSpec(class_names=",".join(turned), **SMALL).sources, home.cache)
    own = load_sources(RunSpec(**SMALL).sources, home.cache)
    np.testing.assert_array_equal(sources.probe.labels, 9 - own.probe.labels)
    np.testing.assert_array_equal(sources.reference.labels.min(), 0)


def test_class_counts_that_differ_are_explained_before_the_run(home: Home, tmp_path: Path) -> None:
    root = layouts.imagenet_c(tmp_path / "ImageNet-C")
    with pytest.raises(InputError, match="10 classes.*got 4"):
        record(RunSpec(dataset=str(root), corruption="fog", **SMALL), home.runs, home.cache)
    assert collection.listed(home.runs) == []


def test_timm_model_goes_from_loading_over_inspection_to_a_recorded_step(home: Home) -> None:
    pytest.importorskip("timm", reason="the extra 'timm' is not installed")
    # Without pretrained weights, so nothing is downloaded; the bundled images of 10 classes, by a head of 10.
    spec = RunSpec(
        model="timm:mobilenetv3_small_050@random", input_size=32, num_classes=10, corruption="fog",
        **{**SMALL, "steps": 1, "frames": (0, 1)},
    )  # fmt: skip
    found = inspect(spec, home.cache)
    assert (found.layer, found.classes) == ("classifier", 10)
    assert sum(found.moving.values()) > 0
    assert "mean 0.485 0.456 0.406" in found.preprocessing
    assert any("random" in warning for warning in found.warnings)
    run = record(spec, home.runs, home.cache)
    run.verify()
    assert run.frame_steps == (0, 1)
    assert run.frame(0)["embeddings"].shape == (24, found.features)
    assert not np.array_equal(run.frame(0)["embeddings"], run.frame(1)["embeddings"])
