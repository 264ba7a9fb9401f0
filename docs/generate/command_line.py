"""The page of the command line, from click itself: what `--help` says, as Markdown."""

import inspect
import re
from collections.abc import Iterator

import click

from docs.generate.results import table
from enigma.cli.main import cli


def commands(context: click.Context | None = None) -> Iterator[click.Context]:
    """Every command with the path that leads to it, in the order of `--help`, groups before what is in them."""
    context = context or click.Context(cli, info_name="enigma")
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from commands(click.Context(command, parent=context, info_name=name))


def page() -> str:
    """A section for each command: what it does, its usage, examples and options."""
    return "\n\n".join(section(context) for context in commands())


def section(context: click.Context) -> str:
    """One command."""
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    level = "##" if context.parent is None or context.parent.parent is None else "###"
    parts = [f"{level} {context.command_path}", f"```text\n{usage}\n```", description(command.help or "")]
    records = [record for one in command.get_params(context) if (record := one.get_help_record(context))]
    if records:
        rows = [[f"`{names}`", cell(text)] for names, text in records]
        parts.append(table(["option", "what it does"], rows, words=2))
    return "\n\n".join(parts)


def description(text: str) -> str:
    """The help text; a paragraph that is marked to be shown as it is written becomes a block of code."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        marked = paragraph.startswith("\b")
        parts.append(f"```text\n{paragraph.lstrip(chr(8)).strip(chr(10))}\n```" if marked else paragraph)
    return "\n\n".join(parts)


def cell(text: str) -> str:
    """Text that cannot end a cell of a table or be taken for HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;")
