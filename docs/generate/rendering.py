"""Fills in what stands between [[ and ]] on a page, such as [[ results.stopping() ]]."""

from jinja2 import Environment, StrictUndefined

from docs.generate import bundled, citations, command_line, method_pages, reference, results
from enigma import __version__

_NAMES = {
    "bundled": bundled, "citations": citations, "command_line": command_line, "method_pages": method_pages,
    "reference": reference, "results": results, "version": __version__,
}  # fmt: skip


def rendered(markdown: str) -> str:
    """The page with its tables and numbers.

    Raises:
        jinja2.UndefinedError: the page asks for something that there is not.
    """
    environment = Environment(
        undefined=StrictUndefined,
        variable_start_string="[[ ",
        variable_end_string=" ]]",
        block_start_string="[[%",
        block_end_string="%]]",
        comment_start_string="[[#",
        comment_end_string="#]]",
        keep_trailing_newline=True,
    )
    return environment.from_string(markdown).render(_NAMES)
