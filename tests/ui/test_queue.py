"""Whose turn it is, told so that what a person typed stays what it is."""

import re

from enigma.jobs import queue
from enigma.store.home import Home
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import standing, waiting
from tests.conftest import TINY


def queued(home: Home, *names: str, device: str = "cpu") -> list[queue.Job]:
    found = [queue.Job(f"{n:020d}", TINY.override(device=device).to_dict(), by=name) for n, name in enumerate(names)]
    for job in found:
        queue.write(home, job)
    return found


def told(markdown: str) -> str:
    """The sentence as it is read on screen."""
    return re.sub(r"\\(.)", r"\1", markdown)


def test_first_in_line_starts_and_others_hear_whom_they_wait_for(home: Home) -> None:
    first, second, third = queued(home, "Ann", "", "Bob")
    assert waiting(home, first) == "Starting"
    assert told(waiting(home, second)) == "Waiting in place 2 for cpu, after Ann (Tent · Gaussian noise 3)"
    assert told(waiting(home, third)) == (
        "Waiting in place 3 for cpu, after Ann (Tent · Gaussian noise 3) and someone (Tent · Gaussian noise 3)"
    )


def test_a_long_queue_is_counted(home: Home) -> None:
    *_, last = queued(home, "Ann", "Bob", "Cem", "Dan", "Eve")
    assert told(waiting(home, last)) == ("Waiting in place 5 for cpu, after Ann (Tent · Gaussian noise 3) and 3 others")


def test_what_is_over_is_not_waited_for(home: Home) -> None:
    first, second = queued(home, "Ann", "Bob")
    queue.cancel(home, first)
    assert standing(home, second) == (0.0, "Starting")


def test_name_is_neither_markdown_nor_html(home: Home) -> None:
    _, second = queued(home, "<b>*x*</b> [y](z) :red[q]", "Bob")
    text = waiting(home, second)
    assert "<b>*x*</b> [y](z) :red[q]" in told(text)
    assert not re.search(r"(?<!\\)[<*\[:]", text.replace("\\\\", ""))
    assert escape_markdown("a\n# b") == r"a \# b"
