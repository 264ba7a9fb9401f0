"""Writes small datasets in the layouts of the published ones, from bundled images."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from PIL import Image

from enigma.images import image_set

WNIDS = ("n01440764", "n01443537", "n01484850", "n01491361")


def bundled(count: int) -> tuple[np.ndarray, np.ndarray]:
    data = image_set.bundled("test")
    return np.asarray(data.images[:count]), data.labels[:count]


def imagenet_c(root: Path, *, size: int = 32, each: int = 5, corruptions: tuple[str, ...] = ("fog", "snow")) -> Path:
    """<corruption>/<severity>/<wnid>/ILSVRC2012_val_*.JPEG."""
    rng = np.random.default_rng(0)
    for corruption in corruptions:
        for severity in range(1, 6):
            for place, wnid in enumerate(WNIDS):
                folder = root / corruption / str(severity) / wnid
                folder.mkdir(parents=True)
                for number in range(each):
                    coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8) // 2 + 30 * place
                    picture = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
                    picture.save(folder / f"ILSVRC2012_val_{place * each + number:08d}.JPEG", quality=90)
    return root


def cifar_c(root: Path, *, each: int = 40, corruptions: tuple[str, ...] = ("fog", "gaussian_noise")) -> Path:
    """<corruption>.npy with five severities of the same images, and labels.npy."""
    root.mkdir(parents=True)
    pictures, labels = bundled(each)
    for corruption in corruptions:
        darker = [(pictures * (1 - severity / 10)).astype(np.uint8) for severity in range(5)]
        np.save(root / f"{corruption}.npy", np.concatenate(darker))
    np.save(root / "labels.npy", np.tile(labels.astype(np.uint8), 5))
    return root


def mnist_c(root: Path, *, count: int = 40) -> Path:
    """<corruption>/test_images.npy of shape (images, 28, 28, 1), and test_labels.npy."""
    pictures, labels = bundled(count)
    for corruption in ("identity", "zigzag"):
        folder = root / corruption
        folder.mkdir(parents=True)
        np.save(folder / "test_images.npy", pictures[:, 2:30, 2:30, :1])
        np.save(folder / "test_labels.npy", labels)
    return root


def classes(root: Path, *, count: int = 40) -> Path:
    """One sub-folder a class."""
    data = image_set.bundled("test")
    for position in range(count):
        folder = root / data.classes[data.labels[position]]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.images[position]).save(folder / f"{position:03d}.png")
    return root


def flat(root: Path, *, count: int = 40) -> Path:
    """Images nobody has labelled."""
    root.mkdir(parents=True)
    for position, picture in enumerate(bundled(count)[0]):
        Image.fromarray(picture).save(root / f"{position:03d}.png")
    return root


def encoded(picture: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def hugging_face(root: Path, *, count: int = 40, splits: tuple[str, ...] = ("test",), parts: int = 2) -> Path:
    """data/<split>-0000n-of-0000m.parquet with `image: {bytes, path}`, and the names of the classes in the schema."""
    data = image_set.bundled("test")
    (root / "data").mkdir(parents=True)
    # Turned round, so that the numbers of the labels are not those of a bundled model.
    names = data.classes[::-1]
    features = {"image": {"_type": "Image"}, "label": {"names": list(names), "_type": "ClassLabel"}}
    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    schema = pyarrow.schema(
        [("image", kind), ("label", pyarrow.int64())],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    for split in splits:
        for part, positions in enumerate(np.array_split(np.arange(count), parts)):
            rows = {
                "image": [{"bytes": encoded(data.images[p]), "path": f"{p}.png"} for p in positions],
                "label": [9 - int(data.labels[p]) for p in positions],
            }
            file = root / "data" / f"{split}-{part:05d}-of-{parts:05d}.parquet"
            pyarrow.parquet.write_table(pyarrow.table(rows, schema=schema), file, row_group_size=7)
    return root


def shards(root: Path, files: dict[str, bytes], *, name: str = "000000.tar") -> Path:
    """One tar of files."""
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(root / name, "w") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return root
