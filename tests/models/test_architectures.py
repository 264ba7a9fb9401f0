"""Heads and class counts of the bundled architectures, and models made with `enigma train --head`."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from enigma.functionals.isomax import HEADS, DistanceHead
from enigma.images.fashion_mnist import CLASSES
from enigma.images.sources import load_sources
from enigma.models.architectures import ARCHITECTURES, built
from enigma.models.classifier import embed, load
from enigma.models.from_spec import load_model
from enigma.models.head import find_head
from enigma.spec.errors import InputError
from enigma.spec.model_spec import ModelSpec
from enigma.spec.run_spec import RunSpec

EIGHT = [name for name in CLASSES if name not in ("Sneaker", "Bag")]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """An untrained IsoMax+ network of eight classes with its card."""
    torch.manual_seed(0)
    save_file(built("resnet-bn", "isomaxplus", 8).state_dict(), tmp_path / "eight.safetensors")
    card = {
        "name": "eight", "architecture": "resnet-bn", "head": "isomaxplus", "classes": EIGHT, "input_size": 32,
        "mean": [0.286] * 3, "std": [0.353] * 3, "clean_accuracy": 0.1,
    }  # fmt: skip
    (tmp_path / "eight.json").write_text(json.dumps(card))
    return tmp_path / "eight.safetensors"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("head", HEADS)
def test_head_is_found_and_its_input_is_the_embedding(architecture: str, head: str) -> None:
    network = built(architecture, head, 7).eval()
    found = find_head(network, 32)
    assert (found.name, found.outputs, found.is_exact) == ("classifier", 7, True)
    embeddings, logits = embed(network, torch.rand(3, 3, 32, 32))
    torch.testing.assert_close(network.get_submodule("classifier")(embeddings), logits)
    assert isinstance(network.get_submodule("classifier"), DistanceHead) == (head != "softmax")


def test_heads_share_the_trunk_that_the_seed_makes() -> None:
    trunks = []
    for head in HEADS:
        torch.manual_seed(3)
        state = built("resnet-bn", head).state_dict()
        trunks.append({name: value for name, value in state.items() if not name.startswith("classifier")})
    assert all(torch.equal(trunks[0][name], other[name]) for other in trunks[1:] for name in trunks[0])


def test_unknown_head_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="Expected a head among softmax, isomax, isomaxplus, dismax, but got 'cosine'"):
        built("resnet-bn", "cosine")


def test_own_weights_bring_their_head_and_number_of_classes(weights: Path) -> None:
    model = load_model(ModelSpec(model="resnet-bn", weights=str(weights)))
    assert type(model.module.network.get_submodule("classifier")).__name__ == "IsoMaxPlus"
    assert model.classes == tuple(EIGHT)
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(load("eight", weights.parent).module(x), model.module(x))


def test_images_of_classes_that_were_left_out_are_neither_tested_nor_reference(weights: Path, tmp_path: Path) -> None:
    spec = RunSpec(model="resnet-bn", weights=str(weights), reference="bundled", corruption="none")
    sources = load_sources(spec.sources, tmp_path)
    assert len(sources.test) == 8000
    assert set(np.unique(sources.test.labels)) == set(np.unique(sources.reference.labels)) == set(range(8))
    assert sources.description == (
        "Fashion-MNIST: 8,000 images, 32x32, labels found in 8 classes; without Sneaker, Bag, which the model does "
        "not know",
    )
    whole = load_sources(RunSpec(corruption="none").sources, tmp_path)
    boots = whole.test.labels == CLASSES.index("Boot")
    assert np.array_equal(sources.test.images[sources.test.labels == EIGHT.index("Boot")], whole.test.images[boots])
