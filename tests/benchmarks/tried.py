"""Which models and layouts of images were tried: `python tests/benchmarks/tried.py --out docs/results/data`.

Each is made in a temporary folder, small, and recorded by the command that is shown, for two steps. Nothing is
downloaded: networks of libraries have random weights, and one's own is the bundled ResNet in other people's wrappers.
"""

import argparse
import contextlib
import json
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file, save_file

from enigma.cli.main import cli
from enigma.images import image_set
from enigma.spec.assets import asset
from enigma.spec.errors import EnigmaError
from tests.benchmarks import result_file
from tests.images import layouts
from tests.images.layouts import encoded

SHORT = "--steps 2 --frames 2 --batch-size 16 --device cpu --no-projection"
CLOTHES = image_set.fashion_mnist.CLASSES
PREPROCESSING = {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}

# One's own module: the bundled ResNet as it is, and as other people's networks look.
MODULE = """
    import torch
    from torch import nn
    from enigma.models.architectures import built

    class Wrapped(nn.Module):
        def __init__(self, form, channels=3):
            super().__init__()
            self.net, self.form, self.channels = built("resnet-bn"), form, channels
            if channels == 1:
                self.net.stem = nn.Conv2d(1, 24, 3, 1, 1, bias=False)

        def forward(self, x):
            return self.form(self.net(x))

    def plain(): return built("resnet-bn")
    def dictionary(): return Wrapped(lambda logits: {"logits": logits})
    def pair(): return Wrapped(lambda logits: (logits, logits.mean(1)))
    def grey(): return Wrapped(lambda logits: logits, channels=1)
    def pointwise():
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 10, 1),
                             nn.AdaptiveAvgPool2d(1), nn.Flatten())
    def raises(): return built("resnet-xy")
"""


def models(root: Path) -> Iterator[tuple[str, str, str]]:
    """Framework, what it is, and the options of the command."""
    for name in ("resnet18", "shufflenet_v2_x0_5", "mobilenet_v3_small"):
        yield "torchvision", name, f"--model torchvision:{name}@random --num-classes 10 --input-size 32"
    squeezenet = "--model torchvision:squeezenet1_1@random --num-classes 10 --input-size 64"
    yield "torchvision", "squeezenet1_1, which has no normalisation", f"{squeezenet} --method lame"
    yield from _timm(root)
    yield from _hugging_face(root)
    yield from _own(root)


def _timm(root: Path) -> Iterator[tuple[str, str, str]]:
    import timm
    from timm.models import save_for_hf

    for name in ("mobilenetv3_small_050", "convnext_atto", "resnet10t"):
        yield "timm", name, f"--model timm:{name}@random --num-classes 10 --input-size 32"
    network = timm.create_model("resnet10t", num_classes=10)
    save_for_hf(network, root / "timm-folder", model_config={"label_names": CLOTHES}, safe_serialization=True)
    yield "timm", "resnet10t from a folder", "--model timm:local-dir:timm-folder --input-size 32"


def _hugging_face(root: Path) -> Iterator[tuple[str, str, str]]:
    import transformers as hf

    hf.utils.logging.disable_progress_bar()
    vit = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    patches = {**vit, "image_size": 32, "patch_size": 8}
    configurations = {
        "ViT": hf.ViTConfig(**patches),
        "ViT of grey images": hf.ViTConfig(**patches, num_channels=1),
        "DeiT": hf.DeiTConfig(**patches),
        "BEiT": hf.BeitConfig(**patches),
        "Swin": hf.SwinConfig(
            embed_dim=16, depths=[1, 1], num_heads=[1, 2], image_size=32, patch_size=4, window_size=4
        ),
        "ResNet": hf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1]),
        "ConvNeXt": hf.ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2),
        "MobileNetV2": hf.MobileNetV2Config(depth_multiplier=0.35),
        "RegNet": hf.RegNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], groups_width=8),
    }
    for name, config in configurations.items():
        folder = root / f"hf-{name.lower().replace(' ', '-')}"
        config.id2label = dict(enumerate(CLOTHES))
        config.label2id = {label: place for place, label in enumerate(CLOTHES)}
        torch.manual_seed(0)
        family = type(config).__name__.removesuffix("Config")
        getattr(hf, f"{family}ForImageClassification")(config).save_pretrained(folder)
        (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSING))
        yield "transformers", name, f"--model hf:{folder.name}"
    hf.ViTModel(configurations["ViT"]).save_pretrained(root / "hf-body")
    yield "transformers", "ViT without its classifier", "--model hf:hf-body"


def _own(root: Path) -> Iterator[tuple[str, str, str]]:
    (root / "mine.py").write_text(textwrap.dedent(MODULE))
    weights = load_file(asset("models", "resnet-bn.safetensors"))
    card = json.loads(asset("models", "resnet-bn.json").read_text(encoding="utf-8"))
    grey = weights | {"stem.weight": weights["stem.weight"].sum(1, keepdim=True)}
    files = {
        "plain": ("plain", weights, "state dict as it is"),
        "lightning": ("plain", {f"model.{k}": v for k, v in weights.items()}, "Lightning checkpoint"),
        "parallel": ("plain", {f"module.{k}": v for k, v in weights.items()}, "DataParallel"),
        "compiled": ("plain", {f"_orig_mod.{k}": v for k, v in weights.items()}, "torch.compile"),
        "average": ("plain", {f"{p}.{k}": v for p in ("ema", "net") for k, v in weights.items()}, "with an average"),
        "dictionary": ("dictionary", {f"net.{k}": v for k, v in weights.items()}, "output is a dictionary"),
        "pair": ("pair", {f"net.{k}": v for k, v in weights.items()}, "output is a tuple"),
        "bare": ("pair", weights, "names without those of the wrapper"),
        "grey": ("grey", {f"net.{k}": v for k, v in grey.items()}, "one channel"),
        "part": ("plain", {k: v for k, v in weights.items() if "stages" in k}, "a part of the weights"),
    }
    for name, (function, tensors, what) in files.items():
        if name == "lightning":
            held = {"state_dict": tensors, "epoch": 3, "hyper_parameters": {"lr": 0.1}}
            torch.save(held, root / f"{name}.ckpt")
        else:
            save_file({key: value.clone() for key, value in tensors.items()}, root / f"{name}.safetensors")
        (root / f"{name}.json").write_text(json.dumps({key: card[key] for key in ("classes", "mean", "std")}))
        file = f"{name}.ckpt" if name == "lightning" else f"{name}.safetensors"
        yield "own", what, f"--model mine:{function} --weights {file} --input-size 32"
    yield "own", "ends in a 1x1 convolution", "--model mine:pointwise --input-size 32"
    yield "own", "factory that raises", "--model mine:raises"


def images(root: Path) -> Iterator[tuple[str, str, str]]:
    """Layout, what lies there, and the options of the command."""
    pictures, labels = layouts.bundled(80)
    np.savez(root / "photos.npz", images=pictures, labels=labels)
    layouts.classes(root / "folder", count=80)
    layouts.classes(root / "broken", count=80)
    first = sorted((root / "broken").glob("*/*.png"))[0]
    first.write_bytes(first.read_bytes()[:100])
    plural, foreign = root / "plural", root / "foreign"
    for place in range(40):
        for folder, name in ((plural, f"{CLOTHES[labels[place]].lower()}s"), (foreign, f"kind {labels[place]}")):
            (folder / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pictures[place]).save(folder / name / f"{place}.png")
    layouts.flat(root / "flat", count=80)
    layouts.cifar_c(root / "cifar-c")
    layouts.mnist_c(root / "mnist-c")
    layouts.hugging_face(root / "clothes", count=80, splits=("test", "train"))
    jpegs = {f"{place}.jpg": encoded(pictures[place], "JPEG") for place in range(80)}
    layouts.shards(root / "wds-cls", jpegs | {f"{p}.cls": str(labels[p]).encode() for p in range(80)})
    told = {f"{p}.json": json.dumps({"label": CLOTHES[labels[p]]}).encode() for p in range(80)}
    layouts.shards(root / "wds-json", jpegs | told)
    ccc = {f"{p}.input.png": encoded(pictures[p]) for p in range(80)}
    layouts.shards(root / "ccc", ccc | {f"{p}.output.cls": str(labels[p]).encode() for p in range(80)})
    yield "npz", "labels as numbers", "--dataset photos.npz"
    yield "folders", "80 images of 10 classes", "--dataset folder/"
    yield "folders", "a broken file", "--dataset broken/"
    yield "folders", "names in the plural", "--dataset plural/"
    yield "folders", "names of no class", "--dataset foreign/"
    yield "folder", "without labels", "--dataset flat/"
    yield "CIFAR-10-C", "", "--dataset cifar-c/ --corruption fog --severity 1"
    yield "MNIST-C", "", "--dataset mnist-c/ --corruption identity"
    yield "Parquet", "one of two splits", "--dataset clothes/test --reference clothes/train"
    yield "Parquet", "no split named", "--dataset clothes"
    yield "WebDataset", "numbers in .cls", "--dataset wds-cls/"
    yield "WebDataset", "names in .json", "--dataset wds-json/"
    yield "CCC", "numbers in .output.cls", "--dataset ccc/"


def result(options: str) -> str:
    """What came of the command: source accuracy, or the sentence of the refusal."""
    arguments = ["--home", "home", "run", *options.split(), *SHORT.split(), "--json"]
    done = CliRunner().invoke(cli, arguments)
    if isinstance(done.exception, EnigmaError):
        return f"refused: {done.exception}"
    if done.exception is not None:
        raise done.exception
    accuracy = json.loads(done.stdout.strip().splitlines()[-1])["source_accuracy"]
    return "recorded" if accuracy is None else f"recorded, source {100 * accuracy:.1f} %"


def tried(kinds: Callable[[Path], Iterator[tuple[str, str, str]]], root: Path, more: str) -> list[result_file.Row]:
    rows: list[result_file.Row] = []
    for framework, what, options in kinds(root):
        said = result(f"{options} {more}")
        # A path of this machine is nobody's business.
        rows.append({"kind": framework, "what": what, "options": options, "result": said.replace(f"{root}/", "")})
        print(f"{framework:<14}{what:<44}{rows[-1]['result']}", flush=True)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    result_file.add_option(parser)
    out = parser.parse_args().out
    out = out.resolve() if out else None
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        place = Path(folder)
        clean = "--corruption none --probes 50 --references 20"
        result_file.write(out, "tried_models", tried(models, place, clean))
        result_file.write(out, "tried_images", tried(images, place, ""))
