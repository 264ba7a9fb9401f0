"""The tree of commands: what the reference in the documentation is generated from."""

from collections.abc import Iterator

import click
import pytest

from enigma.cli.main import cli


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group by its words, the groups among them."""
    for name, command in group.commands.items():
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


COMMANDS = {"": cli, **dict(commands(cli))}


def test_the_tree_holds_every_command() -> None:
    assert set(COMMANDS) == {
        "", "app", "bench", "calibrate", "compare", "detect", "estimate", "export", "import", "inspect", "list",
        "queue",
        "queue cancel", "queue dismiss", "queue list", "reproduce", "run", "runs", "runs delete", "runs explain",
        "runs import", "runs list", "runs note", "runs rename", "runs restore", "runs show", "runs tag", "runs trash",
        "runs unknown", "sweep", "train", "verify",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_each_of_its_options_has_a_help_text(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    # What lists of commands show of it is a whole sentence.
    assert command.get_short_help_str(limit=200).endswith(".")
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.opts[0] for option in options if not option.help] == []
