"""A zip of runs from anywhere: a sentence for what is wrong with it, little memory, and nothing left behind."""

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from enigma.spec.errors import CorruptRunError, InputError
from enigma.store import archive
from tests.stored import TINY_ID, stored

Files = dict[str, bytes]
DEEP = b"[" * 100_000


def files() -> Files:
    folder = stored(TINY_ID)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def packed(content: Files, *, resealed: bool = False, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The zip; with a manifest of these very files where whoever changed them knows how to make one."""
    if resealed:
        sealed = json.loads(content["manifest.json"])
        digests = {name: hashlib.sha256(content[name]).hexdigest() for name in sealed if name in content}
        content = {**content, "manifest.json": json.dumps(digests).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, each in content.items():
            target.writestr(f"{TINY_ID}/{name}", each)
    return buffer.getvalue()


def replaced(name: str, content: bytes, **how) -> Callable[[], bytes]:
    return lambda: packed({**files(), name: content}, **how)


def changed(name: str, *, resealed: bool = True, **values) -> Callable[[], bytes]:
    """With some fields of a JSON file set, or taken away with None."""

    def make() -> bytes:
        content = files()
        found = {**json.loads(content[name]), **values}
        kept = {key: value for key, value in found.items() if value != "taken away"}
        return packed({**content, name: json.dumps(kept).encode()}, resealed=resealed)

    return make


def without(name: str) -> Callable[[], bytes]:
    return lambda: packed({key: content for key, content in files().items() if key != name})


def patched(old: bytes, new: bytes) -> Callable[[], bytes]:
    """With something in the headers of the zip changed."""
    return lambda: packed(files()).replace(old, new)


def encrypted() -> bytes:
    content = bytearray(packed(files()))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    return bytes(content)


def of_an_unknown_method() -> bytes:
    content = bytearray(packed(files()))
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + method] = 99
    return bytes(content)


def twice() -> bytes:
    buffer = io.BytesIO(packed(files()))
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as target:
        warnings.simplefilter("ignore")
        target.writestr(f"{TINY_ID}/run.json", "{}")
    return buffer.getvalue()


def of_many() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for number in range(15_000):
            target.writestr(f"{TINY_ID}/frames/{number:06d}.safetensors", b"")
    return buffer.getvalue()


def manifest_of(**digests: str) -> Callable[[], bytes]:
    return lambda: packed({**files(), "manifest.json": json.dumps(digests).encode()})


def picture(width: int, height: int) -> bytes:
    """The first bytes of a WebP picture that says how large it is."""
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + sizes


def frame(change: Callable) -> Callable[[], bytes]:
    """With one frame's arrays changed."""
    from safetensors.numpy import load, save

    def make() -> bytes:
        content, name = files(), "frames/000003.safetensors"
        return packed({**content, name: save(change(load(content[name])))}, resealed=True)

    return make


def long_header() -> bytes:
    content, name = files(), "probe.safetensors"
    return packed({**content, name: (2**62).to_bytes(8, "little") + content[name][8:]}, resealed=True)


ATTACKS = {
    # The list of the zip.
    "no zip": (lambda: b"hello", "another kind of file"),
    "cut off": (lambda: packed(files())[:-2000], "another kind of file"),
    "way out": (replaced("../../evil.json", b"x"), "evil.json"),
    "way out by backslash": (replaced("..\\evil.json", b"x"), "evil.json"),
    "code": (replaced("code.py", b"x"), "code.py"),
    "digits of another script": (replaced("frames/٠٠٠٠٠١.safetensors", b"x"), "frames"),
    "frame of 400 digits": (replaced(f"frames/{'1' * 400}.safetensors", b"x"), "frames"),
    "a name twice": (twice, "twice"),
    "encrypted": (encrypted, "encrypted"),
    "unknown method": (of_an_unknown_method, "another method"),
    "another known method": (lambda: packed(files(), method=zipfile.ZIP_BZIP2), "another method"),
    "list of a megabyte": (of_many, "list of files"),
    "large file that says it is small": (replaced("status.json", b" " * (2 << 20)), "unpacks from"),
    "bomb": (replaced("frames/000009.safetensors", bytes(1 << 25)), "unpacks from"),
    # What the manifest says.
    "no manifest": (without("manifest.json"), "manifest.json"),
    "no status": (without("status.json"), "status.json"),
    "no probe": (without("probe.safetensors"), "probe.safetensors"),
    "manifest of nothing": (manifest_of(), "leaves out run.json"),
    "manifest of little": (manifest_of(**{"run.json": "0" * 64}), "changed, or not in the manifest"),
    "manifest that is a list": (replaced("manifest.json", b"[]"), "a list"),
    "manifest of files elsewhere": (manifest_of(**{"../../etc/passwd": "0" * 64}), "etc/passwd"),
    "manifest without digests": (manifest_of(**{"run.json": "x"}), "is wrong"),
    "deep manifest": (replaced("manifest.json", DEEP), "deeper than"),
    "file that is not sealed": (replaced("frames/000009.safetensors", b"x"), "not in the manifest"),
    "file that is changed": (replaced("scalars.csv", b"x"), "scalars.csv is changed"),
    "file that is missing": (without("scalars.csv"), "scalars.csv in the zip .* is missing"),
    "damaged bytes": (patched(files()["thumbnails.webp"][100:120], b"x" * 20), "damaged"),
    # What the files say, sealed by whoever made them.
    **{f"deep {name}": (replaced(name, DEEP, resealed=True), "deeper than|label") for name in (
        "run.json", "status.json", "label.json")},
    "cut off run.json": (replaced("run.json", files()["run.json"][:300], resealed=True), "run.json"),
    "infinite number": (replaced("status.json", b'{"state": "finished", "step": 8, "updated": 1e999}'), "not finite"),
    "number of 4,000 digits": (replaced("status.json", b'{"state": "paused", "step": %s}' % (b"9" * 4000)), "64 bits"),
    "number of 5,000 digits": (replaced("status.json", b'{"state": "paused", "step": %s}' % (b"9" * 5000)), "digits"),
    "no classes": (changed("run.json", classes="taken away"), "'classes' is wrong"),
    "classes that are numbers": (changed("run.json", classes=[1, 2]), "'classes.0' is wrong"),
    "accuracy above 1": (changed("run.json", source_accuracy=7.0), "'source_accuracy' is wrong"),
    "no time": (changed("run.json", created="yesterday"), "'created' is wrong"),
    "another id": (changed("run.json", id="0" * 12), "renamed or changed"),
    "field of a later version": (changed("run.json", spec={"colour": "red"}), "colour"),
    "running": (changed("status.json", state="running"), "has settled"),
    "unknown state": (changed("status.json", state="happy"), "'state' is wrong"),
    "step beyond the spec": (changed("status.json", step=9), "of 8"),
    "frame beyond the step": (changed("status.json", step=1), "frame at 8"),
    "fewer classes": (changed("run.json", classes=["a", "b"]), "2 classes|classes below 2"),
    "frame of fewer images": (frame(lambda a: {**a, "entropies": a["entropies"][:5]}), "60 images in 'entropies'"),
    "frame without embeddings": (frame(lambda a: {k: a[k] for k in a if k != "embeddings"}), "'embeddings'"),
    "frame of other features": (frame(lambda a: {**a, "embeddings": a["embeddings"][:, :5].copy()}), "96 features"),
    "class that is none": (frame(lambda a: {**a, "top_classes": a["top_classes"] + 200}), "classes below 10"),
    "entropies that are no number": (frame(lambda a: {**a, "entropies": a["entropies"] * np.nan}), "finite numbers"),
    "embedding without end": (frame(lambda a: {**a, "embeddings": a["embeddings"] * np.inf}), "finite numbers"),
    "header longer than the file": (long_header, "header"),
    "scalars of another shape": (replaced("scalars.csv", b"a,b\n1,2\n", resealed=True), "scalars.csv"),
    "scalars that are text": (replaced("scalars.csv", files()["scalars.csv"] + b"x" + b",1" * 14 + b"\n",
                                       resealed=True), "numbers a row"),
    "huge picture": (replaced("thumbnails.webp", picture(16_000, 10_000), resealed=True), "16000 x 10000"),
    "no picture": (replaced("thumbnails.webp", b"<svg/>", resealed=True), "but got none"),
}  # fmt: skip


@pytest.mark.parametrize(("attack", "named"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_one_sentence_and_leaves_nothing(attack: Callable[[], bytes], named: str, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    with pytest.raises((InputError, CorruptRunError), match=named) as refused:
        archive.import_zip(attack(), root)
    assert len(str(refused.value)) <= 500
    assert "\n" not in str(refused.value)
    assert [path for path in tmp_path.rglob("*") if path != root] == []


@pytest.mark.parametrize("source", ["bytes", "path", "file"])
def test_an_honest_zip_is_imported_from_wherever_it_lies(source: str, tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    path.write_bytes(packed(files()))
    given = {"bytes": path.read_bytes(), "path": path, "file": io.BytesIO(path.read_bytes())}[source]
    run = archive.import_zip(given, tmp_path / "runs")
    run.verify()
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {TINY_ID}


def test_what_a_killed_import_left_is_swept_up_and_one_that_goes_on_is_not(tmp_path: Path) -> None:
    ages = {".import.1.2": 7200, ".0123456789ab.7.tmp": 7200, ".0123456789ac.deleted": 7200, ".import.3.4": 60}
    for name, age in ages.items():
        folder = tmp_path / name
        (folder / "frames").mkdir(parents=True)
        (folder / "frames/000000.safetensors").touch()
        then = time.time() - age
        for path in (folder / "frames/000000.safetensors", folder / "frames", folder):
            os.utime(path, (then, then))
    archive.import_zip(packed(files()), tmp_path)
    assert sorted(path.name for path in tmp_path.glob(".*")) == [".import.3.4"]


def test_one_damaged_run_keeps_no_other_out(tmp_path: Path) -> None:
    """Of several runs in one zip, each is judged by itself."""
    other = "0" * 12
    buffer = io.BytesIO(packed(files()))
    with zipfile.ZipFile(buffer, "a") as target:
        target.writestr(f"{other}/run.json", "{}")
    imported, refused = archive.import_runs(buffer, tmp_path / "runs")
    assert [run.id for run in imported] == [TINY_ID]
    assert [other in str(error) for error in refused] == [True]


IN_PROC = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory is read from /proc")

# The process says how much more memory it had at most than before the import, in MiB. The kernel's own high-water mark
# of this program is read, since that of `getrusage` begins with the memory of whoever started it.
MEASURED = """
import sys
from pathlib import Path
from enigma.spec.errors import EnigmaError
from enigma.store.archive import import_runs

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

before = most()
try:
    print(*import_runs(Path(sys.argv[1]), Path(sys.argv[2])))
except EnigmaError as error:
    print(error)
print((most() - before) / 1024)
"""


def measured(script: str, *arguments: Path) -> tuple[list[str], float]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    *said, taken = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return said, float(taken)


def large() -> Iterator[tuple[str, bytes]]:
    """A run whose checkpoint has 256 MB that do not shrink."""
    import numpy as np
    from safetensors.numpy import save

    content = files()
    noise = np.random.default_rng(0).integers(0, 256, 1 << 28, np.uint8)
    content["checkpoint.safetensors"] = save({"noise": noise})
    yield "256 MB that do not shrink", packed(content, resealed=True, method=zipfile.ZIP_STORED)


def of_as_many_as_fit() -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as target:
        warnings.simplefilter("ignore")
        for _ in range(22_000):
            target.writestr("x", b"")
    return buffer.getvalue()


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = {**files(), "frames/000009.safetensors": bytes(1 << 30)}
    yield "a gigabyte of zeros", packed(zeros)
    yield (
        "a megabyte of brackets",
        packed({**files(), "run.json": (b"[" + b"[]," * 340_000)[:-1] + b"]"}, resealed=True),
    )
    yield "as many entries as fit", of_as_many_as_fit()


@IN_PROC
@pytest.mark.parametrize(
    "name", ["256 MB that do not shrink", "a gigabyte of zeros", "a megabyte of brackets", "as many entries as fit"]
)
def test_no_zip_takes_more_than_64_megabytes(name: str, tmp_path: Path) -> None:
    made = dict(large() if name.startswith("256") else bombs())[name]
    path = tmp_path / "run.zip"
    path.write_bytes(made)
    said, taken = measured(MEASURED, path, tmp_path / "runs")
    assert taken < 64, said
    assert (tmp_path / "runs" / TINY_ID).exists() == name.startswith("256")


@IN_PROC
def test_the_measure_sees_a_zip_that_is_read_at_once(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(100 << 20))
    whole = MEASURED.replace(
        "*import_runs(Path(sys.argv[1]), Path(sys.argv[2]))", "len(Path(sys.argv[1]).read_bytes())"
    )
    assert measured(whole, tmp_path / "large")[1] > 90
