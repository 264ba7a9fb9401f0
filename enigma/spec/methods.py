"""The adaptation methods by name: what each does, who published it, and what can be set.

A new method is one file in `enigma/adapt/` and one entry in `METHODS`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One number or word that a method takes, with what a form needs to ask for it.

    Attributes:
        default: None means 'worked out from the model'; `help` says how.
        choices: the words to choose from; without any, the setting is a number.
    """

    name: str
    default: float | int | str | tuple[float, float] | None
    help: str
    minimum: float | int = 0.0
    maximum: float | int = float("inf")
    whole: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """An optimizer and a learning rate that a paper uses."""

    optimizer: str
    lr: float


@dataclass(frozen=True)
class Method:
    """An adaptation method: where it is built, what it does, who published it.

    Attributes:
        builder: 'module:function'; called as `function(model, **settings)` and returns an `Adapter`. If it has a
            parameter `source_images`, it is given training images.
        recipes: the paper's optimizer for CIFAR-like models (at most 100 classes) and for ImageNet-like ones;
            None for methods that take no optimizer.
        batch_statistics: whether its BatchNorm layers normalise with the batch alone, so that it needs a batch.
    """

    title: str
    builder: str
    summary: str
    reference: str
    settings: tuple[Setting, ...] = ()
    recipes: tuple[Recipe, Recipe] | None = None
    batch_statistics: bool = True

    @property
    def uses_gradient(self) -> bool:
        """Whether the method takes an optimizer and a learning rate."""
        return self.recipes is not None

    @property
    def papers_optimizers(self) -> str:
        """A sentence on the paper's optimizers; empty for methods that take none."""
        if self.recipes is None:
            return ""
        names = {"adam": "Adam", "sgd": "SGD"}
        small, large = (f"{names[recipe.optimizer]} {recipe.lr:g}" for recipe in self.recipes)
        both = small if small == large else f"{small} (CIFAR) or {large} (ImageNet)"
        return f"Its paper uses {both}."


_ADAM = Recipe("adam", 1e-3)
_TENT = (_ADAM, Recipe("sgd", 2.5e-4))

_MOMENTUM = Setting("momentum", 0.9, "Momentum of SGD; Adam does not use it.", maximum=1.0)
_BETAS = Setting(
    "betas", (0.9, 0.999), "Decay rates of Adam's two moving averages; SGD does not use them.", maximum=1.0
)
_OPTIMIZER = (_MOMENTUM, _BETAS, Setting("weight_decay", 0.0, "Weight decay on the adapted parameters."))
_E_MARGIN = Setting(
    "e_margin", None, "Only images whose entropy (nats) is below this are used; default 0.4 ln(classes)."
)
_DIVERSITY_OF_BATCH = Setting(
    "diversity", 0.5, "Weight of the entropy of the mean prediction; the authors try 0.1, 0.2, 0.5 and 1."
)
_UNKNOWN_WEIGHT = Setting(
    "unknown_weight", 0.5, "Weight of the entropy of unknown images, which rises; the authors try 0.1, 0.2, 0.5 and 1."
)
_FILTERS = (
    _E_MARGIN,
    Setting(
        "d_margin",
        None,
        "Only images whose prediction has a cosine similarity below this to the moving average are used; default, by "
        "the number of classes: 0.4 up to 10 (CIFAR-10), 0.1 up to 100 (CIFAR-100), 0.05 above (ImageNet).",
        maximum=1.0,
    ),
)
_TOP_LAYERS = Setting(
    "top_layers",
    "frozen",
    "Whether the norms next to the output stay as they are: layer4 of a ResNet, or the last quarter of a "
    "transformer's blocks and the norm after them. Models with neither have no such layers.",
    choices=("frozen", "adapted"),
)
_SAR = (
    _E_MARGIN,
    Setting("rho", 0.05, "How far uphill the second gradient is taken."),
    Setting(
        "reset_constant_em",
        0.2,
        "Back to the source model when the moving average of the loss is below this; 0 never goes back.",
    ),
    _TOP_LAYERS,
)
_UNCERTAINTY = Setting(
    "uncertainty_mass", None, "Weight of 'I do not know' among the classes; default: the number of classes.", 1e-6
)
_DIVERSITY = Setting("diversity", 1.0, "Weight of the entropy of the mean prediction, which is made large.")

METHODS: dict[str, Method] = {
    "source": Method(
        "Source",
        "enigma.adapt.source:build",
        "No adaptation: the model as it was trained, with its stored statistics.",
        "The baseline of every paper.",
        batch_statistics=False,
    ),
    "norm": Method(
        "Norm",
        "enigma.adapt.norm:build",
        "Normalises with the statistics of the test batch; no parameter is updated.",
        "Schneider et al. 2020, arXiv:2006.16971; Nado et al. 2020, arXiv:2006.10963",
    ),
    "norm_prior": Method(
        "Norm with source prior",
        "enigma.adapt.norm_prior:build",
        "BN-alpha: normalises with a mix of the stored statistics and those of the test batch.",
        "Schneider et al. 2020, arXiv:2006.16971",
        (
            Setting(
                "prior",
                16.0,
                "Weight of the stored statistics, in images: 0 is the batch alone, and at the size of the batch both "
                "count the same.",
            ),
        ),
        batch_statistics=False,
    ),
    "tent": Method(
        "Tent",
        "enigma.adapt.tent:build",
        "Minimises the mean entropy of the predictions over the scale and shift of the normalisation layers.",
        "Wang et al. 2021, arXiv:2006.10726",
        _OPTIMIZER,
        _TENT,
    ),
    "pseudo_label": Method(
        "Pseudo-label",
        "enigma.adapt.pseudo_label:build",
        "Takes each confident prediction for the truth and minimises the cross-entropy to it.",
        "Lee 2013, Pseudo-Label, ICML workshop; Wang et al. 2021, arXiv:2006.10726",
        (
            *_OPTIMIZER,
            Setting("threshold", 0.0, "Only images whose predicted class has a probability above this.", maximum=1.0),
        ),
        _TENT,
    ),
    "rpl": Method(
        "RPL",
        "enigma.adapt.rpl:build",
        "Robust pseudo-labels: the generalised cross-entropy to the predicted class.",
        "Rusak et al. 2022, arXiv:2104.12928",
        (
            *_OPTIMIZER,
            Setting("q", 0.8, "From cross-entropy (towards 0) to mean absolute error (1), which is robust.", 1e-6, 1.0),
        ),
        (_ADAM, Recipe("sgd", 5e-4)),
    ),
    "conjugate_pl": Method(
        "Conjugate pseudo-labels",
        "enigma.adapt.conjugate_pl:build",
        "The test-time loss that is conjugate to the PolyLoss a model was trained with.",
        "Goyal et al. 2022, arXiv:2207.09640",
        (
            *_OPTIMIZER,
            Setting("eps", 8.0, "Epsilon of the PolyLoss; 0 is the cross-entropy, for which the method is Tent."),
        ),
        (_ADAM, Recipe("sgd", 1e-3)),
    ),
    "entropy_diversity": Method(
        "Entropy and diversity",
        "enigma.adapt.diversity:build",
        "Tent that also makes the entropy of the mean prediction large, against collapse to few classes.",
        "Krause et al. 2010, Discriminative clustering by regularized information maximization, NeurIPS",
        (*_OPTIMIZER, _DIVERSITY),
        _TENT,
    ),
    "shot_im": Method(
        "SHOT-IM",
        "enigma.adapt.shot_im:build",
        "Information maximisation over the whole feature extractor; the classifier stays as it is.",
        "Liang et al. 2020, arXiv:2002.08546",
        (
            _MOMENTUM,
            _BETAS,
            Setting("weight_decay", 1e-3, "Weight decay on the adapted parameters."),
            _DIVERSITY,
        ),
        # The paper's 1e-2 is for new layers; it trains the feature extractor with a tenth of it.
        (Recipe("sgd", 1e-3), Recipe("sgd", 1e-3)),
    ),
    "eta": Method(
        "ETA",
        "enigma.adapt.eta:build",
        "Tent on reliable (low entropy) and non-redundant images only, weighted by their entropy.",
        "Niu et al. 2022, arXiv:2204.02610",
        (*_OPTIMIZER, *_FILTERS),
        _TENT,
    ),
    "eata": Method(
        "EATA",
        "enigma.adapt.eata:build",
        "ETA whose important parameters, by Fisher information on training images, are held near the source.",
        "Niu et al. 2022, arXiv:2204.02610",
        (
            *_OPTIMIZER,
            *_FILTERS,
            Setting(
                "fisher_alpha",
                None,
                "Weight of the regulariser; default, by the number of classes: 1 up to 10 (CIFAR-10), 2,000 above.",
            ),
            Setting(
                "fisher_size",
                2000,
                "Training images for the Fisher information; at most the run's reference images.",
                minimum=1,
                whole=True,
            ),
            Setting(
                "fisher_batch_size",
                64,
                "Images a batch when the Fisher information is computed, which squares the gradient of each batch.",
                minimum=2,
                whole=True,
            ),
        ),
        _TENT,
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
        _TENT,
    ),
    "sar": Method(
        "SAR",
        "enigma.adapt.sar:build",
        "Sharpness-aware entropy minimisation on reliable images; goes back to the source when it collapses.",
        "Niu et al. 2023, arXiv:2302.12400",
        (*_OPTIMIZER, *_SAR),
        _TENT,
    ),
    "deyo": Method(
        "DeYO",
        "enigma.adapt.deyo:build",
        "Entropy minimisation on images whose predictions change when the shape of the object is destroyed.",
        "Lee et al. 2024, arXiv:2403.07366",
        (
            *_OPTIMIZER,
            Setting(
                "augmentation",
                "patch",
                "How the shape is destroyed: patches change places, pixels do, or the middle is occluded.",
                choices=("patch", "pixel", "occlusion"),
            ),
            Setting("patches", 4, "Patches in a row and in a column.", minimum=1, whole=True),
            Setting(
                "occlusion_size",
                None,
                "Side of the occluded square, in pixels; default: half the image.",
                1,
                whole=True,
            ),
            Setting("row_start", None, "First occluded row; default: a quarter of the image.", whole=True),
            Setting("column_start", None, "First occluded column; default: a quarter of the image.", whole=True),
            Setting(
                "plpd_threshold",
                None,
                "Least fall in the probability of the predicted class; default: 0.2 up to 100 classes, 0.3 above "
                "(ImageNet-C; the paper's harder streams use 0.2).",
                -1.0,
                1.0,
            ),
            Setting(
                "entropy_margin", None, "Only images whose entropy is below this are used; default 0.5 ln(classes)."
            ),
            Setting("e_margin", None, "Entropy at which an image's weight is 1; default 0.4 ln(classes)."),
            _TOP_LAYERS,
        ),
        _TENT,
    ),
    "come_tent": Method(
        "COME on Tent",
        "enigma.adapt.come:build_tent",
        "Tent with the entropy of an opinion, which may also be 'I do not know'.",
        "Zhang et al. 2025, arXiv:2410.10894",
        (*_OPTIMIZER, _UNCERTAINTY),
        _TENT,
    ),
    "come_eta": Method(
        "COME on ETA",
        "enigma.adapt.come:build_eta",
        "ETA with the entropy of an opinion, which may also be 'I do not know'.",
        "Zhang et al. 2025, arXiv:2410.10894",
        (*_OPTIMIZER, *_FILTERS, _UNCERTAINTY),
        _TENT,
    ),
    "come_sar": Method(
        "COME on SAR",
        "enigma.adapt.come:build_sar",
        "SAR with the entropy of an opinion, which may also be 'I do not know'.",
        "Zhang et al. 2025, arXiv:2410.10894",
        (*_OPTIMIZER, *_SAR, _UNCERTAINTY),
        _TENT,
    ),
    "ostta": Method(
        "OSTTA",
        "enigma.adapt.ostta:build",
        "Only images that the model is surer of than the source was teach: unknown ones lose confidence.",
        "Lee et al. 2023, arXiv:2308.06879",
        (*_OPTIMIZER, _DIVERSITY_OF_BATCH),
        _TENT,
    ),
    "unient": Method(
        "UniEnt",
        "enigma.adapt.unient:build_unient",
        "Entropy falls on images that look known to the source and rises on those that do not.",
        "Gao et al. 2024, arXiv:2404.06065",
        (*_OPTIMIZER, _DIVERSITY_OF_BATCH, _UNKNOWN_WEIGHT),
        _TENT,
    ),
    "unient_plus": Method(
        "UniEnt+",
        "enigma.adapt.unient:build_unient_plus",
        "UniEnt, with every image weighted by how likely it is to be known.",
        "Gao et al. 2024, arXiv:2404.06065",
        (*_OPTIMIZER, _DIVERSITY_OF_BATCH, _UNKNOWN_WEIGHT),
        _TENT,
    ),
    "roid": Method(
        "ROID",
        "enigma.adapt.roid:build",
        "Certain and diverse images teach, the source's weights are mixed in, predictions follow the batch's classes.",
        "Marsden et al. 2024, arXiv:2306.00650",
        (
            *_OPTIMIZER,
            Setting("momentum_src", 0.99, "Share of the adapted weights that stays at each step.", maximum=1.0),
            Setting("momentum_probs", 0.9, "Share of the mean prediction that stays at each step.", maximum=1.0),
            Setting("temperature", 1 / 3, "A lower one prefers certain and diverse images more.", 1e-6),
        ),
        _TENT,
    ),
    "cotta": Method(
        "CoTTA",
        "enigma.adapt.cotta:build",
        "All weights follow their own slow average, seen through random views, and go back to the source at random.",
        "Wang et al. 2022, arXiv:2203.13591",
        (
            *_OPTIMIZER,
            Setting("mt", 0.999, "Share of the teacher that stays at each step.", maximum=1.0),
            Setting(
                "rst",
                None,
                "Probability that a weight goes back to the source; default: 0.01 up to 100 classes, 0.001 above.",
                maximum=1.0,
            ),
            Setting(
                "ap",
                None,
                "The teacher's prediction is averaged over views where the source's confidence is below this; default, "
                "by the number of classes: 0.92 up to 10 (CIFAR-10), 0.72 up to 100 (CIFAR-100), 0.1 above (ImageNet).",
                maximum=1.0,
            ),
            Setting("augmentations", 32, "Random views that are averaged.", minimum=1, whole=True),
            Setting(
                "loss",
                None,
                "Cross-entropy to the teacher, or its mean with that of the teacher to the student; default: the first "
                "up to 100 classes, the second above.",
                choices=("cross_entropy", "symmetric"),
            ),
        ),
        (_ADAM, Recipe("sgd", 1e-2)),
    ),
    "rem": Method(
        "REM",
        "enigma.adapt.rem:build",
        "Hides the object from a Vision Transformer little by little, and keeps the entropies in order.",
        "Han et al. 2025, arXiv:2505.16441",
        (
            *_OPTIMIZER,
            Setting("m", 0.1, "Share of the image's tokens hidden at each further level.", maximum=1.0),
            Setting("n", 3, "Levels, the first of which hides nothing.", minimum=2, whole=True),
            Setting("lamb", 1.0, "Weight of the order of entropies."),
            Setting("margin", 0.0, "By how much entropies must differ, times ln(classes)."),
        ),
        (_ADAM, _ADAM),
    ),
    "memo": Method(
        "MEMO",
        "enigma.adapt.memo:build",
        "Adapts to each image alone, by the entropy of its mean prediction over random views, and starts anew.",
        "Zhang et al. 2022, arXiv:2110.09506",
        (
            *_OPTIMIZER,
            Setting(
                "augmentations",
                8,
                "Random views of each image; the paper uses 32 for CIFAR and 64 for ImageNet, which takes longer.",
                minimum=1,
                whole=True,
            ),
            Setting(
                "prior",
                None,
                "Weight of the stored BatchNorm statistics where the image counts as 1; default: 16 above 100 "
                "classes, and the stored statistics alone otherwise.",
            ),
        ),
        (Recipe("sgd", 5e-3), Recipe("sgd", 2.5e-4)),
        batch_statistics=False,
    ),
    "lame": Method(
        "LAME",
        "enigma.adapt.lame:build",
        "Corrects the predictions of a batch so that neighbours agree; no weight is updated.",
        "Boudiaf et al. 2022, arXiv:2201.05718",
        (
            Setting(
                "affinity",
                "knn",
                "How neighbours count: the nearest ones equally, by distance, or by cosine.",
                choices=("knn", "rbf", "linear"),
            ),
            Setting("neighbours", 5, "Nearest neighbours of each image.", minimum=1, whole=True),
        ),
        batch_statistics=False,
    ),
    "t3a": Method(
        "T3A",
        "enigma.adapt.t3a:build",
        "Classifies by the embeddings of confident test images of each class; no weight is updated.",
        "Iwasawa and Matsuo 2021, Test-time classifier adjustment module, NeurIPS",
        (Setting("supports", 100, "Most embeddings kept of each class; 0 keeps all.", whole=True),),
        batch_statistics=False,
    ),
    "functional-classes": Method(
        "Functional · classes",
        "enigma.adapt.functional:classes",
        "Minimises the binary entropy (bits) of every class against the rest, summed over the classes.",
        "Mahi 2025, Optimizing a Model Using Entropy; this form is ours",
        _OPTIMIZER,
        (_ADAM, _ADAM),
    ),
    "functional-margin": Method(
        "Functional · margin",
        "enigma.adapt.functional:margin",
        "Minimises the binary entropy (bits) of the margin between the two highest logits.",
        "Mahi 2025, Optimizing a Model Using Entropy; this form is ours",
        _OPTIMIZER,
        (_ADAM, _ADAM),
    ),
    "functional-classes-correction": Method(
        "Functional · classes, correction G",
        "enigma.adapt.functional:classes_correction",
        "The functional over the classes; only a correction G added to the frozen last weight, and b, move.",
        "Mahi 2025, Optimizing a Model Using Entropy; this form is ours",
        _OPTIMIZER,
        (_ADAM, _ADAM),
    ),
    "functional-margin-correction": Method(
        "Functional · margin, correction G",
        "enigma.adapt.functional:margin_correction",
        "The functional over the margin; only a correction G added to the frozen last weight, and b, move.",
        "Mahi 2025, Optimizing a Model Using Entropy; this form is ours",
        _OPTIMIZER,
        (_ADAM, _ADAM),
    ),
}
