"""What to cite for a run: the paper, its method, data, corruption, model and projection, as BibTeX.

`references.bib` holds the publications, `CITED` says which of them a name of the catalogue needs. A method that is not
in `CITED` is cited by the `reference` of its catalogue entry, so that it works from the first day.
"""

import re
from functools import cache
from importlib.resources import files

from enigma.analysis.projection.names import DEFAULT, TRUE_DISTANCES
from enigma.figures.shared import groups
from enigma.figures.shared.command_lines import run_command
from enigma.spec.catalogue import CORRUPTIONS, METHODS
from enigma.spec.run_spec import RunSpec

PAPER = "press2024entropy"

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
    TRUE_DISTANCES: ("mcinnes2018umap",),
    "umap": ("mcinnes2018umap",),
    "umap-training": ("mcinnes2018umap",),
    "adam": ("kingma2015adam",),
}
"""What each method, dataset, model, projection and optimizer is cited by."""

# Made by this project, and so by nobody else's benchmark.
_OWN_SHIFTS = ("none", "rotation", "translation")


def bibtex(spec: RunSpec, run_id: str, version: str, projection: str = DEFAULT) -> str:
    """Everything that a text on this run should cite, as the contents of a .bib file.

    >>> bibtex(RunSpec(method="source"), "429b4332ba79", "0.1.0", "pca").splitlines()[2]
    '@inproceedings{press2024entropy,'
    """
    heading = f"% What run {run_id} of Entropy Enigma {version} is made of: {run_command(spec)}"
    parts = [entries()[key] for key in keys(spec, projection)]
    parts += [_entry(f"method-{_key(spec.method)}", "misc", _own_words(spec.method))] if _is_uncited(spec) else []
    software = {
        "title": "{Entropy Enigma}: an interactive laboratory for entropy minimisation at test time",
        "author": "{The Entropy Enigma contributors}",
        "note": f"Version {version}, run {run_id}",
    }
    return "\n\n".join([groups.printable(heading), *parts, _entry("entropyenigma", "misc", software)]) + "\n"


def keys(spec: RunSpec, projection: str = DEFAULT) -> list[str]:
    """Citation keys of a run: the paper first, then method, data, shift, model, optimizer and projection."""
    uses_optimizer = spec.method not in METHODS or METHODS[spec.method].uses_gradient
    names = [spec.method, spec.dataset, spec.model, (spec.optimizer or "") if uses_optimizer else "", projection]
    found = [PAPER, *(key for name in names for key in CITED.get(name, ()))]
    if spec.corruption in CORRUPTIONS and spec.corruption not in _OWN_SHIFTS:
        found.append("hendrycks2019benchmarking")
    return list(dict.fromkeys(found))


@cache
def entries() -> dict[str, str]:
    """The entries of `references.bib` as they are written there, by citation key.

    An entry ends with a brace at the beginning of a line.

    >>> entries()["ioffe2015batch"].splitlines()[0]
    '@inproceedings{ioffe2015batch,'
    """
    text = files(__package__).joinpath("references.bib").read_text(encoding="utf-8")
    found = re.finditer(r"^@\w+\{(?P<key>\w+),$.*?^\}$", text, re.MULTILINE | re.DOTALL)
    return {entry["key"]: entry[0] for entry in found}


def _is_uncited(spec: RunSpec) -> bool:
    return spec.method not in CITED and spec.watched is None


def _own_words(method: str) -> dict[str, str]:
    if method not in METHODS:
        return {"title": _escaped(method), "note": "A method of one's own, given as module:function"}
    return {"title": _escaped(METHODS[method].title), "note": _escaped(METHODS[method].reference)}


def _entry(key: str, kind: str, fields: dict[str, str]) -> str:
    lines = [f"  {name:<13} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _key(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())


def _escaped(text: str) -> str:
    """Text without what TeX would take for a command."""
    special = {letter: f"\\{letter}" for letter in "&%$#_{}"}
    return "".join(special.get(letter, letter) for letter in groups.printable(text).replace("\\", "/"))
