"""The docs are written in the project's words."""

from pathlib import Path

import pytest

from docs.generate.rendering import rendered
from tests.words import prose, ruled_out

ROOT = Path(__file__).parents[2]
WRITTEN = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if path.name not in ("changelog.md", "contributing.md", "security.md")
}


@pytest.mark.parametrize("name", WRITTEN)
def test_nothing_that_is_ruled_out_stands_in_the_docs(name: str) -> None:
    assert ruled_out(prose(rendered(WRITTEN[name]))) == []


def test_every_word_of_the_glossary_is_in_its_guide() -> None:
    from enigma.spec.glossary import WORDS

    text = rendered(WRITTEN["docs/guides/words.md"])
    assert all(f"| *{word}* | {meaning} |" in text for word, meaning in WORDS.items())
