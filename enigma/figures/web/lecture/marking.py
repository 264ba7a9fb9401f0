"""The lesson's text as HTML, with the words of the glossary explained on hover."""

import html
import re

from enigma.spec.glossary import WORDS, meaning

# Words of everyday language, which need no explanation where they stand.
_PLAIN = {"accuracy", "adapted", "flip", "point", "run", "shift"}
_MARKED = sorted(WORDS.keys() - _PLAIN, key=len, reverse=True)
_WORD = re.compile(rf"\b({'|'.join(map(re.escape, _MARKED))})s?\b", re.IGNORECASE)


def marked(markdown: str) -> str:
    """Markdown in which the first use of each word of the glossary says on hover what it means.

    >>> marked("Two nats: each *nat* counts, and every nat").count("<abbr")
    1
    >>> marked("a nat")
    'a <abbr title="Unit of entropy with the natural logarithm: 1 nat is 1.44 bits.">nat</abbr>'
    """
    seen: set[str] = set()

    def explained(found: re.Match[str]) -> str:
        word = found[1].lower()
        if word in seen:
            return found[0]
        seen.add(word)
        return f'<abbr title="{html.escape(meaning(word))}">{found[0]}</abbr>'

    return _WORD.sub(explained, html.escape(markdown, quote=False))


def as_html(markdown: str) -> str:
    """The same as HTML: of Markdown the story has nothing but bold and emphasis.

    >>> as_html("right on **22.8 %** of *B*")
    'right on <strong>22.8 %</strong> of <em>B</em>'
    """
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", marked(markdown))
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)
