"""What to cite for a run: the paper, its method, data, corruption, model and projection, as BibTeX.

`ENTRIES` holds the publications by citation key, `CITED` says which a name of the catalogue needs. A method that
is not in `CITED` is cited by the `reference` of its catalogue entry, so that it works from the first day.
"""

from enigma.figures.shared import groups
from enigma.figures.shared.command_lines import run_command
from enigma.spec.catalogue import CORRUPTIONS, DATASETS, METHODS, MODELS
from enigma.spec.run_spec import RunSpec

PAPER = "press2024entropy"

# Citation key to entry type and fields. One source a key: the proceedings where there are some, with the arXiv number.
ENTRIES: dict[str, tuple[str, dict[str, str]]] = {
    "press2024entropy": (
        "inproceedings",
        {
            "title": "The Entropy Enigma: Success and Failure of Entropy Minimization",
            "author": "Press, Ori and Shwartz-Ziv, Ravid and LeCun, Yann and Bethge, Matthias",
            "booktitle": "Proceedings of the 41st International Conference on Machine Learning (ICML)",
            "series": "Proceedings of Machine Learning Research",
            "volume": "235",
            "year": "2024",
        },
    ),
    "wang2021tent": (
        "inproceedings",
        {
            "title": "Tent: Fully Test-Time Adaptation by Entropy Minimization",
            "author": "Wang, Dequan and Shelhamer, Evan and Liu, Shaoteng and Olshausen, Bruno and Darrell, Trevor",
            "booktitle": "International Conference on Learning Representations (ICLR)",
            "year": "2021",
            "eprint": "2006.10726",
        },
    ),
    "schneider2020improving": (
        "inproceedings",
        {
            "title": "Improving Robustness against Common Corruptions by Covariate Shift Adaptation",
            "author": "Schneider, Steffen and Rusak, Evgenia and Eck, Luisa and Bringmann, Oliver and "
            "Brendel, Wieland and Bethge, Matthias",
            "booktitle": "Advances in Neural Information Processing Systems (NeurIPS)",
            "year": "2020",
            "eprint": "2006.16971",
        },
    ),
    "nado2020evaluating": (
        "article",
        {
            "title": "Evaluating Prediction-Time Batch Normalization for Robustness under Covariate Shift",
            "author": "Nado, Zachary and Padhy, Shreyas and Sculley, D. and D'Amour, Alexander and "
            "Lakshminarayanan, Balaji and Snoek, Jasper",
            "journal": "arXiv preprint arXiv:2006.10963",
            "year": "2020",
            "eprint": "2006.10963",
        },
    ),
    "niu2022efficient": (
        "inproceedings",
        {
            "title": "Efficient Test-Time Model Adaptation without Forgetting",
            "author": "Niu, Shuaicheng and Wu, Jiaxiang and Zhang, Yifan and Chen, Yaofo and Zheng, Shijian and "
            "Zhao, Peilin and Tan, Mingkui",
            "booktitle": "Proceedings of the 39th International Conference on Machine Learning (ICML)",
            "year": "2022",
            "eprint": "2204.02610",
        },
    ),
    "press2023rdumb": (
        "inproceedings",
        {
            "title": "{RDumb}: A Simple Approach that Questions Our Progress in Continual Test-Time Adaptation",
            "author": 'Press, Ori and Schneider, Steffen and K{\\"u}mmerer, Matthias and Bethge, Matthias',
            "booktitle": "Advances in Neural Information Processing Systems (NeurIPS)",
            "year": "2023",
            "eprint": "2306.05401",
        },
    ),
    "hendrycks2019benchmarking": (
        "inproceedings",
        {
            "title": "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations",
            "author": "Hendrycks, Dan and Dietterich, Thomas",
            "booktitle": "International Conference on Learning Representations (ICLR)",
            "year": "2019",
            "eprint": "1903.12261",
        },
    ),
    "xiao2017fashion": (
        "article",
        {
            "title": "{Fashion-MNIST}: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
            "author": "Xiao, Han and Rasul, Kashif and Vollgraf, Roland",
            "journal": "arXiv preprint arXiv:1708.07747",
            "year": "2017",
            "eprint": "1708.07747",
        },
    ),
    "he2016deep": (
        "inproceedings",
        {
            "title": "Deep Residual Learning for Image Recognition",
            "author": "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
            "booktitle": "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
            "year": "2016",
            "eprint": "1512.03385",
        },
    ),
    "ioffe2015batch": (
        "inproceedings",
        {
            "title": "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
            "author": "Ioffe, Sergey and Szegedy, Christian",
            "booktitle": "Proceedings of the 32nd International Conference on Machine Learning (ICML)",
            "year": "2015",
            "eprint": "1502.03167",
        },
    ),
    "wu2018group": (
        "inproceedings",
        {
            "title": "Group Normalization",
            "author": "Wu, Yuxin and He, Kaiming",
            "booktitle": "European Conference on Computer Vision (ECCV)",
            "year": "2018",
            "eprint": "1803.08494",
        },
    ),
    "dosovitskiy2021image": (
        "inproceedings",
        {
            "title": "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
            "author": "Dosovitskiy, Alexey and Beyer, Lucas and Kolesnikov, Alexander and Weissenborn, Dirk and "
            "Zhai, Xiaohua and Unterthiner, Thomas and Dehghani, Mostafa and Minderer, Matthias and "
            "Heigold, Georg and Gelly, Sylvain and Uszkoreit, Jakob and Houlsby, Neil",
            "booktitle": "International Conference on Learning Representations (ICLR)",
            "year": "2021",
            "eprint": "2010.11929",
        },
    ),
    "macedo2022isomax": (
        "article",
        {
            "title": "Entropic Out-of-Distribution Detection: Seamless Detection of Unknown Examples",
            "author": "Mac{\\^e}do, David and Ren, Tsang Ing and Zanchettin, Cleber and Oliveira, Adriano L. I. and "
            "Ludermir, Teresa",
            "journal": "IEEE Transactions on Neural Networks and Learning Systems",
            "volume": "33",
            "year": "2022",
            "eprint": "2006.04005",
        },
    ),
    "macedo2021isomaxplus": (
        "article",
        {
            "title": "Enhanced Isotropy Maximization Loss: Seamless and High-Performance Out-of-Distribution Detection "
            "Simply Replacing the {SoftMax} Loss",
            "author": "Mac{\\^e}do, David and Ludermir, Teresa",
            "journal": "arXiv preprint arXiv:2105.14399",
            "year": "2021",
            "eprint": "2105.14399",
        },
    ),
    "kingma2015adam": (
        "inproceedings",
        {
            "title": "Adam: A Method for Stochastic Optimization",
            "author": "Kingma, Diederik P. and Ba, Jimmy",
            "booktitle": "International Conference on Learning Representations (ICLR)",
            "year": "2015",
            "eprint": "1412.6980",
        },
    ),
    "mcinnes2018umap": (
        "article",
        {
            "title": "{UMAP}: Uniform Manifold Approximation and Projection for Dimension Reduction",
            "author": "McInnes, Leland and Healy, John and Melville, James",
            "journal": "arXiv preprint arXiv:1802.03426",
            "year": "2018",
            "eprint": "1802.03426",
        },
    ),
}

CITED: dict[str, tuple[str, ...]] = {
    "source": (),
    "norm": ("schneider2020improving", "nado2020evaluating"),
    "tent": ("wang2021tent",),
    "eta": ("niu2022efficient",),
    "eata": ("niu2022efficient",),
    "rdumb": ("press2023rdumb", "niu2022efficient"),
    "fashion-mnist": ("xiao2017fashion",),
    "resnet-bn": ("he2016deep", "ioffe2015batch"),
    "resnet-gn": ("he2016deep", "wu2018group"),
    "vit-ln": ("dosovitskiy2021image",),
    **dict.fromkeys(("resnet-bn-softmax", "resnet-bn-softmax-8-classes"), ("he2016deep", "ioffe2015batch")),
    **dict.fromkeys(
        ("resnet-bn-isomax", "resnet-bn-isomax-8-classes"), ("he2016deep", "ioffe2015batch", "macedo2022isomax")
    ),
    **dict.fromkeys(
        ("resnet-bn-isomaxplus", "resnet-bn-isomaxplus-8-classes"),
        ("he2016deep", "ioffe2015batch", "macedo2021isomaxplus"),
    ),
    "umap": ("mcinnes2018umap",),
    "umap-training": ("mcinnes2018umap",),
    "adam": ("kingma2015adam",),
}
"""What each method, dataset, model, projection and optimizer is cited by."""

# Made by this project, and so by nobody else's benchmark.
_OWN_SHIFTS = ("none", "rotation", "translation")


def bibtex(spec: RunSpec, run_id: str, version: str, projection: str = "umap") -> str:
    """Everything that a text on this run should cite, as the contents of a .bib file.

    >>> bibtex(RunSpec(method="source"), "429b4332ba79", "0.1.0", "pca").splitlines()[2]
    '@inproceedings{press2024entropy,'
    """
    heading = f"% What run {run_id} of Entropy Enigma {version} is made of: {run_command(spec)}"
    parts = [_entry(key, *ENTRIES[key]) for key in keys(spec, projection)]
    parts += [_entry(f"method-{_key(spec.method)}", "misc", _own_words(spec.method))] if _is_uncited(spec) else []
    software = {
        "title": "{Entropy Enigma}: an interactive laboratory for entropy minimisation at test time",
        "author": "{The Entropy Enigma contributors}",
        "note": f"Version {version}, run {run_id}",
    }
    return "\n\n".join([groups.plain(heading), *parts, _entry("entropyenigma", "misc", software)]) + "\n"


def keys(spec: RunSpec, projection: str = "umap") -> list[str]:
    """Citation keys of a run: the paper first, then method, data, shift, model, optimizer and projection."""
    uses_optimizer = spec.method not in METHODS or METHODS[spec.method].uses_gradient
    names = [spec.method, spec.dataset, spec.model, (spec.optimizer or "") if uses_optimizer else "", projection]
    found = [PAPER, *(key for name in names for key in CITED.get(name, ()))]
    if spec.corruption in CORRUPTIONS and spec.corruption not in _OWN_SHIFTS:
        found.append("hendrycks2019benchmarking")
    return list(dict.fromkeys(found))


def uncited() -> list[str]:
    """Names of the catalogue that have no publication here; their own words stand in."""
    return [name for name in (*METHODS, *DATASETS, *MODELS) if name not in CITED]


def _is_uncited(spec: RunSpec) -> bool:
    return spec.method not in CITED


def _own_words(method: str) -> dict[str, str]:
    if method not in METHODS:
        return {"title": _escaped(method), "note": "A method of one's own, given as module:function"}
    return {"title": _escaped(METHODS[method].title), "note": _escaped(METHODS[method].reference)}


def _entry(key: str, kind: str, fields: dict[str, str]) -> str:
    archive = {"archiveprefix": "arXiv"} if "eprint" in fields else {}
    lines = [f"  {name:<13} = {{{value}}}," for name, value in {**fields, **archive}.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _key(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())


def _escaped(text: str) -> str:
    """Text without what TeX would take for a command."""
    special = {letter: f"\\{letter}" for letter in "&%$#_{}"}
    return "".join(special.get(letter, letter) for letter in groups.plain(text).replace("\\", "/"))
