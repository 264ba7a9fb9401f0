"""A small part of the faults; `python -m tests.faults` tries all. Each ends well or in a sentence; no run is lost."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.faults import commands, damage, disk, inputs, kills
from tests.faults.tally import Tally, table

SEED = 0


def expect_sound(tallies: Iterable[Tally]) -> None:
    found = list(tallies)
    assert all(tally.tried for tally in found)
    assert all(tally.is_sound for tally in found), table(found)


@pytest.mark.parametrize("kind", inputs.KINDS)
def test_input_is_read_or_refused_in_a_sentence(kind: str) -> None:
    expect_sound(inputs.tallies(60 * inputs.KINDS[kind][2], SEED, (kind,)))


def test_command_line_ends_well_or_with_a_sentence_and_exit_status_two() -> None:
    expect_sound([commands.tally(200, SEED)])


@pytest.mark.slow
def test_killed_process_loses_nothing(tmp_path: Path) -> None:
    expect_sound(kills.tallies(10, SEED, tmp_path))


def test_damaged_file_is_named_and_takes_nothing_with_it(tmp_path: Path) -> None:
    expect_sound(damage.tallies(6, SEED, tmp_path))


def test_home_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    expect_sound([disk.impossible_homes(tmp_path)])
