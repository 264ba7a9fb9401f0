"""Every kind of file of a home truncated, emptied, deleted or with one bit flipped; then everything is done with it."""

import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from enigma.analysis.projection.stored import project
from enigma.analysis.reading import summary, trajectory
from enigma.jobs import queue
from enigma.recording import loop
from enigma.recording.listeners import Listeners
from enigma.recording.loop import record
from enigma.spec.errors import EnigmaError
from enigma.store import archive, collection, index, labels, manifest, noted, trash
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.faults.deeds import LONGER, PROJECTIONS, SPEC
from tests.faults.kills import recorded
from tests.faults.tally import Lost, Tally

Damage = Callable[[bytes, random.Random], bytes | None]

DAMAGES: dict[str, Damage] = {
    "truncated": lambda content, chance: content[: chance.randrange(max(len(content), 1))],
    "flipped": lambda content, chance: _flipped(content, chance),
    "emptied": lambda content, chance: b"",
    "deleted": lambda content, chance: None,
}


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


class _Killed(BaseException):
    """Ends a recording as a signal would, with nothing put in order."""


class Homes:
    """Homes with one run each, finished, paused or interrupted, and a job, that are copied to be damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        cache = folder / "cache"
        cache.mkdir(parents=True)
        for state in ("finished", "paused", "interrupted"):
            home = Home(folder / state)
            home.path.mkdir()
            shutil.copytree(cache, home.cache)
            _recorded(home, state)
            cache = home.cache
            queue.write(home, queue.Job(f"{1:020d}", LONGER.to_dict(), state="failed", message="It was too large."))
        self.whole = recorded(folder / "finished")

    def copy(self, state: str) -> Home:
        self.count += 1
        return Home(Path(shutil.copytree(self.folder / state, self.folder / f"copy-{self.count}")))

    def files(self, state: str) -> list[str]:
        """The names of all files that a reader may meet."""
        root = self.folder / state
        names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        return sorted(name for name in names if not name.endswith("lock"))


def _recorded(home: Home, state: str) -> None:
    listeners = Listeners()
    listeners.started = lambda run: setattr(listeners, "run", run)

    def stepped(progress: loop.Progress) -> None:
        if progress.step == 2 and state == "interrupted":
            raise _Killed
        if progress.step == 2 and state == "paused":
            listeners.run.ask("pause")  # type: ignore[attr-defined]

    listeners.stepped = stepped
    loop.CHECKPOINT_SECONDS = 0.0
    try:
        run = record(SPEC, home.runs, home.cache, listeners)
    except _Killed:
        (run,) = collection.listed(home.runs)
    labels.rename(run, "mine")
    if state == "finished":
        project(run, PROJECTIONS)
        trajectory(run, PROJECTIONS[0])


def tallies(count: int, seed: int, folder: Path) -> Iterator[Tally]:
    """Damages about so many files: of each kind one in each way, and then more of them."""
    homes, chance = Homes(folder), random.Random(seed)
    for state in ("finished", "paused", "interrupted"):
        tally = Tally(f"damage: {state}")
        cases = [(name, how) for name in homes.files(state) for how in DAMAGES]
        chance.shuffle(cases)
        share = count // 3
        for number in range(max(share, 1)):
            name, how = cases[number % len(cases)]
            _try(tally, homes, state, name, how, chance)
        yield tally


def _try(tally: Tally, homes: Homes, state: str, name: str, how: str, chance: random.Random) -> None:
    home = homes.copy(state)
    path = home.path / name
    before = path.read_bytes()
    after = DAMAGES[how](before, chance)
    path.unlink() if after is None else path.write_bytes(after)
    is_damaged = after != before
    for use, action in USES.items():
        # Each finds the damage as it is, and not as the last one left it.
        used = Home(home.path.with_name(f"{home.path.name}-used"))
        shutil.copytree(home.path, used.path)
        what = f"{state}: {name} {how} ({len(after or b''):,} of {len(before):,} bytes), {use}"
        tally.attempt(what, partial(action, used, name, is_damaged, homes.whole))
        shutil.rmtree(used.path)
    shutil.rmtree(home.path)


def _run(home: Home) -> Run:
    return home.find(next(iter(home.runs.glob("[0-9a-f]*"))).name)


def _list(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    """Lists of runs and jobs name it and leave nobody out."""
    if len([row for row in index.rows(home) if row.own]) != 1:
        raise Lost("the run is not listed")
    if not name.startswith("queue/") and len(queue.jobs(home)) != 1:
        raise Lost("the job is not listed")
    home.finished(), home.readable()


def _open(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    run = _run(home)
    run.verify()
    summary(run)
    trajectory(run, PROJECTIONS[0])
    labels.read(run)


def _verify(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    run = _run(home)
    inside = "/".join(name.split("/")[2:])
    was_sealed = run.has(manifest.NAME)
    run.verify()
    if is_damaged and was_sealed and inside != manifest.NAME and manifest.RECORDED.fullmatch(inside):
        raise Lost("verify does not notice")


def _resume(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    told: list[str] = []
    record(SPEC, home.runs, home.cache, Listeners(repaired=told.append))
    _expect_whole(home, whole)


def _expect_whole(home: Home, whole: dict[str, bytes]) -> None:
    found = recorded(home.path)
    for name in whole:
        if found.get(name) != whole[name]:
            raise Lost(f"{name} is not as it was recorded, and nobody says so")
    for run in collection.listed(home.runs):
        run.verify()


def _extend(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    run = _run(home)
    before = recorded(home.path)
    try:
        longer = record(LONGER, home.runs, home.cache, extends=run)
    except EnigmaError:
        if recorded(home.path) != before:
            raise Lost("the run is not as it was, though it was refused") from None
        raise
    longer.verify()
    if set(noted.read(longer.path)):
        raise Lost("it is not sealed")
    for name_of, content in whole.items():
        frame = name_of.split("/", 1)[1]
        if frame.startswith("frames/") and (longer.path / frame).read_bytes() != content:
            raise Lost(f"{frame} is not as it was recorded, and nobody says so")


def _project(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    project(_run(home), PROJECTIONS)


def _export(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    archive.export_zip(_run(home))


def _delete(home: Home, name: str, is_damaged: bool, whole: dict[str, bytes]) -> None:
    """Whatever is damaged can be deleted and brought back."""
    (folder,) = home.runs.glob("[0-9a-f]*")
    before = recorded(home.path)
    trash.throw(Run(folder), home.trash)
    trash.restore(folder.name, home.trash, home.runs)
    if recorded(home.path) != before:
        raise Lost("it did not come back as it was")


USES: dict[str, Callable[[Home, str, bool, dict[str, bytes]], None]] = {
    "list": _list, "open": _open, "verify": _verify, "resume": _resume, "extend": _extend, "project": _project,
    "export": _export, "delete": _delete,
}  # fmt: skip
