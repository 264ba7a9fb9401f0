"""The forms in which a dataset may lie on disk, by name: what each is called, and what reads it.

A new layout is one file in `enigma/images/layouts/` and one entry in `LAYOUTS`; help texts, errors and the page's
labels are made from the entries.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetLayout:
    """A form in which a dataset may lie on disk.

    Attributes:
        title: with its article where it has one, e.g. 'tar shards'.
        holds: what lies there.
        reader: 'module:function'; called as `function(path, corruption, severity)`, and returns a
            `enigma.images.layouts.layout.Layout`, or None where something else lies there.
        file: the layout as one file, with its article, e.g. 'a .tar'; empty where it is always a folder.
        has_corruptions: whether it holds several corruptions, of which `corruption` names one.
    """

    title: str
    holds: str
    reader: str
    file: str = ""
    has_corruptions: bool = False


LAYOUTS: dict[str, DatasetLayout] = {
    "npz": DatasetLayout(
        "an .npz", "arrays `images`, perhaps `labels` and `classes`", "enigma.images.layouts.npz:read", file="an .npz"
    ),
    "parquet": DatasetLayout(
        "Parquet as Hugging Face writes it",
        "`*.parquet` with `image: {bytes, path}` and perhaps `label`; one of several splits as `flowers/test`",
        "enigma.images.layouts.parquet:read",
        file="a .parquet",
    ),
    "cifar-c": DatasetLayout(
        "CIFAR-10-C, CIFAR-100-C",
        "`<corruption>.npy`, `labels.npy`",
        "enigma.images.layouts.cifar_c:read",
        has_corruptions=True,
    ),
    "tar-shards": DatasetLayout(
        "tar shards",
        "uncompressed `*.tar` with `000.jpg` and `000.cls` or `000.json` (WebDataset), or as CCC's",
        "enigma.images.layouts.tar_shards:read",
        file="a .tar",
    ),
    "mnist-c": DatasetLayout(
        "MNIST-C",
        "`<corruption>/test_images.npy`, `test_labels.npy`",
        "enigma.images.layouts.mnist_c:read",
        has_corruptions=True,
    ),
    "imagenet-c": DatasetLayout(
        "ImageNet-C",
        "`<corruption>/<severity>/<class>/<picture>`",
        "enigma.images.layouts.imagenet_c:read",
        has_corruptions=True,
    ),
    "folder": DatasetLayout(
        "a folder with one sub-folder a class, or of unlabelled images",
        "`<class>/<picture>`, or pictures alone",
        "enigma.images.layouts.folder:read",
    ),
}
"""In the order in which they are tried: the last takes whatever pictures are left."""


def _either(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


KNOWN = "; ".join(layout.title for layout in LAYOUTS.values())
"""All of them in words."""

FILES = _either([layout.file for layout in LAYOUTS.values() if layout.file])
"""Those that are one file: 'an .npz or a .tar'."""

PLACE = "Folder, " + _either([layout.file.split()[-1] for layout in LAYOUTS.values() if layout.file])
"""The label of a field for a path: 'Folder, .npz or .tar'."""

BENCHMARKS = _either(", ".join(layout.title for layout in LAYOUTS.values() if layout.has_corruptions).split(", "))
"""Those that hold several corruptions."""
