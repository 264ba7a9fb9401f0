"""Runs with unknown images: what is in a batch, what enters the loss, what is recorded and how it is judged."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.metrics.geometry import effective_rank
from enigma.analysis.phases.measured import phases
from enigma.analysis.unknowns.frames import scores, table, unknown_frame, unknowns
from enigma.cli.main import cli
from enigma.images import image_set
from enigma.images.fashion_mnist import CLASSES
from enigma.images.sources import Sources, interleaved, load_sources
from enigma.recording import loop as recording
from enigma.recording.loop import record
from enigma.spec.catalogue import MODELS, SCORES, UNKNOWNS
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run

TINY = RunSpec().override(
    corruption="none", steps=4, frames=2, batch_size=20, probes=80, references=60, lr=1e-3, device="cpu"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unknown")


@pytest.fixture(scope="module")
def known(folder: Path) -> str:
    """300 of the bundled images in a file of their own."""
    data = image_set.bundled("test")
    np.savez(folder / "known.npz", images=data.images[:300], labels=data.labels[:300])
    return str(folder / "known.npz")


@pytest.fixture(scope="module")
def strange(folder: Path) -> list[str]:
    """Eighty pictures of noise and sixty of stripes, which are of no class."""
    random, pixel = np.random.default_rng(0), np.arange(32)
    stripes = np.stack([np.where((pixel // width) % 2, 255, 0) for width in random.integers(1, 9, 60)]).astype(np.uint8)
    np.savez(folder / "noise.npz", images=random.integers(0, 255, (80, 32, 32, 3), np.uint8))
    np.savez(folder / "stripes.npz", images=np.broadcast_to(stripes[:, None, :, None], (60, 32, 32, 3)))
    return [str(folder / "noise.npz"), str(folder / "stripes.npz")]


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return record(TINY.override(unknown="digits"), folder / "runs", folder / "cache")


def batches(sources: Sources, steps: int = 30) -> list[np.ndarray]:
    return [sources.order.batch(step) for step in range(steps)]


@pytest.mark.parametrize(("share", "count"), [(None, 4), (0.0, 0), (0.05, 1), (0.5, 10)])
def test_each_batch_is_full_and_holds_exactly_the_share(folder: Path, share: float | None, count: int) -> None:
    sources = load_sources(TINY.override(unknown="uniform", unknown_share=share).sources, folder)
    for batch in batches(sources):
        assert len(batch) == 20
        assert sources.is_unknown[batch].sum() == count


def test_known_images_of_the_oracle_are_those_of_a_run_without_unknown_ones(folder: Path) -> None:
    oracle = load_sources(TINY.override(unknown="digits", unknown_loss="known").sources, folder)
    plain = load_sources(TINY.sources, folder)
    assert all(np.array_equal(a, b) for a, b in zip(batches(oracle), batches(plain), strict=True))
    assert np.array_equal(oracle.probe.images[~oracle.unknown_probe], plain.probe.images)


def test_stream_is_a_function_of_the_step_and_the_seed(folder: Path) -> None:
    one, again = (load_sources(TINY.override(unknown="digits").sources, folder) for _ in range(2))
    other = load_sources(TINY.override(unknown="digits", seed=1).sources, folder)
    assert np.array_equal(one.order.batch(17), again.order.batch(17))
    assert not np.array_equal(one.order.batch(17), other.order.batch(17))


def test_unknown_images_come_at_any_place_of_a_batch(folder: Path) -> None:
    sources = load_sources(TINY.override(unknown="digits").sources, folder)
    places = np.concatenate([np.flatnonzero(sources.is_unknown[batch]) for batch in batches(sources, 100)])
    assert np.bincount(places, minlength=20).min() > 5


def test_probe_spreads_unknown_images_evenly() -> None:
    mixed = interleaved(np.zeros(800, int), np.ones(200, int))
    assert {part.sum() for part in np.split(mixed, 50)} <= {3, 4, 5}


def test_only_known_images_have_labels_and_the_run_says_which_are_not(run: Run) -> None:
    probe = run.read_arrays("probe.safetensors")
    assert len(probe["labels"]) == 100
    assert probe["unknown"].sum() == 20
    assert ((probe["labels"] == -1) == probe["unknown"].astype(bool)).all()
    assert set(run.facts["scores"]) == set(SCORES)
    assert run.frame(4)["scores"].shape == (100, len(SCORES))


def test_metrics_are_of_the_known_images(run: Run) -> None:
    frame, probe = run.frame(4), run.read_arrays("probe.safetensors")
    known = probe["unknown"] == 0
    metrics = frame_metrics(run, 4)
    assert metrics["accuracy"] == (frame["top_classes"][known, 0] == probe["labels"][known]).mean()
    assert metrics["entropy"] == pytest.approx(frame["entropies"][known].mean())
    assert metrics["label_flips"] == (frame["top_classes"] != run.frame(0)["top_classes"])[known, 0].sum()


def test_phases_are_those_of_the_known_images(run: Run) -> None:
    found = phases(run)
    known = run.read_arrays("probe.safetensors")["unknown"] == 0
    embeddings = run.frame(4)["embeddings"][known].astype(np.float64)
    assert found.measures["effective_rank"][-1] == pytest.approx(effective_rank(embeddings))
    assert found.predicted.sum(1).tolist() == [80, 80]


def test_frames_say_of_each_score_how_well_it_detects(run: Run) -> None:
    found = unknowns(run)
    assert [frame.step for frame in found.frames] == [0, 4]
    assert found.source.detection["energy"].auroc > 0.8
    frame = found.frames[-1]
    known, unknown = scores(run, 4)["entropy"]
    assert frame.detection["entropy"].auroc == pytest.approx((unknown[:, None] > known).mean(), abs=2e-3)
    assert (sum(frame.known_histogram), sum(frame.unknown_histogram)) == (80, 20)
    assert frame.gap == pytest.approx(unknown_frame(run, 4).unknown_entropy - frame.known_entropy)
    accuracy, auroc = frame.accuracy, frame.detection["msp"].auroc
    assert frame.h_score("msp") == pytest.approx(2 / (1 / accuracy + 1 / auroc))
    best_accuracy, best_auroc = found.best("msp")
    assert best_accuracy.accuracy == max(one.accuracy for one in found.frames)
    assert best_auroc.detection["msp"].auroc == max(one.detection["msp"].auroc for one in found.frames)
    assert len(table(found)) == 3 * len(SCORES)


def test_masked_images_pass_through_the_model_but_not_into_the_loss(run: Run, folder: Path) -> None:
    kinds = {"mixture": run} | {
        kind: record(TINY.override(unknown="digits", unknown_loss=kind, probes=20), folder / "runs", folder / "cache")
        for kind in ("masked", "known")
    }
    used = {kind: run.scalars()["samples_used"].tolist() for kind, run in kinds.items()}
    assert used == {"mixture": [20] * 4, "masked": [16] * 4, "known": [20] * 4}
    # At the first step the same images, seen by the same model: the entropy of the batch is the same, the loss is not.
    mixture, masked = (kinds[kind].scalars() for kind in ("mixture", "masked"))
    assert masked["entropy"][0] == mixture["entropy"][0] == pytest.approx(mixture["loss"][0], rel=1e-5)
    assert masked["loss"][0] < mixture["loss"][0]


def test_ostta_keeps_every_known_image_while_nothing_has_changed(folder: Path) -> None:
    spec = TINY.override(unknown="digits", unknown_loss="masked", method="ostta", steps=1)
    assert record(spec, folder / "runs", folder / "cache").scalars()["samples_used"].tolist() == [16]


def test_interrupted_run_ends_with_the_same_bits(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "CHECKPOINT_SECONDS", 0.0)

    def interrupt(progress: recording.Progress) -> None:
        if progress.step == 2:
            raise KeyboardInterrupt

    spec, places = TINY.override(unknown="digits"), (folder / "parts", folder / "cache")
    with pytest.raises(KeyboardInterrupt):
        record(spec, *places, recording.Listeners(stepped=interrupt))
    again = record(spec, *places)
    assert again.id == run.id
    for name, values in run.frame(4).items():
        assert np.array_equal(values, again.frame(4)[name], equal_nan=True), name


def test_unknown_images_go_through_the_corruption_of_the_known_ones(folder: Path) -> None:
    plain = load_sources(TINY.override(unknown="digits").sources, folder / "cache")
    noisy = load_sources(
        TINY.override(unknown="digits", corruption="impulse_noise", severity=3).sources, folder / "cache"
    )
    before, after = (sources.test.images[np.flatnonzero(sources.is_unknown)[:50]] for sources in (plain, noisy))
    changed = (before != after).any(-1).mean()
    known = [sources.test.images[np.arange(50)] for sources in (plain, noisy)]
    assert changed == pytest.approx((known[0] != known[1]).any(-1).mean(), abs=0.06)
    assert changed > 0.05


def test_held_out_classes_are_unknown_to_the_models_that_never_saw_them(folder: Path) -> None:
    model = "resnet-bn-isomaxplus-8-classes"
    sources = load_sources(TINY.override(model=model, unknown="held-out").sources, folder / "cache")
    assert sources.model.classes == tuple(name for name in CLASSES if name not in ("Sneaker", "Bag"))
    assert sources.is_unknown.sum() == 2000
    assert (~sources.is_unknown).sum() == 8000
    bundled = image_set.bundled("test")
    pool = {image.tobytes() for image in bundled.images[np.isin(bundled.labels, [7, 8])]}
    strangers = sources.test.images[np.flatnonzero(sources.is_unknown)]
    assert {image.tobytes() for image in strangers} == pool


def test_own_images_serve_as_unknown_ones_whatever_their_labels(folder: Path) -> None:
    path = folder / "own.npz"
    np.savez(path, images=np.random.default_rng(0).integers(0, 255, (30, 20, 24, 3), np.uint8), labels=np.arange(30))
    sources = load_sources(TINY.override(unknown=str(path)).sources, folder / "cache")
    assert sources.is_unknown.sum() == 30
    assert (sources.test.labels[sources.is_unknown] == -1).all()


def test_without_unknown_images_nothing_is_added(folder: Path) -> None:
    plain = record(TINY, folder / "runs", folder / "cache")
    assert "unknown" not in plain.read_arrays("probe.safetensors")
    assert "scores" not in plain.frame(0)
    with pytest.raises(InputError, match="Expected a run with unknown images"):
        unknowns(plain)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unknown_share": 0.2}, "Expected `unknown` to name images with `unknown_share`"),
        ({"unknown": "digit"}, "did you mean 'digits'"),
        ({"unknown": "digits", "unknown_share": 0.7}, "unknown_share"),
    ],
)
def test_what_does_not_fit_is_said(changes: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        TINY.override(**changes)


def test_what_cannot_be_done_is_said_before_there_is_a_run(folder: Path) -> None:
    with pytest.raises(InputError, match="Expected a method with one loss a batch"):
        record(TINY.override(unknown="digits", unknown_loss="masked", method="sar"), folder / "no", folder / "cache")
    assert not (folder / "no").exists()
    with pytest.raises(InputError, match="Expected a model of some of the 10 classes"):
        load_sources(TINY.override(unknown="held-out").sources, folder / "cache")
    with pytest.raises(InputError, match="`unknown_probes` to be at most the 1797"):
        load_sources(TINY.override(unknown="digits", unknown_probes=5000).sources, folder / "cache")


def test_command_line_prints_the_table(run: Run, folder: Path) -> None:
    result = CliRunner().invoke(cli, ["--home", str(folder), "runs", "unknown", run.id, "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    assert len(rows) == 3 * len(SCORES)
    text = CliRunner().invoke(cli, ["--home", str(folder), "runs", "unknown", run.id, "--score", "entropy"]).output
    assert "known positive" in text
    assert "unknown positive" in text
    accuracy, auroc = unknowns(run).best("entropy")
    assert f"Best accuracy at step {accuracy.step}, best AUROC at step {auroc.step}." in text
    assert len([line for line in text.splitlines() if line.startswith(("source", "0 ", "4 "))]) == 3


def test_detect_sets_a_threshold_on_one_half_and_decides_on_every_image(
    folder: Path, known: str, strange: list[str]
) -> None:
    options = ["--unknown", ",".join(strange), "--probes", "200", "--references", "60", "--keep", "0.9"]
    csv = folder / "decisions.csv"
    command = ["--home", str(folder), "detect", "--dataset", known, *options, "--csv", str(csv)]
    result = CliRunner().invoke(cli, [*command, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [one["unknown"] for one in told["sets"]] == strange
    table = pd.read_csv(csv)
    assert table["set"].value_counts().to_dict() == dict(zip((*strange, "known"), (80, 60, 400), strict=True))
    for one in told["thresholds"]:
        half = table[table["set_the_threshold"] & (table["threshold"] == one["threshold"])]
        assert (half["decision"] == "known").mean() >= 0.9
        mine = table[table["set"] == one["unknown"]]
        assert one["rejected_unknown"] == pytest.approx((mine["decision"] == "unknown").mean())
        assert (mine["decision"] == np.where(mine["score"] > mine["threshold"], "unknown", "known")).all()
    np.savez(folder / "few.npz", images=image_set.bundled("train").images[:20])
    few = ["--home", str(folder), "detect", "--dataset", known, "--unknown", str(folder / "few.npz"), "--probes", "50"]
    assert "it keeps" in CliRunner().invoke(cli, few).output


@pytest.mark.parametrize(("what", "names"), [("unknowns", UNKNOWNS), ("scores", SCORES), ("models", MODELS)])
def test_list_names_what_there_is_in_a_column_of_its_own(what: str, names: dict) -> None:
    lines = CliRunner().invoke(cli, ["list", what]).output.splitlines()
    assert all(any(line.startswith(f"{name}  ") for line in lines) for name in names)


def test_detect_says_which_score_is_not_there(folder: Path, known: str, strange: list[str]) -> None:
    options = ["--dataset", known, "--unknown", strange[0], "--probes", "50", "--reference", "none", "--score", "vim"]
    result = CliRunner().invoke(cli, ["--home", str(folder), "detect", *options])
    assert isinstance(result.exception, InputError)
    assert "Expected a score among msp, entropy" in str(result.exception)
