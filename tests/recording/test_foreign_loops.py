"""Loops that are not ours, written as their authors write them and watched from outside.

Each is a real loop of its framework on a tiny problem. Its watch is a run whose last frame holds what the trained model
says of the probe when it is asked directly.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import enigma
from enigma.store.home import Home
from enigma.store.run_folder import Run

FEATURES, CLASSES, IMAGES = 6, 3, 120


def points(count: int, seed: int, shift: float = 0.0) -> tuple[Tensor, Tensor]:
    """Points around three centres, moved by `shift` as a test set may be."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % CLASSES
    return torch.randn(count, FEATURES, generator=generator) + 2 * torch.eye(CLASSES, FEATURES)[labels] + shift, labels


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(FEATURES, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, CLASSES))


def agrees(run: Run, model: nn.Module, probe: Tensor) -> None:
    """Whether the last frame is the model as it is now, on the probe."""
    frame = run.frame(run.frame_steps[-1])
    with torch.no_grad():
        logits = model(probe)
    assert frame["top_classes"][:, 0].tolist() == logits.argmax(1).tolist()
    assert frame["logsumexp"] == pytest.approx(torch.logsumexp(logits, 1).numpy(), rel=1e-4, abs=1e-4)


def test_the_reference_tent_loop_in_ten_lines(tmp_path: Path) -> None:
    # As in github.com/DequanWang/tent: batch statistics, Adam on the affine parameters, entropy of the logits.
    model, (probe, labels) = network(), points(IMAGES, 1, shift=0.5)
    for layer in (part for part in model if isinstance(part, nn.BatchNorm1d)):
        layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None
    model.requires_grad_(False)[1].requires_grad_(True)
    optimizer = torch.optim.Adam(model[1].parameters(), lr=1e-2)
    with enigma.watch("Tent in ten lines", probe_labels=labels, home=tmp_path) as watch:
        for step in range(25):
            logits = model(points(60, 100 + step, shift=0.5)[0])
            watch.log_model(step, model, probe, batch_size=IMAGES, stream_logits=logits)
            loss = -(logits.softmax(1) * logits.log_softmax(1)).sum(1).mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            watch.log(step, loss=loss)
        watch.log(25, logits=model(probe), embeddings=model[:3](probe))
    run = Home(tmp_path).find(watch.run_id)
    agrees(run, model, probe)
    opened = enigma.open_run(run.id, home=tmp_path)
    entropy = opened.metrics["entropy"]
    # What the loop minimises falls, and what it said of its loss is its entropy.
    assert entropy.iloc[-1] < entropy.iloc[0]
    scalars = run.scalars()
    assert scalars["loss"][:25] == pytest.approx(scalars["entropy"][:25], abs=1e-5)


def test_a_plain_training_loop_from_scratch(tmp_path: Path) -> None:
    model, (images, labels), (probe, right) = network(), points(IMAGES, 0), points(IMAGES, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    with enigma.watch("training", probe_labels=right, home=tmp_path) as watch:
        for step in range(41):
            watch.log_model(step, model, probe, layer="3")
            model.train()
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.log(step, loss=loss)
        watch.log_model(50, model, probe, layer="3")
    run = Home(tmp_path).find(watch.run_id)
    agrees(run, model.eval(), probe)
    accuracy = enigma.open_run(run.id, home=tmp_path).metrics["accuracy"]
    assert accuracy.iloc[-1] > accuracy.iloc[0] + 0.3
    assert np.diff(run.scalars()["loss"])[:3].max() < 0


def test_self_supervised_learning_without_a_logit(tmp_path: Path) -> None:
    # An autoencoder: embeddings and a loss are all there is.
    torch.manual_seed(0)
    encoder, decoder, (images, labels) = nn.Linear(FEATURES, 2), nn.Linear(2, FEATURES), points(IMAGES, 0)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.05)
    with enigma.watch("autoencoder", probe_labels=labels, home=tmp_path) as watch:
        for step in range(30):
            code = encoder(images)
            loss = functional.mse_loss(decoder(code), images)
            watch.log(step, embeddings=code, loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    metrics = enigma.open_run(watch.run_id, home=tmp_path).metrics
    assert metrics["silhouette"].notna().all()
    assert metrics["accuracy"].isna().all()


def test_scikit_learn_by_partial_fit(tmp_path: Path) -> None:
    from sklearn.linear_model import SGDClassifier

    (images, labels), (probe, right) = (tuple(map(np.asarray, points(IMAGES, seed))) for seed in (0, 1))
    model = SGDClassifier(loss="log_loss", random_state=0)
    with enigma.watch("partial_fit", probe_labels=right, home=tmp_path) as watch:
        for step in range(1, 13):
            model.partial_fit(images[step * 10 - 10 : step * 10], labels[step * 10 - 10 : step * 10], classes=range(3))
            watch.log(step, embeddings=probe, logits=model.decision_function(probe))
    run = Home(tmp_path).find(watch.run_id)
    assert run.frame(12)["top_classes"][:, 0].tolist() == model.predict(probe).tolist()
    accuracy = enigma.open_run(run.id, home=tmp_path).metrics["accuracy"]
    assert accuracy.loc[12] == pytest.approx(model.score(probe, right))


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Trainers write what they may into a folder of their own, and look for no accelerator."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_lightning_through_a_callback(tmp_path: Path, quiet: None) -> None:
    import pytorch_lightning as lightning

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = network()

        def forward(self, images: Tensor) -> Tensor:
            return self.network(images)

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            return functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.2)

    probe, right = points(IMAGES, 1)
    seen = enigma.watch("lightning", probe_labels=right, home=tmp_path)

    class Watcher(lightning.Callback):
        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
            seen.log_model(trainer.global_step, module, probe, loss=outputs["loss"])

        def on_train_end(self, trainer: Any, module: Any) -> None:
            seen.finish()

    model = Classifier()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*points(IMAGES, 0)), batch_size=20)
    trainer = lightning.Trainer(
        max_epochs=4, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False, callbacks=[Watcher()],
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(model, loader)
    run = Home(tmp_path).find(seen.run_id)
    assert run.state == "finished"
    assert run.scalars()["step"].tolist() == list(range(1, 25))
    assert run.frame_steps == (1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24)
    agrees(run, model.eval(), probe)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_trainer_of_hugging_face_through_a_callback(tmp_path: Path, quiet: None) -> None:
    import transformers

    torch.manual_seed(0)
    settings = transformers.GPT2Config(
        vocab_size=11, n_positions=8, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
    )
    # As a person has it: a causal model in a folder, read from there.
    transformers.GPT2LMHeadModel(settings).save_pretrained(tmp_path / "model")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", local_files_only=True)
    tokens = torch.arange(60)[:, None].add(torch.arange(7)) % 11
    probe, following = tokens[:, :6], tokens[:, 6]
    seen = enigma.watch("hugging face", probe_labels=following, home=tmp_path)

    class Watcher(transformers.TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            seen.log_model(state.global_step, model, {"input_ids": probe}, layer="lm_head")

        def on_train_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            seen.log_model(state.global_step + 10, model, {"input_ids": probe}, layer="lm_head")
            seen.finish()

    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(
            output_dir=str(tmp_path / "out"), max_steps=30, per_device_train_batch_size=20, learning_rate=0.02,
            use_cpu=True, report_to=[], save_strategy="no", disable_tqdm=True, logging_strategy="no",
        ),
        train_dataset=[{"input_ids": row, "labels": row} for row in tokens],
        callbacks=[Watcher()],
    )  # fmt: skip
    trainer.train()
    run = Home(tmp_path).find(seen.run_id)
    assert run.frame_steps == (0, 1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24, 40)
    accuracy = enigma.open_run(run.id, home=tmp_path).metrics["accuracy"]
    assert accuracy.iloc[-1] > accuracy.iloc[0] + 0.3
    with torch.no_grad():
        logits = model.eval()(input_ids=probe).logits[:, -1]
    assert run.frame(40)["top_classes"][:, 0].tolist() == logits.argmax(1).tolist()
