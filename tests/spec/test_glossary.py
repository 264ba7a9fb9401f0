"""The glossary: in order, short, and without a word of its own that it does not explain elsewhere."""

import re

from enigma.spec.glossary import WORDS, meaning


def test_words_are_in_order_and_explained_in_one_or_two_sentences() -> None:
    assert list(WORDS) == sorted(WORDS)
    assert len(WORDS) >= 24
    for word, text in WORDS.items():
        assert text.endswith("."), word
        assert len(re.findall(r"[.:] ", text)) <= 2, word


def test_no_word_is_explained_by_itself_alone() -> None:
    for word in WORDS:
        assert word not in meaning(word).lower().split(".")[0].split(":")[0].split(), word


def test_meaning_is_plain_text() -> None:
    assert meaning("frame") == "What is recorded at one step. Frame k is after k updates."
