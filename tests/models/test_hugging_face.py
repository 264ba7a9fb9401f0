"""Folders as Hugging Face's library saves them: its logits, its pixels, its names; and sentences where they are not."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from enigma import adapt
from enigma.adapt.building_blocks import top_layers
from enigma.images.layouts import recognise
from enigma.models.from_spec import load_model
from enigma.models.hugging_face import preprocessing
from enigma.recording.inspection import inspect
from enigma.recording.loop import record
from enigma.spec.errors import InputError
from enigma.spec.model_spec import ModelSpec
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.images import layouts

NAMES = {0: "cat", 1: "dog", 2: "ship"}


@pytest.fixture(scope="module")
def transformers() -> ModuleType:
    import transformers

    transformers.utils.logging.disable_progress_bar()
    return transformers


def convnext(transformers: Any, folder: Path, **more: Any) -> Any:
    """A tiny ConvNeXt with random weights, saved with its preprocessing."""
    torch.manual_seed(0)
    config = transformers.ConvNextConfig(hidden_sizes=[8, 8], depths=[1, 1], num_stages=2, id2label=NAMES, **more)
    network = transformers.ConvNextForImageClassification(config).eval()
    network.save_pretrained(folder)
    processor = {
        "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32}, "crop_pct": 0.875,
        "image_mean": [0.1, 0.2, 0.3], "image_std": [0.5, 0.6, 0.7], "resample": 3, "rescale_factor": 1 / 255,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return network


def test_preprocessing_of_the_usual_kinds() -> None:
    vit = {"size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    found = preprocessing(vit, {})
    assert (found.size, found.resize, found.interpolation, found.mean) == (224, None, "bilinear", (0.5, 0.5, 0.5))
    old = preprocessing({"size": 224, "crop_size": 200, "do_center_crop": True, "resample": 3}, {})
    assert (old.size, old.resize, old.interpolation) == (200, 224, "bicubic")
    assert preprocessing({}, {"image_size": 64}).size == 64
    # Without rescaling, mean and standard deviation are those of pixels up to 255.
    raw = preprocessing({"size": 32, "do_rescale": False, "image_mean": [127.5] * 3, "image_std": [255.0] * 3}, {})
    np.testing.assert_allclose((raw.mean[0], raw.std[0]), (0.5, 1.0))
    grey = preprocessing({"size": 32, "do_normalize": True, "image_mean": [0.3], "image_std": [0.4]}, {})
    assert grey.mean == (0.3, 0.3, 0.3)
    with pytest.raises(InputError, match="square images.*120"):
        preprocessing({"size": {"height": 120, "width": 160}}, {})


@pytest.mark.parametrize("content", ["{", "[]", "null"])
def test_damaged_configuration_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match=r"config\.json to be a JSON object"):
        load_model(ModelSpec(model=f"hf:{tmp_path}"))


def test_what_is_no_folder_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'google/vit' is none; nothing is downloaded: .*hf download"):
        load_model(ModelSpec(model="hf:google/vit"))
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"holds notes\.txt"):
        load_model(ModelSpec(model=f"hf:{tmp_path}"))
    with pytest.raises(InputError, match="hf:FOLDER"):
        RunSpec.parse({"model": "hf:"})


@pytest.mark.slow
def test_folder_gives_the_logits_and_the_pixels_of_the_library(transformers: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my model@home"
    network = convnext(transformers, folder)
    model = load_model(ModelSpec(model=f"hf:{folder}"))
    assert model.classes == ("cat", "dog", "ship")
    assert (model.is_named, model.is_random, model.normalises) == (True, False, True)
    assert model.head.name == "classifier"
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    picture = coarse.resize((80, 60), Image.Resampling.BICUBIC)
    theirs = processor(picture, return_tensors="pt")["pixel_values"]
    pixels = torch.from_numpy(model.preprocess(picture).copy()).permute(2, 0, 1)[None] / 255
    # One grey level of difference between Pillow and torchvision is allowed.
    torch.testing.assert_close((pixels - model.module.mean) / model.module.std, theirs, atol=2 / 255 / 0.5, rtol=0)
    with torch.no_grad():
        ours, expected = model.module(pixels), network((pixels - model.module.mean) / model.module.std).logits
    torch.testing.assert_close(ours, expected)
    assert adapt.build(network, "tent").step(theirs.repeat(2, 1, 1, 1)).shape == (2, 3)


@pytest.mark.slow
def test_folder_is_inspected_and_recorded(transformers: Any, home: Home, tmp_path: Path) -> None:
    convnext(transformers, tmp_path / "net")
    pictures, labels = layouts.bundled(60)
    np.savez(tmp_path / "few.npz", images=pictures, labels=labels % 3, classes=np.array(["ship", "cat", "dog"]))
    assert recognise(tmp_path / "few.npz").folders == ("ship", "cat", "dog")
    spec = RunSpec(
        model=f"hf:{tmp_path / 'net'}", dataset=str(tmp_path / "few.npz"), steps=2, frames=2, probes=24, batch_size=8,
        device="cpu",
    )  # fmt: skip
    found = inspect(spec, home.cache)
    assert "matched by name" in found.dataset[0]
    assert "`logits` of what the model returns" in found.notes[0]
    run = record(spec, home.runs, home.cache)
    run.verify()
    assert run.facts["classes"] == ["cat", "dog", "ship"]
    assert not np.array_equal(run.frame(0)["embeddings"], run.frame(2)["embeddings"])


@pytest.mark.slow
def test_last_quarter_of_the_blocks_counts_as_next_to_the_output_as_in_other_transformers(transformers: Any) -> None:
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=16
    )
    network = transformers.ViTForImageClassification(config)
    is_top = top_layers(network)
    norms = [name for name, module in network.named_modules() if isinstance(module, torch.nn.LayerNorm)]
    assert [name for name in norms if is_top(name)] == norms[-3:]
    assert len(norms) == 9


@pytest.mark.slow
def test_folders_that_hold_no_whole_classifier_are_explained(transformers: Any, tmp_path: Path) -> None:
    convnext(transformers, tmp_path / "whole").base_model.save_pretrained(tmp_path / "body")
    with pytest.raises(InputError, match="weights for the whole classifier, but 2 are missing, such as 'classifier"):
        load_model(ModelSpec(model=f"hf:{tmp_path / 'body'}"))
    # A pickle is not read, and code in the folder is not run.
    weights = tmp_path / "whole" / "model.safetensors"
    torch.save({"x": torch.zeros(1)}, tmp_path / "whole" / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(InputError, match="with safetensors, but it says"):
        load_model(ModelSpec(model=f"hf:{tmp_path / 'whole'}"))
    own = tmp_path / "own"
    own.mkdir()
    (own / "code.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    auto = {"AutoConfig": "code.Config", "AutoModelForImageClassification": "code.Model"}
    (own / "config.json").write_text(json.dumps({"model_type": "mine", "auto_map": auto}))
    with pytest.raises(InputError, match="image classifier of transformers"):
        load_model(ModelSpec(model=f"hf:{own}"))
    assert not Path("ran").exists()


def test_timm_folder_brings_its_weights_and_names(tmp_path: Path) -> None:
    import timm
    from timm.models import save_for_hf

    network = timm.create_model("mobilenetv3_small_050", num_classes=3).eval()
    save_for_hf(network, tmp_path, model_config={"label_names": ["cat", "dog", "ship"]}, safe_serialization=True)
    model = load_model(ModelSpec(model=f"timm:local-dir:{tmp_path}", input_size=32))
    assert model.classes == ("cat", "dog", "ship")
    assert not model.is_random
    torch.testing.assert_close(model.module.network.state_dict(), network.state_dict())
    with pytest.raises(InputError, match="timm:local-dir:FOLDER.*'nowhere'"):
        load_model(ModelSpec(model="timm:local-dir:nowhere"))
