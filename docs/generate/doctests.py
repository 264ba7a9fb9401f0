"""Shows the doctests at the end of a docstring as its examples, as code and not as quoted text."""

import textwrap
from typing import Any

import griffe


class DoctestsAsExamples(griffe.Extension):
    """Gives what begins with `>>>` a heading that the parser of docstrings knows."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = with_examples(obj.docstring.value)


def with_examples(text: str) -> str:
    """The docstring with its doctests under 'Examples:'.

    >>> print(with_examples("Adds.\\n\\n>>> 1 + 1\\n2"))
    Adds.
    <BLANKLINE>
    Examples:
        >>> 1 + 1
        2
    """
    text = textwrap.dedent(text) if text.startswith(" ") else text
    before, mark, tests = text.partition("\n\n>>> ")
    if not mark:
        return text
    return f"{before}\n\nExamples:\n{textwrap.indent(f'>>> {tests}', '    ')}"
