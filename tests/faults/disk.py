"""A disk that is full or read-only, a folder without permission, a home that cannot be one, two writers, and clocks."""

import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults import commands, deeds
from tests.faults.deeds import DEEDS, begun, done, ended
from tests.faults.kills import Stage, judge
from tests.faults.tally import Tally

_MEGABYTES = 64
_NOBODY = 65534


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A file system of 64 MB in memory at `place`; False where it cannot be mounted, as by who is not root."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m,mode=755", "tmpfs", str(place)]
    is_mounted = (
        hasattr(os, "geteuid") and os.geteuid() == 0 and not subprocess.run(command, capture_output=True).returncode
    )
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def tallies(count: int, seed: int, folder: Path) -> Iterator[Tally]:
    """Each kind of fault with each deed, as often as makes about `count` of them."""
    stage, chance = Stage(folder), random.Random(seed)
    with small_disk(folder / "small") as is_mounted:
        kinds: dict[str, Callable[[Tally, Stage, str, random.Random], None]] = {
            "two writers": _two_writers, "clock": _clock, "permission": _permission,
        }  # fmt: skip
        if is_mounted:
            kinds |= {"full disk": _full, "read-only disk": _read_only}
        found = {kind: Tally(f"disk: {kind}") for kind in kinds}
        cases = [(kind, name) for kind in kinds for name in DEEDS]
        chance.shuffle(cases)
        for number in range(count):
            kind, name = cases[number % len(cases)]
            kinds[kind](found[kind], stage, name, chance)
    yield from found.values()
    yield impossible_homes(folder)


def _moved(stage: Stage, name: str) -> Path:
    """The home of a deed on the small disk, with a cache of its own."""
    source = stage.home(name)
    place = stage.folder / "small" / source.name
    shutil.copytree(source, place, symlinks=True)
    place.joinpath("cache").unlink()
    shutil.rmtree(source)
    return place


def _full(tally: Tally, stage: Stage, name: str, chance: random.Random) -> None:
    """So many bytes are left; whoever fails says so, and goes on when there is room."""
    whole, *_ = stage.whole(name)
    home = _moved(stage, name)
    if chance.random() < 0.5:
        home.joinpath("cache").symlink_to(stage.cache)
    left = round(10 ** chance.uniform(3, 6.5))
    filler = stage.folder / "small" / "filler"
    free = shutil.disk_usage(filler.parent).free
    filler.write_bytes(b"\0" * max(0, free - left))
    what = f"{name}, {left:,} bytes left"
    # What is said of a deed lies beside its home, and must have room.
    beside = stage.folder / f"seen-{home.name}"
    beside.symlink_to(home)
    process = begun(DEEDS[name], beside)
    if name == "worker":
        # It waits until there is room, and goes on by itself.
        time.sleep(chance.uniform(1, 4))
        filler.unlink()
    _count(tally, what, ended(process, beside))
    filler.unlink(missing_ok=True)
    beside.unlink()
    tally.tried += 1
    judge(tally, f"{what}, then room", home, whole, done(DEEDS[name], home))
    shutil.rmtree(home)


def _read_only(tally: Tally, stage: Stage, name: str, chance: random.Random) -> None:
    whole, *_ = stage.whole(name)
    home = _moved(stage, name)
    disk = str(stage.folder / "small")
    beside = stage.folder / f"seen-{home.name}"
    beside.symlink_to(home)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        _count(tally, f"{name}, read-only", done(DEEDS[name], beside))
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    beside.unlink()
    tally.tried += 1
    judge(tally, f"{name}, read-only, then not", home, whole, done(DEEDS[name], home))
    shutil.rmtree(home)


def _permission(tally: Tally, stage: Stage, name: str, chance: random.Random) -> None:
    """A home that may be read only; root may write everywhere, and so is somebody else for it."""
    whole, *_ = stage.whole(name)
    home = stage.home(name)
    folders = [home, *(path for path in home.rglob("*") if path.is_dir() and not path.is_symlink())]
    for path in folders:
        path.chmod(0o555)
    stage.folder.chmod(0o777)
    try:
        _count(tally, f"{name}, without permission", done(partial(as_nobody, deed=DEEDS[name]), home))
    finally:
        for path in folders:
            path.chmod(0o755)
    tally.tried += 1
    judge(tally, f"{name}, without permission, then with it", home, whole, done(DEEDS[name], home))
    shutil.rmtree(home)


def as_nobody(folder: Path, deed: Callable[[Path], Any]) -> None:
    if os.geteuid() == 0:
        os.setuid(_NOBODY)
    deed(folder)


def _two_writers(tally: Tally, stage: Stage, name: str, chance: random.Random) -> None:
    """Two processes that do the same at about the same time."""
    whole, _, seconds = stage.whole(name)
    home = stage.home(name)
    # Each says what it has to say beside a name of its own.
    names = [home, home.with_name(f"{home.name}-again")]
    names[1].symlink_to(home)
    apart = chance.uniform(0, seconds)
    first = begun(DEEDS[name], names[0])
    time.sleep(apart)
    second = begun(DEEDS[name], names[1])
    for process, place in ((first, names[0]), (second, names[1])):
        _count(tally, f"{name}, {apart:.2f} s apart", ended(process, place))
    tally.tried += 1
    judge(tally, f"{name}, after two", home, whole, done(DEEDS[name], home))
    names[1].unlink()
    shutil.rmtree(home)


def _clock(tally: Tally, stage: Stage, name: str, chance: random.Random) -> None:
    """A deed is killed, and done again when the clock shows another year."""
    whole, events, _ = stage.whole(name)
    home = stage.home(name)
    offset = chance.choice([-1, 1]) * 10 ** chance.uniform(2, 8)
    at = chance.randint(1, events)
    done(partial(deeds.shifted, deed=DEEDS[name], seconds=offset), home, kill_at=at)
    tally.tried += 1
    judge(tally, f"{name}, clock off by {offset:,.0f} s until event {at}", home, whole, done(DEEDS[name], home))
    shutil.rmtree(home)


def _count(tally: Tally, what: str, how: deeds.Ended) -> None:
    tally.tried += 1
    if how.how == "ok":
        tally.succeeded += 1
    elif how.how == "named":
        tally.told(what, how.message)
    else:
        tally.add_traceback(what, how.message or how.how, how.place)


def impossible_homes(folder: Path) -> Tally:
    """Homes that nothing can be written to, and commands that want to."""
    tally = Tally("disk: impossible home")
    file = folder / "file"
    file.write_bytes(b"")
    spec = folder / "tiny.json"
    spec.write_text(deeds.SPEC.to_json())
    wanted = (["run", "--no-projection", "--spec", str(spec)], ["runs", "list"], ["runs", "import", str(file)],
              ["queue", "list"], ["queue", "cancel", "7"], ["runs", "trash", "--empty"])  # fmt: skip
    for home in (file, file / "below", Path("/proc"), Path("/proc/home"), Path("/dev/null/home"), folder / ("x" * 300)):
        for words in wanted:
            commands.tried(tally, ["--home", str(home), *words])
    return tally
