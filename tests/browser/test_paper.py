"""The Paper page in a real browser: what is made beside its claim."""

import pytest
from matplotlib.figure import Figure
from playwright.sync_api import Page, expect

from enigma.reproduce import mixture, stored
from enigma.reproduce.registry import REPRODUCTIONS, find
from enigma.reproduce.result import Finding, Result
from enigma.store.home import Home
from tests.browser.pages import opened
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound

pytestmark = pytest.mark.browser


def make_two(home: Home) -> None:
    """One that is computed, and one whose finding has text that is no markup."""
    toy = find("figure-8")
    stored.write(toy, toy.make([]), [], [], stored.folder(home, toy.name))
    other = find("figure-13")
    result = Result(mixture.figure_8([]).table, (Finding("Shift <b>falls</b> & *stays*."),), Figure)
    stored.write(other, result, [], [], stored.folder(home, other.name))


def test_claim_verdict_picture_and_command_stand_side_by_side(page: Page, workshop: Server) -> None:
    make_two(workshop.home)
    opened(page, workshop, "paper")
    expect(page.get_by_role("heading", level=3)).to_have_count(len(REPRODUCTIONS))
    # All come with the installation; the two of this home stand before theirs.
    expect(page.get_by_text(f"{len(REPRODUCTIONS)} of {len(REPRODUCTIONS)} are made:")).to_be_visible()
    expect(page.get_by_text(find("figure-8").claim)).to_be_visible()
    expect(page.get_by_text("Smart start: 96 % of the samples")).to_be_visible()
    picture = page.get_by_role("img", name="Figure 8 of the paper on other data")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 500
    expect(page.get_by_text("Shift <b>falls</b> & *stays*.")).to_be_visible()

    expect_sound(page)
