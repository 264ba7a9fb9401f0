"""What comes through the browser is kept under its digest, or refused in one sentence."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enigma.images.layouts import recognise
from enigma.spec.errors import InputError
from enigma.store import uploads
from enigma.store.uploads import keep_npz, keep_pictures, readable
from tests.models.test_from_spec import Exploit


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


IMAGES = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)


def test_images_are_kept_once_under_their_digest(tmp_path: Path) -> None:
    content = npz(images=IMAGES, labels=np.arange(4))
    kept = keep_npz(content, "my photos.npz", tmp_path / "uploads")
    assert kept.name == "my-photos.npz"
    assert kept.read_bytes() == content
    assert recognise(kept).describe() == "my-photos.npz: 4 images, 8x8, labels found"
    assert keep_npz(content, "again.npz", tmp_path / "uploads") == kept
    other = keep_npz(npz(images=IMAGES[:2]), "my photos.npz", tmp_path / "uploads")
    assert len(list((tmp_path / "uploads").iterdir())) == 2
    assert other.parent != kept.parent


@pytest.mark.parametrize("name", ["../../evil.npz", ".npz", "/etc/passwd", "a\\b<script>.npz", "x" * 300 + ".npz"])
def test_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    kept = keep_npz(npz(images=IMAGES), name, tmp_path)
    assert kept.parent.parent == tmp_path
    assert kept.suffix == ".npz"


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, images=np.array([Exploit()], dtype=object))
    return buffer.getvalue()


def claiming(shape: str) -> bytes:
    """An array whose header claims more than there is."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    return buffer.getvalue()


def damaged() -> bytes:
    content = bytearray(npz(images=IMAGES))
    content[100:200] = bytes(100)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip", "photos.npz to be an .npz"),
        (npz(labels=np.arange(3)), "photos.npz to hold an array 'images', but it holds labels"),
        (npz(images=IMAGES.astype(np.int64)), "uint8"),
        (npz(images=IMAGES[:0]), "shape"),
        (npz(images=IMAGES, labels=np.arange(3)), "label for each of the 4 images in photos.npz"),
        (pickled(), "photos.npz to be an .npz of plain arrays"),
        (claiming("(99999999, 9999, 9999, 3)"), "photos.npz to be an .npz of plain arrays"),
        (damaged(), "photos.npz to be an .npz of plain arrays"),
    ],
    ids=["text", "labels", "int64", "none", "few-labels", "pickle", "claim", "damaged"],
)
def test_what_is_no_dataset_is_one_sentence_and_is_not_kept(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        keep_npz(content, "photos.npz", tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert not Path("ran").exists()


def test_sizes_are_limited_before_anything_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UNPACKED_MEGABYTES", 1)
    zeros = npz(images=np.zeros((400, 32, 32, 3), np.uint8))
    assert len(zeros) < 10_000
    with pytest.raises(InputError, match="its arrays to be at most 1 MB, but got 1 MB"):
        keep_npz(zeros, "zeros.npz", tmp_path)
    monkeypatch.setattr(uploads, "LARGEST_MEGABYTES", 0)
    with pytest.raises(InputError, match="an upload to be at most 0 MB"):
        keep_npz(npz(images=IMAGES), "photos.npz", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="Expected to write below .*uploads"):
        keep_npz(npz(images=IMAGES), "photos.npz", tmp_path / "uploads")


def picture(seed: int = 0, kind: str = "PNG", size: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def test_pictures_are_kept_once_as_an_unlabelled_folder_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = [("trip/b.png", picture(1)), ("trip/a.png", picture(0)), ("trip/.DS_Store", b"left out")]
    kept = keep_pictures(files, tmp_path / "uploads")
    assert kept.name == "trip"
    assert [path.name for path in sorted(kept.iterdir())] == ["00000-a.png", "00001-b.png"]
    assert (kept / "00000-a.png").read_bytes() == picture(0)
    assert recognise(kept).describe() == "Folder trip: 2 images, 8x8, no labels"
    assert keep_pictures(files[::-1], tmp_path / "uploads") == kept
    assert keep_pictures(files[:1], tmp_path / "uploads").parent != kept.parent
    assert len(list((tmp_path / "uploads").iterdir())) == 2


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/passwd.png", "..\\..\\evil.png", "a<script>.png", "x" * 300])
def test_name_of_a_picture_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    kept = keep_pictures([(name, picture())], tmp_path / "uploads")
    assert kept.parent.parent == tmp_path / "uploads"
    (path,) = kept.iterdir()
    assert path.suffix == ".png"
    assert [p.name for p in tmp_path.iterdir()] == ["uploads"]


def test_ending_follows_the_content(tmp_path: Path) -> None:
    (path,) = keep_pictures([("photo.png", picture(kind="JPEG"))], tmp_path).iterdir()
    assert path.name == "00000-photo.jpg"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("notes.png", b"no picture")], "Expected notes.png to be a picture"),
        ([("good.png", picture()), ("cut.png", picture(size=64)[:200])], "Expected cut.png to be a picture"),
        ([("drawing.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")], "Expected drawing.png"),
        ([], "Expected 1 to 5,000 pictures, but got 0"),
        ([(".hidden.png", picture())], "but got 0"),
    ],
    ids=["text", "cut", "postscript", "none", "hidden"],
)
def test_what_is_no_picture_is_one_sentence_and_is_not_kept(tmp_path: Path, files: list, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        keep_pictures(files, tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_left_out_and_named() -> None:
    files = [("b.png", picture(1)), ("cut.png", picture(size=64)[:200]), ("a.png", picture()), (".hidden", b"x")]
    good, refused = readable(files)
    assert [name for name, _ in good] == ["a.png", "b.png"]
    assert refused == ["cut.png"]
    with pytest.raises(InputError, match=r"Expected cut\.png to be a picture"):
        readable(files[1:2])


def test_number_and_size_of_pictures_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_PIXELS", 63)
    with pytest.raises(InputError, match="at most 63 pixels, but a.png has 8 x 8"):
        keep_pictures([("a.png", picture())], tmp_path)
    monkeypatch.setattr(uploads, "MOST_PICTURES", 1)
    with pytest.raises(InputError, match="Expected 1 to 1 pictures, but got 2"):
        keep_pictures([("a.png", picture()), ("b.png", picture())], tmp_path)
    monkeypatch.setattr(uploads, "LARGEST_MEGABYTES", 0)
    with pytest.raises(InputError, match="at most 0 MB together"):
        keep_pictures([("a.png", picture())], tmp_path)
    assert list(tmp_path.iterdir()) == []
