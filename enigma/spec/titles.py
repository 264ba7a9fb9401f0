"""A run in words, made from its spec."""

from pathlib import Path

from enigma.spec.catalogue import CORRUPTIONS, DATASETS, METHODS
from enigma.spec.run_spec import RunSpec


def title(spec: RunSpec) -> str:
    """'Tent · Gaussian noise 3': method, corruption and severity, and the folder of one's own images.

    Of a loop that was watched it is the name that the loop was given.
    """
    if spec.watched is not None:
        return spec.watched
    method = method_title(spec)
    told = shift(spec) + (f", {spec.sequence}" if spec.sequence else "")
    if spec.corruption == "none":
        told = "clean images" if spec.dataset in DATASETS else "own images"
    place = "" if spec.dataset in DATASETS else f" · {Path(spec.dataset).name}"
    return f"{method} · {told}{place}"


def method_title(spec: RunSpec) -> str:
    """The method by its title, one's own by its name, and a loop that was watched by the name it was given.

    >>> method_title(RunSpec(method="eata"))
    'EATA'
    """
    return spec.watched or (METHODS[spec.method].title if spec.method in METHODS else spec.method)


def shift(spec: RunSpec) -> str:
    """The corruptions by title, with their severity; a dataset may have others than the catalogue.

    >>> shift(RunSpec(corruption="fog,elastic_blur", severity=2, sequence="mixed", dataset="my/images"))
    'Fog → Elastic blur 2'
    """
    if spec.corruption == "none":
        return "none"
    names = (CORRUPTIONS[n].title if n in CORRUPTIONS else n.replace("_", " ").capitalize() for n in spec.corruptions)
    return f"{' → '.join(names)} {spec.severity}"


def unchanged_images(count: int, of: int) -> str:
    """What a corruption left as it was, in a sentence.

    >>> unchanged_images(13, 1000)
    '13 of 1,000 probe images are as they were before corruption: it changed no pixel of them.'
    """
    return f"{count:,} of {of:,} probe images are as they were before corruption: it changed no pixel of them."
