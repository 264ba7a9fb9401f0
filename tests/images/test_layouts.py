"""Datasets are recognised by their layout and described before anything is read."""

import importlib
import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enigma.images import image_set
from enigma.images.broken_pictures import broken_pictures
from enigma.images.class_mapping import labels_of, matching, wnids
from enigma.images.image_set import from_pictures
from enigma.images.layouts import Layout, recognise
from enigma.models.preprocess import Preprocess
from enigma.spec.dataset_layouts import BENCHMARKS, FILES, LAYOUTS
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from tests.images import layouts

CLASSES = image_set.fashion_mnist.CLASSES


def test_cifar_c_is_the_rows_of_its_severity(tmp_path: Path) -> None:
    root = layouts.cifar_c(tmp_path / "CIFAR-10-C")
    layout = recognise(root, "fog", 3)
    assert layout.describe() == "CIFAR-10-C, fog, severity 3: 40 images, 32x32, labels found"
    whole = np.load(root / "fog.npy")
    pictures = from_pictures(layout.pictures, layout.labels, CLASSES, Preprocess(32))
    np.testing.assert_array_equal(pictures.images[:], whole[80:120])
    np.testing.assert_array_equal(pictures.labels, np.load(root / "labels.npy")[80:120])
    leaf = recognise(root / "fog.npy", "none", 3)
    assert leaf.describe() == layout.describe()
    assert layout.is_corrupted


def test_mnist_c_has_no_severities_and_is_padded_to_the_size_of_the_bundled_models(tmp_path: Path) -> None:
    root = layouts.mnist_c(tmp_path / "mnist_c")
    layout = recognise(root, "zigzag", 4)
    assert layout.describe() == "MNIST-C, zigzag: 40 images, 28x28, labels found"
    preprocess = Preprocess(32).ready(layout.size)
    pictures = from_pictures(layout.pictures, layout.labels, CLASSES, preprocess)
    np.testing.assert_array_equal(pictures.images[:], layouts.bundled(40)[0])
    assert "padded with black" in preprocess.describe()
    assert recognise(root / "zigzag").describe() == layout.describe()


@pytest.mark.parametrize("path", ["", "fog", "fog/3"])
def test_imagenet_c_is_found_from_the_root_a_corruption_or_a_leaf_and_not_resized_again(
    tmp_path: Path, path: str
) -> None:
    root = layouts.imagenet_c(tmp_path / "ImageNet-C", size=32)
    layout = recognise(root / path, "fog", 3)
    assert layout.describe() == "ImageNet-C, fog, severity 3: 20 images, 32x32, labels found in 4 classes"
    usual = Preprocess(32, 36)
    pictures = from_pictures(layout.pictures, layout.labels, layouts.WNIDS, usual.ready(layout.size))
    file = root / "fog" / "3" / layouts.WNIDS[1] / "ILSVRC2012_val_00000005.JPEG"
    np.testing.assert_array_equal(pictures.images[5], np.asarray(Image.open(file)))
    assert pictures.labels.tolist() == [place for place in range(4) for _ in range(5)]


def test_wnids_are_matched_for_a_thousand_classes_also_as_a_part(tmp_path: Path) -> None:
    layout = recognise(layouts.imagenet_c(tmp_path / "c", corruptions=("fog",)) / "fog" / "1")
    names = tuple(f"name {place}" for place in range(1000))
    assert set(labels_of(layout, names)) == {0, 1, 2, 3}
    assert len(wnids()) == 1000
    assert wnids()[281] == "n02123045"  # tabby


def test_class_map_says_which_class_a_folder_is(tmp_path: Path) -> None:
    layout = recognise(layouts.imagenet_c(tmp_path / "c", corruptions=("fog",)) / "fog" / "1")
    (tmp_path / "map.json").write_text(json.dumps(dict(zip(layouts.WNIDS, ["Bag", 0, "boot", 3], strict=True))))
    (tmp_path / "map.txt").write_text("".join(f"{w} {c}\n" for w, c in zip(layouts.WNIDS, [8, 0, 9, 3], strict=True)))
    for name in ("map.json", "map.txt"):
        labels = labels_of(layout, CLASSES, str(tmp_path / name))
        assert labels[::5].tolist() == [8, 0, 9, 3]
    with pytest.raises(InputError, match="10 classes.*got 4.*`class_map`"):
        labels_of(layout, CLASSES)
    (tmp_path / "map.txt").write_text("n01440764 40\n")
    with pytest.raises(InputError, match="0 to 9.*'40'"):
        labels_of(layout, CLASSES, str(tmp_path / "map.txt"))


def test_folder_of_classes_and_folder_without(tmp_path: Path) -> None:
    named = recognise(layouts.classes(tmp_path / "photos"))
    assert re.match(r"Folder photos: 40 images, 32x32, labels found in \d+ classes$", named.describe())
    np.testing.assert_array_equal(np.sort(labels_of(named, CLASSES)), np.sort(layouts.bundled(40)[1]))
    loose = recognise(layouts.flat(tmp_path / "loose"))
    assert loose.describe() == "Folder loose: 40 images, 32x32, no labels"
    assert set(loose.labels) == {-1}


def folders(root: Path, *names: str) -> Layout:
    """One picture in each of some folders."""
    for place, name in enumerate(names):
        (root / name).mkdir(parents=True)
        Image.new("RGB", (8, 8), (place, 0, 0)).save(root / name / "a.png")
    return recognise(root)


@pytest.mark.parametrize(
    ("names", "how"),
    [
        (("ship", "cat", "dog"), "matched by name"),
        (("SHIP", "Cat", "d_o_g"), ""),
        (("ships", "cats", "dogs"), "matched by name, 3 of them spelled differently, such as 'cats' for 'cat'"),
        (("feline", "dog", "ship"), "matched by name, 1 of them spelled differently: 'feline' for 'cat, feline'"),
        (("0", "1", "2"), "matched by number"),
        (("1", "2", "3"), ""),
        (("bird", "cat", "dog"), ""),
        (("a", "b", "c"), ""),
    ],
)
def test_folders_are_matched_by_name_and_never_by_their_order(tmp_path: Path, names: tuple, how: str) -> None:
    # Not in alphabetical order, as most models' classes.
    classes = ("ship", "dog", "cat, feline" if "feline" in names else "cat")
    layout = folders(tmp_path / "photos", *names)
    assert matching(layout.folders, classes) == how
    if not how:
        with pytest.raises(InputError, match="3 classes.*none of them; say which is which with `class_map`"):
            labels_of(layout, classes)
        return
    kinds = {"s": 0, "d": 1, "c": 2, "f": 2, "0": 0, "1": 1, "2": 2}
    assert labels_of(layout, classes).tolist() == [kinds[name[0].lower()] for name in layout.folders]


def test_folders_that_may_mean_the_same_class_are_refused(tmp_path: Path) -> None:
    layout = folders(tmp_path / "photos", "cat", "cats")
    with pytest.raises(InputError, match="could be several of them"):
        labels_of(layout, ("cat", "dog"))


def test_npz_of_images_with_and_without_labels(tmp_path: Path) -> None:
    pictures, labels = layouts.bundled(12)
    np.savez(tmp_path / "a.npz", images=pictures, labels=labels)
    np.savez(tmp_path / "b.npz", images=pictures.transpose(0, 3, 1, 2) / 255.0)
    with_labels, without = recognise(tmp_path / "a.npz"), recognise(tmp_path / "b.npz")
    assert with_labels.describe() == "a.npz: 12 images, 32x32, labels found"
    assert without.describe() == "b.npz: 12 images, 32x32, no labels"
    np.testing.assert_array_equal(without.pictures.image(3), pictures[3])
    np.testing.assert_array_equal(labels_of(with_labels, CLASSES), labels)
    with pytest.raises(InputError, match="0 to 4.*up to 9"):
        labels_of(with_labels, CLASSES[:5])


def test_tar_shards_are_read_in_place(tmp_path: Path) -> None:
    pictures, labels = layouts.bundled(6)
    for shard in range(2):
        with tarfile.open(tmp_path / f"serial_{shard:05d}.tar", "w") as archive:
            for number in range(3 * shard, 3 * shard + 3):
                buffer = io.BytesIO()
                Image.fromarray(pictures[number]).save(buffer, "PNG")
                files = ((".input.png", buffer.getvalue()), (".output.cls", str(labels[number]).encode()))
                for kind, content in files:
                    entry = tarfile.TarInfo(f"{number:06d}{kind}")
                    entry.size = len(content)
                    archive.addfile(entry, io.BytesIO(content))
    layout = recognise(tmp_path)
    assert layout.describe() == f"2 tar shards in {tmp_path.name}: 6 images, 32x32, labels found"
    read = from_pictures(layout.pictures, layout.labels, CLASSES, Preprocess(32))
    np.testing.assert_array_equal(read.images[:], pictures)
    np.testing.assert_array_equal(read.labels, labels)


def test_broken_files_are_found_and_remembered(tmp_path: Path) -> None:
    root = layouts.flat(tmp_path / "photos", count=8)
    whole = (root / "003.png").read_bytes()
    (root / "003.png").write_bytes(whole[: len(whole) // 2])
    (root / "005.png").write_bytes(b"no picture")
    (root / "006.png").write_bytes(b"")
    pictures = recognise(root).pictures
    assert broken_pictures(pictures, tmp_path / "cache") == (3, 5, 6)
    (root / "003.png").write_bytes(whole[: len(whole) // 2])
    again = recognise(root).pictures
    assert again.digest == pictures.digest
    assert broken_pictures(again, tmp_path / "cache") == (3, 5, 6)
    (root / "003.png").write_bytes(whole)
    assert broken_pictures(recognise(root).pictures, tmp_path / "cache") == (5, 6)


def test_truncated_jpeg_is_broken(tmp_path: Path) -> None:
    root = layouts.imagenet_c(tmp_path / "c", size=64, corruptions=("fog",)) / "fog" / "1"
    file = root / layouts.WNIDS[2] / "ILSVRC2012_val_00000012.JPEG"
    file.write_bytes(file.read_bytes()[:-300])
    pictures = recognise(root).pictures
    assert [pictures.name(p) for p in broken_pictures(pictures, tmp_path)] == [f"{layouts.WNIDS[2]}/{file.name}"]


@pytest.mark.parametrize(
    ("path", "corruption", "message"),
    [
        ("nowhere", "none", "nowhere"),
        ("empty", "none", "sub-folder a class"),
        ("cifar", "none", r"`corruption`.*fog, gaussian_noise.*'none'"),
        ("cifar/fog.npy", "snow", r"`corruption`.*fog.*'snow'"),
        ("imagenet", "frost", r"`corruption`.*fog, snow.*'frost'"),
        ("imagenet/fog/3", "snow", r"`corruption`.*fog.*'snow'"),
        ("bad.npz", "none", "bad.npz"),
        ("other.npz", "none", "'images'.*pixels"),
        ("shape.npz", "none", r"\(4, 7\)"),
        ("bad.tar", "none", "uncompressed tar"),
    ],
)
def test_what_is_wrong_with_a_dataset_is_one_sentence(tmp_path: Path, path: str, corruption: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    layouts.cifar_c(tmp_path / "cifar", each=10)
    layouts.imagenet_c(tmp_path / "imagenet", each=1)
    (tmp_path / "bad.npz").write_bytes(b"no zip")
    (tmp_path / "bad.tar").write_bytes(b"no tar" * 200)
    np.savez(tmp_path / "other.npz", pixels=np.zeros(3))
    np.savez(tmp_path / "shape.npz", images=np.zeros((4, 7), np.uint8))
    with pytest.raises(InputError, match=message) as caught:
        recognise(tmp_path / path, corruption, 3)
    assert "\n" not in str(caught.value)


def test_every_layout_has_a_reader_and_is_named_by_the_spec_and_by_the_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        recognise(tmp_path)
    for name, layout in LAYOUTS.items():
        module, _, function = layout.reader.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
        assert layout.title in (RunSpec.model_fields["dataset"].description or "")
        assert layout.title in str(caught.value) or name == "folder"
        assert layout.file in FILES
        assert not layout.has_corruptions or layout.title.split(", ")[0] in BENCHMARKS


def test_npz_cannot_run_code(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="plain arrays"):
        recognise(tmp_path / "a.npz")
