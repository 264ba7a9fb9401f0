"""Command lines that make no sense, and some that do, given to the real command in this process."""

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from hypothesis import strategies as some

from enigma.cli.main import cli, main
from enigma.store.home import VARIABLE
from tests.faults.tally import LONGEST, Tally, each, place_of
from tests.faults.texts import LIKELY
from tests.faults.values import NUMBERS, TEXTS
from tests.stored import TINY_ID, stored

# What they say last, so that none of them begins to record, train or serve: each is refused after all else was read.
_ENDS = {
    "app": ["--port", "99999"],
    "calibrate": ["--dataset", "nowhere/"],
    "detect": ["--dataset", "nowhere/"],
    "estimate": ["--dataset", "nowhere/"],
    "inspect": ["--dataset", "nowhere/"],
    "reproduce": ["--only-recorded"],
    "run": ["--dataset", "nowhere/"],
    "sweep": ["--dry-run"],
    "train": ["--data-root", "nowhere/"],
}
_INTERRUPTED = 130
PLACES = some.sampled_from([TINY_ID, "429b4332ba79", "nothing", ".", "..", "GARBAGE", "FOLDER", "FOLDER/new", "a=b"])
WORDS = (TEXTS | NUMBERS.map(repr) | LIKELY.map(str) | PLACES | some.just("1e23")).map(
    # No operating system passes NUL, and none passes half of a surrogate pair but as a byte.
    lambda text: text.replace("\0", "").encode(errors="replace").decode()
)


def _all(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = dict(_all(cli))


@some.composite
def lines(draw: some.DrawFn) -> list[str]:
    """A command with some of its options, of values that may be any, and arguments."""
    path = draw(some.sampled_from(sorted(COMMANDS)))
    options = [option for option in COMMANDS[path].params if isinstance(option, click.Option)]
    words: list[str] = []
    for option in draw(some.lists(some.sampled_from(options), max_size=3)) if options else []:
        words += [option.opts[0]] if option.is_flag else [option.opts[0], draw(WORDS)]
    takes = any(isinstance(parameter, click.Argument) for parameter in COMMANDS[path].params)
    words += draw(some.lists(WORDS, min_size=1, max_size=2) if takes else some.sampled_from([[], [], [], ["x"]]))
    return [*path, *words, *_ENDS.get(path[0], [])]


def tally(count: int, seed: int) -> Tally:
    """Tries so many command lines, in a home with one run."""
    found = Tally("command line")
    before, folder = Path.cwd(), Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        each(lines(), count, seed, lambda words: tried(found, _placed(words, _fresh(folder))))
    finally:
        os.chdir(before)
        shutil.rmtree(folder)
    return found


def _fresh(folder: Path) -> dict[str, str]:
    """The places that lines name, as they were before whatever the last line did."""
    os.chdir(folder)
    for path in folder.iterdir():
        if path.name != "home":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    run = folder / "home" / "runs" / TINY_ID
    if not run.exists():
        shutil.copytree(stored(TINY_ID), run)
    (folder / "folder").mkdir()
    (folder / "garbage").write_bytes(b"\x00\xff{[garbage")
    os.environ[VARIABLE] = str(folder / "home")
    return {"GARBAGE": str(folder / "garbage"), "FOLDER": str(folder / "folder")}


def _placed(words: list[str], places: dict[str, str]) -> list[str]:
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    return words


def tried(found: Tally, words: list[str]) -> None:
    """Counts what becomes of one command line: success, or a sentence on standard error and exit status 2."""
    found.tried += 1
    told, status = _ended(found, words)
    # A progress bar may come before it.
    _, error, said = told.removesuffix("\n").rpartition("Error: ")
    if status in (0, None):
        found.succeeded += status == 0
    elif status == _INTERRUPTED and told == "Interrupted.\n":
        # It asked for a yes, and nobody answered.
        found.named += 1
    elif status != 2 or not error:
        found.add_traceback(words, f"exit status {status}: {told[-LONGEST:]}", "the command line")
    else:
        found.told(words, said)


def _ended(found: Tally, words: list[str]) -> tuple[str, int | None]:
    """What it said on standard error, and its exit status: None where it ended in a traceback."""
    told, arguments = io.StringIO(), sys.argv
    sys.argv = ["enigma", *words]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
            main()
    except SystemExit as ended:
        return told.getvalue(), int(ended.code or 0)
    except Exception as error:
        found.add_traceback(words, f"{type(error).__name__}: {error}", place_of(error))
    finally:
        sys.argv = arguments
    return told.getvalue(), None
