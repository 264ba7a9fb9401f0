"""Processes killed by SIGKILL, before a write or rename of any number or at any moment; then the same is done again.

What was recorded must be there in the end, bit for bit as if nobody had been killed.
"""

import random
import shutil
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from enigma.store import archive, collection, manifest
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.faults import deeds
from tests.faults.deeds import DEEDS, Ended, begun, done, ended
from tests.faults.tally import Tally

# What is written while a run is sealed, and after: the last events of a recording.
_SEALING = 24


class Stage:
    """Homes in which deeds begin, made once: with a finished run where a deed needs one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.cache.mkdir(parents=True)
        self.count = 0

    @cache  # noqa: B019
    def _template(self, name: str) -> Path:
        home = Home(self.folder / f"template-{name.partition(',')[0]}")
        home.path.mkdir()
        home.cache.symlink_to(self.cache)
        if name in ("record", "worker"):
            return home.path
        told = done(deeds.record, home.path)
        assert told.how == "ok", told
        if name == "import":
            (run,) = collection.listed(home.runs)
            home.path.joinpath("run.zip").write_bytes(archive.export_zip(run))
            shutil.rmtree(run.path)
        return home.path

    def home(self, name: str) -> Path:
        """A fresh one for a deed."""
        self.count += 1
        place = self.folder / f"home-{self.count}"
        shutil.copytree(self._template(name), place, symlinks=True)
        return place

    @cache  # noqa: B019
    def whole(self, name: str) -> tuple[dict[str, bytes], int, float]:
        """What a deed leaves that nobody kills: what was recorded, by name; how many events, and seconds, it takes."""
        # The first fills the cache of images, the second shows how long it takes from then on.
        for _ in range(2):
            place, start = self.home(name), time.monotonic()
            told = done(DEEDS[name], place)
            assert told.how == "ok", f"{name}: {told}"
        return recorded(place), told.events, time.monotonic() - start


def recorded(home: Path) -> dict[str, bytes]:
    """Everything that was recorded below a home, but for run.json, which holds the time."""
    runs = collection.listed(Home(home).runs)
    return {
        f"{run.id}/{name}": (run.path / name).read_bytes()
        for run in runs for name in manifest.recorded(run.path) if name != "run.json"
    }  # fmt: skip


def tallies(count: int, seed: int, folder: Path) -> Iterator[Tally]:
    """Kills so many processes in all, as many of each deed."""
    stage = Stage(folder)
    names = [*DEEDS, "sealing"]
    for index, name in enumerate(names):
        tally, chance = Tally(f"kill: {name}"), random.Random(f"{seed} {name}")
        for number in range(count // len(names) + (index < count % len(names))):
            _kill(tally, stage, name, chance, number)
        yield tally


def _kill(tally: Tally, stage: Stage, name: str, chance: random.Random, number: int) -> None:
    """One kill, sometimes two, and what becomes of it."""
    deed = "record" if name == "sealing" else name
    whole, events, seconds = stage.whole(deed)
    home = stage.home(deed)
    told = []
    for _ in range(1 + (chance.random() < 0.25)):
        if name == "sealing" or number % 4:
            first = max(1, events - _SEALING) if name == "sealing" else 1
            at = chance.randint(first, events)
            told.append(f"event {at} of {events}")
            done(DEEDS[deed], home, kill_at=at)
        else:
            moment = chance.uniform(0, seconds)
            told.append(f"after {moment:.3f} s")
            process = begun(DEEDS[deed], home)
            time.sleep(moment)
            process.kill()
            ended(process, home)
    tally.tried += 1
    judge(tally, f"{name}, {', '.join(told)}", home, whole, done(DEEDS[deed], home))
    shutil.rmtree(home)


def judge(tally: Tally, what: str, home: Path, whole: dict[str, bytes], last: Ended) -> None:
    """Counts a deed that was done again: whether it ended well, and with everything that there should be."""
    if last.how == "named":
        tally.told(what, last.message)
        return
    if last.how != "ok":
        tally.add_traceback(what, last.message or last.how, last.place)
        return
    found = recorded(home)
    wrong = sorted(name for name in {*whole, *found} if whole.get(name) != found.get(name))
    for run in collection.listed(Home(home).runs):
        _verify(tally, what, run)
    if wrong:
        tally.add_lost(what, f"{len(wrong)} files differ, such as {wrong[0]}")
    elif odd := [path.name for path in Home(home).runs.iterdir() if not path.name.startswith(".")
                 and path.name not in {name[:12] for name in whole}]:  # fmt: skip
        tally.add_lost(what, f"{odd} lie among the runs")
    else:
        # What a killed process was making has a name with a dot, and is swept up an hour later.
        tally.succeeded += 1


def _verify(tally: Tally, what: str, run: Run) -> None:
    try:
        run.verify()
    except Exception as error:
        tally.add_lost(what, f"a run does not verify: {error}")
