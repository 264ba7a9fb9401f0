"""`python -m tests.faults --minutes 30 --seed 0`: rounds of faults until the time is over, and what became of them.

Exit status 1 where a run was lost, something ended in a traceback, or an error was not one sentence.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

# First of all, because it sets torch's number of threads.
from tests import conftest  # noqa: F401

# isort: split
from tests.faults import commands, damage, disk, inputs, kills, server
from tests.faults.tally import Tally, merged, table

# Of one round: together about five minutes on two cores.
PARTS: dict[str, Callable[[int, Path], Iterator[Tally]]] = {
    "inputs": lambda seed, folder: inputs.tallies(20_000, seed),
    "commands": lambda seed, folder: iter([commands.tally(2_000, seed)]),
    "kills": lambda seed, folder: kills.tallies(200, seed, folder),
    "damage": lambda seed, folder: damage.tallies(120, seed, folder),
    "disk": lambda seed, folder: disk.tallies(70, seed, folder),
    "server": lambda seed, folder: iter([server.tally(3, seed, folder)]),
}


@click.command()
@click.option("--minutes", default=0.0, show_default=True, help="Further rounds begin until then; the first is whole.")
@click.option("--seed", default=0, show_default=True, help="Of the first round; the next has the next.")
@click.option("--only", multiple=True, type=click.Choice([*PARTS]), help="Only these parts; may be repeated.")
def main(minutes: float, seed: int, only: tuple[str, ...]) -> None:
    """Tries faults, prints a table of what became of them, and ends with 1 if any did harm."""
    start, found = time.monotonic(), {}
    while True:
        for part in only or PARTS:
            folder = Path(tempfile.mkdtemp(prefix="faults-"))
            try:
                for tally in PARTS[part](seed, folder):
                    found[tally.kind] = merged(found.get(tally.kind), tally)
                    passed = time.monotonic() - start
                    click.echo(f"{passed:6.0f} s  seed {seed}  {tally.kind}: {tally.tried:,}", err=True)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        seed += 1
        if time.monotonic() - start > 60 * minutes:
            break
    click.echo(table(found.values()))
    sys.exit(not all(tally.is_sound for tally in found.values()))


if __name__ == "__main__":
    main()
