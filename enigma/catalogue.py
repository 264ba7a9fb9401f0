"""What a run can be made of, by name: the one list that the spec, the command line and the page share.

It describes; it builds nothing and imports nothing heavy, so that a form can be drawn without torch.
A new method is one file in `enigma/adapt/` and one entry in `METHODS`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One number or word that a method takes, with what a form needs to ask for it.

    Attributes:
        default: None means 'worked out from the model'; `help` says how.
    """

    name: str
    default: float | int | tuple[float, float] | None
    help: str
    minimum: float | int = 0.0
    maximum: float | int = float("inf")
    whole: bool = False


@dataclass(frozen=True)
class Method:
    """An adaptation method: where it is built, what it does, who published it.

    Attributes:
        builder: 'module:function'; called as `function(model, **settings)` and returns an `Adapter`.
        uses_gradient: False for methods that take no optimizer.
    """

    title: str
    builder: str
    summary: str
    reference: str
    settings: tuple[Setting, ...] = ()
    uses_gradient: bool = True


@dataclass(frozen=True)
class Choice:
    """A model, dataset or corruption that can be chosen by name."""

    title: str
    summary: str


_OPTIMIZER = (
    Setting("momentum", 0.9, "Momentum of SGD; Adam does not use it.", maximum=1.0),
    Setting("betas", (0.9, 0.999), "Decay rates of Adam's two moving averages; SGD does not use them.", maximum=1.0),
    Setting("weight_decay", 0.0, "Weight decay on the adapted parameters."),
)
_FILTERS = (
    Setting("e_margin", None, "Only images whose entropy (nats) is below this are used; default 0.4 ln(classes)."),
    Setting(
        "d_margin",
        0.05,
        "Only images whose prediction has a cosine similarity below this to the moving average are used: "
        "0.05 for ImageNet, 0.4 for CIFAR-10 and other ten-class sets.",
        maximum=1.0,
    ),
)

METHODS: dict[str, Method] = {
    "source": Method(
        "Source",
        "enigma.adapt.source:build",
        "No adaptation: the model as it was trained, with its stored statistics.",
        "The baseline of every paper.",
        uses_gradient=False,
    ),
    "norm": Method(
        "Norm",
        "enigma.adapt.norm:build",
        "Normalises with the statistics of the test batch; no parameter is updated.",
        "Schneider et al. 2020, arXiv:2006.16971; Nado et al. 2020, arXiv:2006.10963",
        uses_gradient=False,
    ),
    "tent": Method(
        "Tent",
        "enigma.adapt.tent:build",
        "Minimises the mean entropy of the predictions over the scale and shift of the normalisation layers.",
        "Wang et al. 2021, arXiv:2006.10726",
        _OPTIMIZER,
    ),
    "eta": Method(
        "ETA",
        "enigma.adapt.eta:build",
        "Tent on reliable (low entropy) and non-redundant images only, weighted by their entropy.",
        "Niu et al. 2022, arXiv:2204.02610",
        (*_OPTIMIZER, *_FILTERS),
    ),
    "rdumb": Method(
        "RDumb",
        "enigma.adapt.rdumb:build",
        "ETA that goes back to the source model at regular intervals.",
        "Press et al. 2023, arXiv:2306.05401",
        (
            *_OPTIMIZER,
            *_FILTERS,
            Setting("reset_every", 1000, "Updates between two resets.", minimum=1, whole=True),
        ),
    ),
}

MODELS: dict[str, Choice] = {
    "resnet-bn": Choice("ResNet · BatchNorm", "Residual network; batch statistics follow the test stream."),
    "resnet-gn": Choice("ResNet · GroupNorm", "The same network with GroupNorm: nothing depends on the batch."),
    "vit-ln": Choice(
        "Vision Transformer · LayerNorm", "Four transformer blocks on convolutional patches of 4x4 pixels."
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

DEVICES = ("auto", "cpu", "cuda", "mps")
