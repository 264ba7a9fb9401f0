"""`enigma train`: every head learns, interrupted training goes on to the same bits, classes can be left out."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from enigma.cli.main import cli
from enigma.images import image_set
from enigma.jobs import training
from enigma.jobs.training import train
from enigma.jobs.training_task import Task
from enigma.spec.errors import InputError


def original_files(root: Path, learned: int, tested: int) -> Path:
    """The original files in small, from the bundled images."""
    for split, stem, count in (("train", "train", learned), ("test", "t10k", tested)):
        data = image_set.bundled(split)
        chosen = np.random.default_rng(0).permutation(len(data))[:count]
        pixels = data.images[chosen][:, 2:30, 2:30, 0]
        (root / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0" * 16 + pixels.tobytes()))
        labels = data.labels[chosen].astype(np.uint8)
        (root / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0" * 8 + labels.tobytes()))
    return root


@pytest.fixture(scope="module")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough for a few updates."""
    return original_files(tmp_path_factory.mktemp("fashion"), 560, 100)


@pytest.fixture
def few_kept_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The temperature is fitted on 100 images instead of 2,000."""
    monkeypatch.setattr(training, "CALIBRATION_IMAGES", 100)


@pytest.mark.usefixtures("few_kept_aside")
def test_interrupted_training_goes_on_to_the_same_bits(data_root: Path, tmp_path: Path) -> None:
    task = Task("resnet-bn", "isomaxplus")

    def interrupt(line: str) -> None:
        if line.startswith("epoch 1/"):
            raise KeyboardInterrupt

    whole = train(task, data_root, tmp_path / "whole", epochs=2, report=lambda line: None)
    with pytest.raises(KeyboardInterrupt):
        train(task, data_root, tmp_path / "parts", epochs=2, report=interrupt)
    told: list[str] = []
    train(task, data_root, tmp_path / "parts", epochs=2, report=told.append)
    assert [line.split()[1] for line in told] == ["2/2"]
    one, other = (load_file(tmp_path / folder / "resnet-bn-isomaxplus.safetensors") for folder in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    # Left of the parts are weights and card; what was kept for going on is gone.
    assert sorted(path.suffix for path in (tmp_path / "parts").iterdir()) == [".json", ".safetensors"]
    assert one["classifier.temperature"].item() == pytest.approx(whole["temperature"])


@pytest.mark.slow
@pytest.mark.parametrize("task", [Task("resnet-bn", "isomax"), Task("resnet-bn", "dismax", fractional=True)])
def test_network_learns(task: Task, tmp_path: Path) -> None:
    card = train(task, original_files(tmp_path, 3400, 500), tmp_path, epochs=6, report=lambda line: None)
    assert card["clean_accuracy"] > 0.3
    # Trained at E_s = 10, so nearly calibrated at a tenth.
    assert 0.02 < card["temperature"] < 0.5


@pytest.mark.usefixtures("few_kept_aside")
def test_left_out_classes_are_neither_learned_nor_counted(data_root: Path, tmp_path: Path) -> None:
    card = train(Task("resnet-bn", "softmax", ("Sneaker", "Bag")), data_root, tmp_path, epochs=1, report=str)
    assert card["name"] == "resnet-bn-softmax-8-classes"
    assert len(card["classes"]) == len(load_file(tmp_path / f"{card['name']}.safetensors")["classifier.bias"]) == 8
    assert "--head softmax --leave-out Sneaker,Bag" in card["command"]


def test_what_cannot_be_trained_is_said() -> None:
    with pytest.raises(InputError, match="Expected classes to leave out among T-shirt"):
        Task("resnet-bn", "isomax", ("Hat",))
    with pytest.raises(InputError, match="with the head dismax only"):
        Task("resnet-bn", "isomax", fractional=True)


@pytest.mark.usefixtures("few_kept_aside")
def test_command_line_trains_a_head(data_root: Path, tmp_path: Path) -> None:
    options = ["--head", "isomax", "--data-root", str(data_root), "--out", str(tmp_path), "--epochs", "1", "--json"]
    result = CliRunner().invoke(cli, ["train", "resnet-bn", *options])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["head"] == "isomax"
