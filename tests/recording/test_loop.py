"""The one loop: same spec, same bits, however often it is interrupted."""

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from enigma.analysis.reading import summary
from enigma.images.sources import load_sources
from enigma.jobs.record_and_project import record_and_project
from enigma.models import classifier
from enigma.recording.device import Compute
from enigma.recording.loop import Listeners, Progress, record
from enigma.spec.errors import InputError, NonFiniteLossError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection, run_folder
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.store.scalars import EVENTS
from tests.conftest import TINY as STORED
from tests.stored import TINY_ID

# As the stored run, but with the fewest images that still make more than one batch.
TINY = STORED.override(probes=14, references=10, batch_size=8)


def fingerprint(run: Run) -> dict[str, str]:
    """Everything a run leaves but the time it was made."""
    names = [*(run_folder.frame_name(step) for step in run.frame_steps), "scalars.csv", "reference.safetensors"]
    return {name: hashlib.sha256((run.path / name).read_bytes()).hexdigest() for name in names}


def pause_at(step: int) -> Listeners:
    listeners = Listeners()
    listeners.started = lambda run: setattr(listeners, "run", run)

    def stepped(progress: Progress) -> None:
        if progress.step == step:
            listeners.run.ask("pause")  # type: ignore[attr-defined]

    listeners.stepped = stepped
    return listeners


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Run:
    """The tiny run as this machine records it: the bits of the stored one are those of another."""
    return record(TINY, tmp_path_factory.mktemp("tiny"), cache)


@pytest.mark.parametrize(
    "changes", [{}, {"method": "rdumb", "settings": {"reset_every": 3, "d_margin": 0.9}, "optimizer": "sgd"}]
)
def test_same_spec_gives_the_same_bits_however_it_is_interrupted(tmp_path: Path, cache: Path, changes: dict) -> None:
    spec = TINY.override(**changes)
    whole = record(spec, tmp_path / "a", cache)
    for step in (1, 2, 5):
        broken = record(spec, tmp_path / "b", cache, pause_at(step))
        assert broken.state == "paused"
        assert broken.status["step"] == step
    resumed = record(spec, tmp_path / "b", cache)
    assert resumed.state == "finished"
    assert resumed.id == whole.id
    assert fingerprint(resumed) == fingerprint(whole)


def test_number_of_threads_that_another_library_left_changes_nothing(home: Home, tiny_run: Run) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    again = record(TINY, home.runs, home.cache)
    assert fingerprint(again) == fingerprint(tiny_run)


def test_run_goes_on_with_the_threads_that_it_began_with(
    home: Home, tiny_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(TINY, home.runs, home.cache, pause_at(5))
    monkeypatch.setenv("OMP_NUM_THREADS", str(torch.get_num_threads() + 1))
    # No test asks for warnings: any of them fails it.
    assert fingerprint(record(TINY, home.runs, home.cache)) == fingerprint(tiny_run)


def test_run_of_more_threads_than_there_are_cores_says_that_its_bits_will_differ(home: Home) -> None:
    paused = record(TINY, home.runs, home.cache, pause_at(5))
    facts = paused.facts
    facts["hardware"]["threads"] = 10_000
    paused.unseal()
    paused.write("run.json", json.dumps(facts).encode())
    told: list[str] = []
    assert record(TINY, home.runs, home.cache, Listeners(repaired=told.append)).state == "finished"
    (said,) = told
    assert "began with 10000 threads" in said
    assert "its last bits will differ" in said


@pytest.mark.slow
def test_killed_process_resumes_to_the_same_bits(home: Home, tiny_run: Run) -> None:
    # The command as a shell runs it, but with a checkpoint after every step.
    script = "from enigma.recording import loop; loop.CHECKPOINT_SECONDS = 0; from enigma.cli.main import main; main()"
    command = [sys.executable, "-c", script, "run", "--no-projection", "--steps", "100000"]
    command += ["--frames", "0,1,3,8,100000"]
    command += ["--probes", "14", "--references", "10", "--batch-size", "8", "--device", "cpu"]
    command += ["--corruption", "gaussian_noise", "--severity", "3"]
    process = subprocess.Popen(command, env={**os.environ, "ENIGMA_HOME": str(home.path)}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not any(
        run.has("checkpoint.safetensors") and run.has(run_folder.frame_name(8))
        for run in home.listed()
        if run.path.parent == home.runs
    ):
        assert time.monotonic() < deadline, "no checkpoint was written"
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (run,) = collection.listed(home.runs)
    assert run.state == "interrupted"
    # The frames it wrote are those of the shorter run with the same settings, bit for bit.
    for step in (0, 1, 3, 8):
        assert (run.path / run_folder.frame_name(step)).read_bytes() == (
            tiny_run.path / run_folder.frame_name(step)
        ).read_bytes()
    stood = int(run.read_facts("checkpoint.safetensors")["step"])
    again = record(run.spec, home.runs, home.cache, pause_at(stood + 3))
    assert again.status["step"] == stood + 3
    steps = again.scalars()["step"]
    np.testing.assert_array_equal(steps, np.arange(1, stood + 4))


COUNTED = """
import torch
from enigma.adapt.adapter import FixedAdapter

built, drawn = [], []


class Drawing(FixedAdapter):
    def step(self, batch):
        drawn.append(torch.rand(()).item())
        return super().step(batch)


def build(model, *, optimizer, lr):
    built.append(torch.rand(()).item())
    return Drawing(model)
"""


def test_adapter_is_built_once_and_its_steps_go_on_with_the_seed_that_built_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counted.py").write_text(COUNTED)
    monkeypatch.syspath_prepend(tmp_path)
    counted = importlib.import_module("counted")
    spec = TINY.override(method="counted:build", seed=5)
    record(spec, tmp_path, cache, pause_at(3))
    expected = torch.rand(1 + spec.steps, generator=torch.Generator().manual_seed(5)).tolist()
    assert counted.built == expected[:1]
    assert counted.drawn == expected[1:4]
    # Going on builds it once more, in the state of chance in which the run was paused.
    record(spec, tmp_path, cache)
    assert counted.built == expected[:1] * 2
    assert counted.drawn == expected[1:]
    # What is finished needs no adapter.
    record(spec, tmp_path, cache)
    assert len(counted.built) == 2


def test_continued_run_equals_one_that_was_that_long_from_the_start(home: Home) -> None:
    short = record(TINY, home.runs, home.cache)
    longer = TINY.extended(4, step=8)
    continued = record(longer, home.runs, home.cache, extends=short)
    whole = record(longer, home.path / "other", home.cache)
    assert continued.id == whole.id
    assert fingerprint(continued) == fingerprint(whole)
    assert not short.path.exists()
    assert collection.find(short.id, home.runs).id == continued.id


def test_stopped_run_has_a_last_frame_and_can_go_on(home: Home) -> None:
    listeners = pause_at(5)
    listeners.started = lambda run: setattr(listeners, "run", run)
    listeners.stepped = lambda p: listeners.run.ask("stop") if p.step == 5 else None  # type: ignore[attr-defined]
    run = record(TINY, home.runs, home.cache, listeners)
    assert run.state == "stopped"
    assert run.frame_steps == (0, 1, 3, 5)
    finished = record(TINY, home.runs, home.cache)
    assert finished.frame_steps == (0, 1, 3, 8)


def test_what_is_asked_while_a_run_begins_is_heard_and_what_an_earlier_one_left_is_not(home: Home) -> None:
    run = record(TINY.override(seed=7), home.runs, home.cache, Listeners(started=lambda run: run.ask("pause")))
    assert (run.state, run.status["step"]) == ("paused", 0)
    run.ask("pause")
    assert record(run.spec, home.runs, home.cache).state == "finished"


def test_frame_is_the_model_before_the_step_and_is_independent_of_other_frames(home: Home, tiny_run: Run) -> None:
    sources = load_sources(TINY.sources, home.cache)
    model = classifier.load("resnet-bn")
    batch = Compute.of(TINY.device, TINY.precision).pixels(sources.probe.images[:7])
    norm = model.module.train()
    with torch.no_grad():
        logits = norm(batch)
    # 14 probes in batches of at most 8 are two of 7; frame 0 uses the statistics of its batch.
    stored = tiny_run.frame(0)
    np.testing.assert_allclose(logits.max(1).values.numpy(), stored["top_logits"][:7, 0], atol=1e-4)
    fewer = record(TINY.override(frames=(0, 8)), home.runs, home.cache)
    assert (fewer.path / run_folder.frame_name(8)).read_bytes() == (
        tiny_run.path / run_folder.frame_name(8)
    ).read_bytes()


def test_stream_accuracy_and_entropy_are_those_of_the_logits_before_the_update(home: Home, tiny_run: Run) -> None:
    from enigma import adapt
    from enigma.functionals.entropy import softmax_entropy

    sources = load_sources(TINY.sources, home.cache)
    adapter = adapt.build(classifier.load("resnet-bn").module.to(memory_format=torch.channels_last), "tent", lr=TINY.lr)
    scalars = tiny_run.scalars()
    for step in range(3):
        positions = sources.order.batch(step)
        logits = adapter.step(Compute.of(TINY.device, TINY.precision).pixels(sources.test.images[positions]))
        correct = (logits.argmax(1).numpy() == sources.test.labels[positions]).mean()
        assert scalars["accuracy"][step] == pytest.approx(correct)
        assert scalars["entropy"][step] == pytest.approx(softmax_entropy(logits).mean().item(), rel=1e-5)


def test_source_method_never_changes_and_equals_the_source_accuracy(home: Home) -> None:
    run = record(TINY.override(method="source"), home.runs, home.cache)
    numbers = summary(run)
    assert numbers["frame0_accuracy"] == numbers["final_accuracy"] == numbers["source_accuracy"]
    assert run.scalars()["parameter_drift"].max() == 0


def test_loss_that_is_not_finite_stops_the_run_and_keeps_what_it_has(home: Home) -> None:
    with pytest.raises(NonFiniteLossError, match=r"at step \d+.*learning rate"):
        record(TINY.override(lr=1e30, optimizer="sgd", steps=50, frames=(0, 1, 2, 50)), home.runs, home.cache)
    (run,) = collection.listed(home.runs)
    assert run.state == "failed"
    assert run.frame_steps[0] == 0
    assert len(run.scalars()["step"]) >= 1
    run.verify()
    assert "at step" in run.status["message"]


def test_batch_of_one_with_batch_statistics_is_refused_but_fine_without(home: Home) -> None:
    with pytest.raises(InputError, match="batch_size"):
        record(TINY.override(batch_size=1), home.runs, home.cache)
    alone = TINY.override(batch_size=1, model="resnet-gn", steps=2, frames=(0, 2), probes=10, references=10)
    assert record(alone, home.runs, home.cache).state == "finished"


def test_double_precision_and_mixed_precision_run(home: Home) -> None:
    accuracies = [
        summary(record(TINY.override(precision=p, steps=2, frames=(0, 2)), home.runs, home.cache))["final_accuracy"]
        for p in ("float64", "bfloat16")
    ]
    assert abs(accuracies[0] - accuracies[1]) < 0.2


def test_folder_of_images_is_a_dataset(home: Home, tmp_path: Path) -> None:
    from PIL import Image

    from enigma.images import fashion_mnist, image_set

    data = image_set.bundled("test")
    for position in range(40):
        folder = tmp_path / "photos" / fashion_mnist.CLASSES[data.labels[position]]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.images[position]).save(folder / f"{position:03d}.png")
    spec = TINY.override(dataset=str(tmp_path / "photos"), corruption="none", probes=40, batch_size=20)
    numbers = summary(record(spec, home.runs, home.cache))
    assert numbers["source_accuracy"] > 0.8


@pytest.mark.parametrize("projection", ["pca", pytest.param("umap", marks=pytest.mark.slow)])
def test_job_leaves_metrics_and_projection(home: Home, projection: str) -> None:
    run = record_and_project(STORED, home, projections=(projection,))
    assert run.id == TINY_ID
    run.verify()
    assert run.has(f"derived/projections/{projection}.safetensors")
    assert len(list((run.path / "derived/metrics").glob("*.json"))) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "eata", "settings": {"e_margin": 2.0, "fisher_size": 40}},
        {"method": "cotta", "settings": {"augmentations": 2}},
        {"method": "t3a", "settings": {"supports": 5}},
    ],
)
def test_methods_with_source_images_random_views_or_supports_resume_to_the_same_bits(
    tmp_path: Path, cache: Path, changes: dict
) -> None:
    spec = TINY.override(steps=4, frames=(0, 2, 4), **changes)
    whole = record(spec, tmp_path / "a", cache)
    for step in (1, 3):
        record(spec, tmp_path / "b", cache, pause_at(step))
    assert fingerprint(record(spec, tmp_path / "b", cache)) == fingerprint(whole)


def test_what_a_method_cannot_do_is_said_before_there_is_a_run(home: Home) -> None:
    with pytest.raises(InputError, match="Vision Transformer"):
        record(TINY.override(method="rem"), home.runs, home.cache)
    assert not list(home.runs.glob("*"))


def test_frames_of_lame_and_memo_show_their_own_predictions(home: Home) -> None:
    for changes in ({"method": "lame", "order": "sorted"}, {"method": "memo", "settings": {"augmentations": 2}}):
        spec = TINY.override(**changes, steps=1, frames=(0, 1), probes=10, references=10, batch_size=5)
        run, source = (record(s, home.runs, home.cache) for s in (spec, spec.override(method="source", settings={})))
        assert not np.array_equal(run.frame(0)["entropies"], source.frame(0)["entropies"])
        assert np.array_equal(run.frame(0)["entropies"], run.frame(1)["entropies"])


def test_single_images_are_enough_for_methods_without_batch_statistics(home: Home) -> None:
    spec = TINY.override(method="norm_prior", batch_size=1, steps=1, frames=(0, 1), probes=10, references=10)
    assert record(spec, home.runs, home.cache).state == "finished"


def test_stop_and_reset_are_recorded_when_they_happen(cache: Path, tmp_path: Path) -> None:
    small = {"steps": 12, "frames": (0, 12), "probes": 10, "references": 10, "batch_size": 8}
    stopped = record(RunSpec().override(**small, stop=5), tmp_path / "runs", cache)
    events = stopped.scalars()["event"]
    assert [EVENTS[int(code)] for code in events] == [""] * 4 + ["stop"] + [""] * 7
    assert np.ptp(stopped.scalars()["parameter_drift"][4:]) == 0
    again = record(RunSpec().override(**small, reset=5), tmp_path / "runs", cache)
    assert np.flatnonzero(again.scalars()["event"] == EVENTS.index("reset")).tolist() == [4, 9]
    assert again.scalars()["parameter_drift"][5] < again.scalars()["parameter_drift"][3]
