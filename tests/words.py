"""Words that nothing shown to people may hold: pages and docs are read by the same rules."""

import re

from enigma.spec.methods import METHODS

# Names of methods that are words as well.
_WORDS = {"source", "norm", "memo", "lame", "rem"}
_RULED_OUT = {
    # Ours is "step"; Lloyd's iteration is what k-means is made of.
    "iteration for step": re.compile(r"(?<!Lloyd's )(?<!Lloyd’s )\biterations?\b", re.IGNORECASE),
    "percent without a space": re.compile(r"\d%"),
    "internal name of a method": re.compile(
        rf"(?<![\w/.=-])(?:{'|'.join(sorted(METHODS.keys() - _WORDS, key=len, reverse=True))})(?![\w/.(-])"
    ),
}


def ruled_out(text: str) -> list[str]:
    """What is wrong with a text, each with the words around it.

    >>> ruled_out("right on 69.0% after 1,000 iterations"), ruled_out("right on 69.0 % after 1,000 steps")
    (['iteration for step: after 1,000 iterations', 'percent without a space: right on 69.0% after'], [])
    """
    return [
        f"{what}: {text[max(0, found.start() - 12) : found.end() + 6].strip()}"
        for what, pattern in _RULED_OUT.items()
        for found in pattern.finditer(text)
    ]


def prose(markdown: str) -> str:
    """Markdown without code, addresses, quotations of other people's titles and what is generated."""
    text = re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`", "", text)
    text = re.sub(r"<[^>]+>", "", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"\[\[.*?\]\]|\[default: [^\]]*\]|https?://\S+", "", text)
