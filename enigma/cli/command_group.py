"""A group of commands that names the nearest one for one it does not know."""

import difflib
from typing import Any

import click


class CommandGroup(click.Group):
    """As click's group, but an unknown command is one sentence that lists the known ones and names the nearest."""

    def resolve_command(self, context: click.Context, arguments: list[str]) -> Any:
        if arguments and self.get_command(context, arguments[0]) is None:
            near = difflib.get_close_matches(arguments[0], self.list_commands(context), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise click.UsageError(
                f"Expected a command among {', '.join(self.list_commands(context))}, but got {arguments[0]!r}{hint}"
            )
        return super().resolve_command(context, arguments)
