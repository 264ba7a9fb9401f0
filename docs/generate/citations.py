"""References of the site, from the same .bib file that an export of BibTeX copies from."""

import re
from functools import cache

import bibtexparser
from bibtexparser.middlewares import LatexDecodingMiddleware, NormalizeFieldKeys
from bibtexparser.model import Entry

from enigma.figures.files import references


@cache
def _library() -> dict[str, Entry]:
    text = "\n\n".join(references.entries().values())
    library = bibtexparser.parse_string(text, append_middleware=[NormalizeFieldKeys(), LatexDecodingMiddleware()])
    return {entry.key: entry for entry in library.entries}


def reference(key: str) -> str:
    """One publication as a line of Markdown: authors, title, where, year, and a link to arXiv."""
    fields = {name: field.value for name, field in _library()[key].fields_dict.items()}
    authors = [" ".join(reversed(author.split(", ", 1))) for author in fields["author"].split(" and ")]
    names = authors[0] if len(authors) == 1 else f"{', '.join(authors[:-1])} and {authors[-1]}"
    where = fields.get("booktitle") or fields.get("journal") or ""
    # A preprint's journal is its arXiv number, which stands at the end.
    where = "" if where.startswith("arXiv") else f" {where},"
    archive = f" {arxiv(fields['eprint'])}." if "eprint" in fields else ""
    return f"{names}: *{fields['title']}*.{where} {fields['year']}.{archive}"


def arxiv(number: str) -> str:
    return f"[arXiv:{number}](https://arxiv.org/abs/{number})"


def linked(text: str) -> str:
    """Text whose arXiv numbers are links.

    >>> linked("Wang et al. 2021, arXiv:2006.10726")
    'Wang et al. 2021, [arXiv:2006.10726](https://arxiv.org/abs/2006.10726)'
    """
    return re.sub(r"arXiv:(\d{4}\.\d{4,5})", lambda found: arxiv(found[1]), text)


def cited(method: str) -> list[str]:
    """What a method is cited by: its entries, or else the words of its catalogue entry."""
    return [reference(key) for key in references.CITED.get(method, ())]


def bibliography() -> str:
    """Every publication of the .bib file, as a list."""
    return "\n".join(f"- {reference(key)}" for key in references.entries())
