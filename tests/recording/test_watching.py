"""A loop that is not ours, watched from outside: what it logs is a run, and what it does not log is said."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import enigma
from enigma.adapt.monitor import Monitor
from enigma.api.opened import OpenedRun
from enigma.functionals import stopping
from enigma.recording.evaluation import _largest
from enigma.recording.watched.frame import outputs
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store import archive
from enigma.store.home import Home
from tests.watched import ALL, CLASSES, FEATURES, LABELS, PICTURES, PROBES, embedded, watched


def logged(home: Path, given: dict[str, Any], *kinds: str) -> OpenedRun:
    return enigma.open_run(watched(home, given, *kinds).id, home=home)


def test_a_watched_loop_is_a_run_like_any_other(tmp_path: Path) -> None:
    run = logged(tmp_path, ALL, "embeddings", "logits", "loss")
    assert (run.title, run.state, run.steps.tolist()) == ("mine", "finished", [0, 1, 2, 3, 4, 5])
    expected = [
        (embedded(LABELS, 2 - step / 3, seed=step)[:, :CLASSES].argmax(1) == LABELS).mean() for step in range(6)
    ]
    assert run.metrics["accuracy"].tolist() == pytest.approx(expected)
    assert run.metrics[["entropy", "silhouette", "shift_distance"]].notna().all(axis=None)
    assert "Until step 3" in " ".join(sentence.text for sentence in run.explain()) or run.explain()
    assert run.trajectory("pca").distances.shape == (6, PROBES)
    # Whole on the way out and in, as a run of our own.
    again = archive.import_zip(archive.export_zip(Home(tmp_path).find(run.id)), Home(tmp_path / "other").runs)
    assert again.id == run.id
    assert enigma.runs("mine", home=tmp_path).loc[run.id, "method"] == "mine"


@pytest.mark.parametrize(
    ("given", "kinds", "unknown", "told"),
    [
        ({}, ("embeddings", "logits"), ["accuracy", "shift_distance"], ["no labels of the probe", "no reference"]),
        ({}, ("embeddings",), ["accuracy", "silhouette"], ["no images", "neither labels nor logits"]),
        (ALL, ("embeddings",), ["accuracy", "entropy", "label_flips", "prediction_entropy"], ["no logits were logged"]),
        ({**ALL, "reference": None}, ("logits",), ["shift_distance"], ["the logits stand in"]),
    ],
)  # fmt: skip
def test_what_was_not_given_is_missing_with_a_sentence(
    tmp_path: Path, given: dict[str, Any], kinds: tuple[str, ...], unknown: list[str], told: list[str]
) -> None:
    run = logged(tmp_path, given, *kinds)
    assert run.metrics[unknown].isna().all(axis=None)
    assert all(sentence in " ".join(run.facts["missing"].values()) for sentence in told)
    words = " ".join([run.story, *(sentence.text for sentence in run.explain())])
    assert not [wrong for wrong in ("nan", "None", "-1") if wrong in words]
    known = ["entropy"] * ("logits" in kinds) + ["silhouette"] * ("silhouette" not in unknown)
    assert run.metrics[known].notna().all(axis=None)


def test_tensors_of_any_kind_are_the_same_as_arrays(tmp_path: Path) -> None:
    points = torch.tensor(embedded(LABELS), dtype=torch.float32, requires_grad=True)
    runs = []
    for values in (points, points.detach().numpy(), points.detach().numpy().tolist(), points.to(torch.bfloat16)):
        with enigma.watch("mine", probe_labels=torch.tensor(LABELS), home=tmp_path) as watch:
            watch.log(0, embeddings=values, loss=torch.tensor(0.5))
        runs.append(enigma.open_run(watch.run_id, home=tmp_path).frames[0].embeddings)
    assert np.array_equal(runs[0], runs[1])
    assert np.array_equal(runs[0], runs[2])
    assert np.abs(runs[0] - runs[3]).max() < 0.05


def test_outputs_are_those_of_our_own_recording() -> None:
    logits = 4 * torch.randn(50, 23, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found, expected = outputs(logits.numpy()), {name: value.numpy() for name, value in _largest(logits).items()}
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        assert found[name] == pytest.approx(value, rel=1e-6)
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    assert found["entropies"] == pytest.approx(entropy.numpy(), rel=1e-6)
    assert found["mean_prediction"] == pytest.approx(logits.softmax(1).mean(0).numpy(), rel=1e-6)


def test_the_stream_tells_what_our_own_monitor_would(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = torch.nn.Linear(FEATURES, CLASSES).double()
    source, expected = torch.nn.Linear(FEATURES, CLASSES).double(), []
    source.load_state_dict(network.state_dict())
    monitor = Monitor(network)
    with enigma.watch("mine", home=tmp_path) as watch, torch.no_grad():
        for step in range(1, 6):
            batch = torch.randn(20, FEATURES, dtype=torch.float64)
            logits = network(batch)
            expected.append(monitor(batch, logits))
            watch.log(
                step, embeddings=embedded(LABELS), stream_logits=logits, stream_source_logits=source(batch), loss=step
            )
            network.weight += 0.2
    scalars = Home(tmp_path).find(watch.run_id).scalars()
    assert scalars["step"].tolist() == [1, 2, 3, 4, 5]
    assert scalars["loss"].tolist() == [1, 2, 3, 4, 5]
    for name in ("confidence", "diversity", "initial_diversity", "largest_class", "histogram_shift", "flip_rate"):
        assert scalars[name] == pytest.approx([getattr(signals, name) for signals in expected], rel=1e-5, abs=1e-9)


def test_probe_and_stream_can_be_logged_apart(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    batches = rng.normal(size=(4, 20, CLASSES))
    rows = []
    for together in (True, False):
        with enigma.watch("mine", home=tmp_path) as watch:
            for step, batch in enumerate(batches):
                probe = {"embeddings": embedded(LABELS), "logits": embedded(LABELS)[:, :CLASSES]}
                stream = {"stream_logits": batch, "stream_source_logits": batches[0]}
                if together:
                    watch.log(step, **probe, **stream)
                else:
                    watch.log(step, **probe)
                    watch.log(step, **stream)
        run = Home(tmp_path).find(watch.run_id)
        assert run.spec.batch_size == 20
        rows.append(run.scalars())
    for name, values in rows[0].items():
        assert values == pytest.approx(rows[1][name], nan_ok=True), name
    # Without the model before its first step a stream does not tell when to stop, and the run says so.
    with enigma.watch("mine", home=tmp_path) as watch:
        watch.log(0, logits=embedded(LABELS)[:, :CLASSES])
        watch.log(0, stream_logits=batches[0])
    assert "source model on the stream" in enigma.open_run(watch.run_id, home=tmp_path).facts["missing"]["when_to_stop"]


def test_the_probe_tells_when_to_stop_where_no_stream_is_logged(tmp_path: Path) -> None:
    with enigma.watch("mine", home=tmp_path) as watch:
        for step in range(0, 300, 10):
            logits = np.eye(CLASSES)[LABELS] * 3
            logits[:, 0] += max(0, step - 100) / 20
            watch.log(step, logits=logits)
    run = Home(tmp_path).find(watch.run_id)
    told = stopping.watched(run.scalars(), CLASSES, run.spec.batch_size)
    assert told is not None
    # A step of the loop, not a number of logs; the predictions move from step 110 on.
    assert told.kept == 100
    assert told.stop_at > 110
    assert dict(enigma.open_run(run.id, home=tmp_path).trajectory("pca").marks)["stop"] == 100


GOOD = {"embeddings": embedded(LABELS), "logits": embedded(LABELS)[:, :CLASSES]}
BAD_LOGS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"step": 0}], "got none of them"),
    ([{"step": -1, "loss": 1.0}], "whole number from 0"),
    ([{"step": 0.5, "loss": 1.0}], "whole number from 0"),
    ([{"step": "a", "loss": 1.0}], "whole number|numbers as step"),
    ([{"step": 5, **GOOD}, {"step": 4, **GOOD}], "from 5 on, .* got 4"),
    ([{"step": 5, **GOOD}, {"step": 5, **GOOD}], "once a step"),
    ([{"step": 0, "embeddings": np.zeros(5)}], r"\(probes, features\), but got shape \(5,\)"),
    ([{"step": 0, "embeddings": np.full((PROBES, 4), np.nan)}], "finite"),
    ([{"step": 0, "embeddings": [["a"] * 3] * PROBES}], "numbers as embeddings"),
    ([{"step": 0, "embeddings": [[1.0], [1.0, 2.0]]}], "as a tensor or an array"),
    ([{"step": 0, "embeddings": GOOD["embeddings"][:20]}], "probe_labels as images of the probe, 20, but got 60"),
    ([{"step": 0, **GOOD, "logits": GOOD["logits"][:20]}], "as many logits as embeddings, 60, but got 20"),
    ([{"step": 0, "logits": GOOD["logits"][:, :2]}], "labels below 2"),
    ([{"step": 0, **GOOD}, {"step": 1, "embeddings": GOOD["embeddings"]}], "embeddings and logits in every frame"),
    ([{"step": 0, **GOOD}, {"step": 1, **GOOD, "embeddings": GOOD["embeddings"][:, :4]}], "60 images of 8 numbers"),
    ([{"step": 0, "loss": [1.0, 2.0]}], "one number as loss"),
    ([{"step": 0, "stream_labels": LABELS}], "`stream_logits` with what else"),
    ([{"step": 0, "stream_logits": GOOD["logits"], "stream_labels": LABELS[:3]}], "60 stream_labels"),
]  # fmt: skip


@pytest.mark.parametrize(("logs", "told"), BAD_LOGS)
def test_a_log_that_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, logs: list[dict[str, Any]], told: str
) -> None:
    watch = enigma.watch("mine", probe_labels=LABELS, home=tmp_path)
    for good in logs[:-1]:
        watch.log(good.pop("step"), **good)
    with pytest.raises(InputError, match=told) as caught:
        watch.log(logs[-1].pop("step"), **logs[-1])
    assert str(caught.value).startswith("Expected")
    assert "\n" not in str(caught.value)


BAD_STARTS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "a name of at most 200 letters"),
    ({"name": "a\nb"}, "a name of at most 200 letters"),
    ({"probe_labels": [0.5] * PROBES}, "whole numbers from 0 as probe_labels"),
    ({"probe_labels": [-2] * PROBES}, "whole numbers from 0 as probe_labels"),
    ({"probe_labels": [0, 1]}, "at least 10 images"),
    ({"reference": np.zeros((5, 2))}, "as a pair"),
    ({"reference": (np.zeros((50, 2)), np.zeros(49, int))}, "as many labels of `reference`"),
    ({"images": np.zeros((PROBES, 4, 4, 7))}, "3 channels"),
    ({"images": np.full((PROBES, 4, 4), -1.0)}, "undo the normalisation"),
    ({"images": PICTURES[:20], "probe_labels": LABELS}, "as many images as images of the probe|as many .* images"),
    ({"reference_images": PICTURES}, "as many reference_images as reference"),
    ({"classes": "abc"}, "a list of names"),
    ({"settings": {"lr": object()}, "probe_labels": LABELS}, "settings"),
]


@pytest.mark.parametrize(("given", "told"), BAD_STARTS)
def test_a_watch_that_makes_no_sense_is_refused_in_a_sentence(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    def begin() -> None:
        enigma.watch(**{"name": "mine", "home": tmp_path, **given}).log(0, **GOOD)

    with pytest.raises(InputError, match=told):
        begin()


@pytest.mark.parametrize("layout", ["grey", "first", "float"])
def test_pictures_of_every_layout_are_the_same(tmp_path: Path, layout: str) -> None:
    grey = PICTURES[..., :1]
    given = {"grey": grey[..., 0], "first": torch.tensor(grey).permute(0, 3, 1, 2), "float": grey / 255}[layout]
    with enigma.watch("mine", images=given, home=tmp_path) as watch:
        watch.log(0, **GOOD)
    with enigma.watch("mine", images=np.repeat(grey, 3, -1), home=tmp_path) as same:
        same.log(0, **GOOD)
    one, other = (Home(tmp_path).find(w.run_id).path / "thumbnails.webp" for w in (watch, same))
    assert one.read_bytes() == other.read_bytes()


def test_a_loop_that_raises_leaves_a_failed_run_that_says_why(tmp_path: Path) -> None:
    def loop() -> None:
        with enigma.watch("mine", home=tmp_path) as watch:
            watch.log(0, **GOOD)
            raise ZeroDivisionError("by nothing")

    with pytest.raises(ZeroDivisionError):
        loop()
    run = Home(tmp_path).listed()[0]
    assert run.status["state"] == "failed"
    assert "ZeroDivisionError: by nothing" in run.status["message"]
    run.verify()


def test_nothing_but_losses_is_no_run(tmp_path: Path) -> None:
    watch = enigma.watch("mine", home=tmp_path)
    watch.log(0, loss=1.0)
    with pytest.raises(InputError, match="no run was recorded"):
        watch.finish()
    assert not list((tmp_path).rglob("run.json"))


def test_losses_before_the_first_frame_are_kept(tmp_path: Path) -> None:
    with enigma.watch("mine", probe_labels=LABELS, home=tmp_path) as watch:
        for step in range(5):
            watch.log(step, loss=step)
        watch.log(5, embeddings=GOOD["embeddings"])
        watch.log(5, loss=5)
        watch.log(6, loss=float("nan"))
    run = Home(tmp_path).find(watch.run_id)
    assert run.scalars()["step"].tolist() == list(range(7))
    assert run.scalars()["loss"][:6].tolist() == list(range(6))
    assert (run.frame_steps, run.status["step"], run.spec.steps) == ((5,), 6, 6)
    assert enigma.open_run(run.id, home=tmp_path).metrics["silhouette"].notna().all()


def test_the_last_of_many_frames_is_kept_and_the_first_ones(tmp_path: Path) -> None:
    with enigma.watch("mine", home=tmp_path) as watch:
        for step in range(150):
            watch.log(step, **GOOD)
    steps = Home(tmp_path).find(watch.run_id).frame_steps
    assert steps[:64] == tuple(range(64))
    assert steps[-1] == 149
    assert len(steps) < 85


def test_a_watch_that_is_over_is_refused(tmp_path: Path) -> None:
    watch = enigma.watch("mine", home=tmp_path)
    watch.log(0, **GOOD)
    assert watch.finish() == watch.finish() == watch.run_id
    with pytest.raises(InputError, match="is over"):
        watch.log(1, **GOOD)


_KILLED = """
import sys, time, numpy as np, enigma
watch = enigma.watch("killed", probe_labels=np.arange(60) % 3, home=sys.argv[1])
for step in range(100_000):
    watch.log(step, embeddings=np.random.default_rng(step).normal(size=(60, 8)), loss=step)
    if step == 20:
        print(watch.run_id, flush=True)
    time.sleep(0.002)
"""


def test_a_killed_loop_leaves_a_readable_run(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    assert Home(tmp_path).find(run_id).state == "running"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    run = Home(tmp_path).find(run_id)
    assert run.state == "interrupted"
    assert len(run.frame_steps) >= 2
    opened = enigma.open_run(run_id, home=tmp_path)
    assert opened.metrics["silhouette"].notna().all()


def test_a_loop_that_ends_without_a_word_loses_nothing(tmp_path: Path) -> None:
    code = _KILLED.replace("range(100_000)", "range(30)").replace("time.sleep(0.002)", "pass")
    run_id = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.strip()
    run = Home(tmp_path).find(run_id)
    assert run.state == "interrupted"
    assert run.frame_steps == tuple(range(30))
    assert run.scalars()["loss"].tolist() == list(range(30))


def test_threads_can_log_to_one_watch(tmp_path: Path) -> None:
    watch = enigma.watch("mine", home=tmp_path)
    lock, steps = threading.Lock(), iter(range(80))

    def work() -> None:
        while True:
            with lock:
                if (step := next(steps, None)) is None:
                    return
                watch.log(step, embeddings=embedded(LABELS, seed=step), loss=step)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = Home(tmp_path).find(watch.finish())
    assert run.scalars()["loss"].tolist() == list(range(80))
    run.verify()
    assert np.allclose(run.frame(7)["embeddings"], embedded(LABELS, seed=7), atol=0.01)


def test_processes_record_runs_of_their_own(tmp_path: Path) -> None:
    code = _KILLED.replace("range(100_000)", "range(21)").replace("time.sleep(0.002)", "pass") + "\nwatch.finish()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ids = {process.communicate()[0].strip() for process in processes}
    assert len(ids) == 2
    assert {enigma.open_run(run_id, home=tmp_path).state for run_id in ids} == {"finished"}


def test_a_forked_process_is_told_to_watch_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = enigma.watch("mine", home=tmp_path)
    watch.log(0, **GOOD)
    parent = os.getpid()
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: parent + 1)
        with pytest.raises(InputError, match=f"from process {parent}, which began the watch"):
            watch.log(1, **GOOD)
    watch.finish()


def test_a_disk_that_fails_is_told_at_the_next_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = enigma.watch("mine", home=tmp_path)
    watch.log(0, **GOOD)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("enigma.store.durable.write", full)

    def loop() -> None:
        for step in range(1, 100):
            watch.log(step, **GOOD)

    with pytest.raises(InputError, match="No space left on device"):
        loop()


def test_a_watched_run_is_not_recorded_by_any_command(tmp_path: Path) -> None:
    run = logged(tmp_path, {"settings": {"lr": 0.1}}, "embeddings", "logits")
    with pytest.raises(InputError, match="watched in a loop of one's own"):
        enigma.resume(run.id, 5, home=tmp_path)
    with pytest.raises(InputError, match="watched in a loop of one's own"):
        enigma.run(run.spec, home=tmp_path)
    with pytest.raises(InputError, match="`enigma.watch` recorded"):
        RunSpec.parse({"model": "watched"})


def test_runs_of_loops_are_compared_by_name_and_settings(tmp_path: Path) -> None:
    ids = []
    for rate in (0.1, 0.2):
        with enigma.watch("mine", home=tmp_path, settings={"lr": rate}, probe_labels=LABELS) as watch:
            watch.log(0, **GOOD)
            watch.log(5, **GOOD)
        ids.append(watch.run_id)
    compared = enigma.compare(*ids, home=tmp_path)
    assert [unlike.field for unlike in compared.differences][:1] == ["lr"]


def test_log_model_leaves_no_trace_in_the_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, 16), torch.nn.BatchNorm1d(16), torch.nn.Dropout(), torch.nn.Linear(16, CLASSES)
    )
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes, random = [part.training for part in model.modules()], torch.get_rng_state()
    probe = torch.randn(PROBES, FEATURES, generator=torch.Generator().manual_seed(1))
    with enigma.watch("mine", home=tmp_path) as watch:
        due = [step for step in range(30) if watch.log_model(step, model, probe, batch_size=25, loss=step)]
    assert due == [0, 1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24]
    assert [part.training for part in model.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(part._forward_pre_hooks for part in model.modules())
    run = Home(tmp_path).find(watch.run_id)
    assert len(run.scalars()["loss"]) == 30
    with torch.no_grad():
        hidden = model.eval()[:3](probe)
        logits = model(probe)
    frame = run.frame(0)
    assert np.allclose(frame["embeddings"], hidden.numpy(), atol=2e-3)
    assert frame["top_classes"][:, 0].tolist() == logits.argmax(1).tolist()


class _Wrapped(torch.nn.Module):
    """A model of tokens whose output holds `logits`, as those of a well-known library do."""

    def __init__(self, form: str):
        super().__init__()
        self.embed, self.head, self.form = torch.nn.Embedding(11, 6), torch.nn.Linear(6, 11), form

    def forward(self, input_ids: torch.Tensor) -> Any:
        logits = self.head(self.embed(input_ids))
        return {"dict": {"logits": logits}, "tuple": (logits, None), "tensor": logits}[self.form]


@pytest.mark.parametrize("form", ["dict", "tuple", "tensor"])
def test_log_model_takes_the_last_token_of_a_causal_model(tmp_path: Path, form: str) -> None:
    model = _Wrapped(form)
    tokens = torch.randint(0, 11, (PROBES, 5), generator=torch.Generator().manual_seed(0))
    with enigma.watch("mine", home=tmp_path) as watch:
        watch.log_model(0, model, {"input_ids": tokens}, layer="head")
    frame = Home(tmp_path).find(watch.run_id).frame(0)
    hidden = model.embed(tokens[:, -1])
    assert np.allclose(frame["embeddings"], hidden.detach().numpy(), atol=2e-3)
    assert frame["top_classes"][:, 0].tolist() == model.head(hidden).argmax(1).tolist()


@pytest.mark.parametrize(
    ("model", "probe", "layer", "told"),
    [
        (object(), torch.zeros(20, 8), None, "a torch.nn.Module"),
        (torch.nn.Linear(8, 3), torch.zeros(20, 8), "nowhere", "name a layer"),
        (torch.nn.ReLU(), torch.zeros(20, 8), None, "with a linear layer"),
        (torch.nn.Linear(8, 3), torch.zeros(0, 8), None, "images of the probe"),
    ],
)
def test_a_model_that_cannot_be_looked_at_is_refused(
    tmp_path: Path, model: Any, probe: torch.Tensor, layer: str | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        enigma.watch("mine", home=tmp_path).log_model(0, model, probe, layer=layer)
