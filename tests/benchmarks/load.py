"""A server with many visitors: does it err, lose a job, hold memory, or make them wait?

    python tests/benchmarks/load.py [--sessions 30] [--queueing 5] [--minutes 10] [--rest 8]

Starts `enigma app` on an empty home. Each session scrubs (what the browser reports when a person comes to rest), goes
from page to page, and looks at each for so many seconds in the mean; now and then one leaves and another comes. Some
also record short runs by the form on Watch. Prints, for each kind of request, how often and how long it took, and the
memory of the server with its slope after a third of the time, as MB a minute with the standard error of a straight
line through one value every five seconds.

Sessions speak Streamlit's protocol, as a browser does; 30 browsers on the machine of the server would measure the
browsers.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.stats
from visitor import Visitor

from enigma.jobs import queue
from enigma.store.home import Home
from tests.browser.serving import Server

_SAMPLE_SECONDS = 5.0
_STEPS = 4


@dataclass
class Told:
    """What happened: seconds by kind of request, what went wrong, jobs asked for, memory in MB by second."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    received: int = 0
    processor: float = 0.0

    def took(self, kind: str, seconds: float | None) -> None:
        if seconds is not None:
            self.seconds[kind].append(seconds)


async def visits(url: str, told: Told, until: float, rest: float, number: int, *, records: bool) -> None:
    """Sessions one after the other, each of about twenty pages."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, rest))
    while time.monotonic() < until:
        visitor = await Visitor.of(url)
        try:
            for _ in range(20):
                if time.monotonic() > until:
                    break
                await _visit(visitor, told, chance, rest, records=records)
        finally:
            told.wrong += visitor.exceptions
            told.received += visitor.received
            await visitor.leave()


async def _visit(visitor: Visitor, told: Told, chance: random.Random, rest: float, *, records: bool) -> None:
    """One page: looked at, scrubbed where it has a scrubber, and a run recorded from Watch."""
    page = "" if chance.random() < 0.5 else chance.choice(list(visitor.pages))
    told.took(f"to {page or 'watch'}", await visitor.go(page))
    if page == "" and records and chance.random() < 0.5:
        await _record(visitor, told, chance)
    for _ in range(chance.randint(1, 4)):
        await visitor.rest(chance.expovariate(1 / rest))
        step = chance.choice((0, 3, 13, 50, 200, 500))
        told.took("scrubbed", await visitor.report("scrubber", step=step))


async def _record(visitor: Visitor, told: Told, chance: random.Random) -> None:
    """A short run with a seed of its own."""
    for label, value in (("Steps", _STEPS), ("Seed", chance.randrange(2**31))):
        seconds = await visitor.fill(label, value)
        assert seconds is not None, f"the form has no field {label}"
        told.took("field filled", seconds)
    told.took("Run pressed", await visitor.press("Run"))
    told.asked += 1


async def watches_memory(process: int, told: Told, until: float) -> None:
    began = time.monotonic()
    while time.monotonic() < until:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        told.memory.append((time.monotonic() - began, pages * 4096 / 1e6))
        await asyncio.sleep(_SAMPLE_SECONDS)


async def loaded(server: Server, arguments: argparse.Namespace) -> Told:
    told, until = Told(), time.monotonic() + 60 * arguments.minutes
    began = processor_seconds(server.process.pid)
    sessions = [
        visits(server.url, told, until, arguments.rest, number, records=number < arguments.queueing)
        for number in range(arguments.sessions)
    ]
    for outcome in await asyncio.gather(
        watches_memory(server.process.pid, told, until), *sessions, return_exceptions=True
    ):
        if isinstance(outcome, BaseException):
            told.wrong.append(f"{type(outcome).__name__}: {outcome}")
    told.processor = processor_seconds(server.process.pid) - began
    return told


def processor_seconds(process: int) -> float:
    """What a process has used of the processor so far, by itself and for the kernel's work."""
    user, kernel = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(kernel)) / os.sysconf("SC_CLK_TCK")


def report(told: Told) -> None:
    print(f"{'request':<16} {'times':>6} {'median':>8} {'95 %':>8} {'longest':>8}   seconds")
    changes = [second for kind, seconds in told.seconds.items() if kind.startswith("to ") for second in seconds]
    for kind, seconds in [*sorted(told.seconds.items()), ("page changes", changes)]:
        middle, late = np.quantile(seconds, (0.5, 0.95))
        print(f"{kind:<16} {len(seconds):6d} {middle:8.2f} {late:8.2f} {max(seconds):8.2f}")
    seconds, memory = np.array(told.memory).T
    warm = seconds > seconds[-1] / 3
    line = scipy.stats.linregress(seconds[warm] / 60, memory[warm])
    requests = sum(map(len, told.seconds.values()))
    print(f"\nserver: {told.processor / requests:.3f} seconds of one core a request; sent {told.received / 1e6:.0f} MB")
    print(f"memory: {memory[0]:.0f} MB at first, {memory[warm][0]:.0f} after a third, {memory[-1]:.0f} at the end, "
          f"at most {memory.max():.0f}; slope {line.slope:+.2f} ± {line.stderr:.2f} MB a minute")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--queueing", type=int, default=5, help="how many of them record")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rest", type=float, default=8, help="mean seconds between two requests of a session")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        server = Server.start(home)
        try:
            told = asyncio.run(loaded(server, arguments))
            report(told)
            while queue.active(home):
                time.sleep(1)
        finally:
            server.end()
            server.end_workers()
        jobs = queue.jobs(home)
        done = sum(job.state == "done" for job in jobs)
        print(f"jobs asked for: {told.asked}, queued: {len(jobs)}, done: {done}")
    print(f"errors: {len(told.wrong)}")
    for wrong in sorted(set(told.wrong)):
        print(f"  {wrong[:200]}")
    raise SystemExit(bool(told.wrong) or not told.asked == len(jobs) == done)


if __name__ == "__main__":
    main()
