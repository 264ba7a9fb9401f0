"""The Paper page in a real browser: what is made beside its claim."""

import pytest
from matplotlib.figure import Figure
from playwright.sync_api import Browser, Page, expect

from enigma.reproduce import mixture, stored
from enigma.reproduce.registry import REPRODUCTIONS, find
from enigma.reproduce.result import Finding, Result
from enigma.store.home import Home
from tests.browser.conftest import SCREENSHOTS, Server, overflow, violations

pytestmark = pytest.mark.browser

SLOW = 60_000


@pytest.fixture(scope="module", autouse=True)
def made(server: Server) -> Home:
    """Two in the home of the server: one computed, one whose finding has text that is no markup."""
    toy = find("figure-8")
    stored.write(toy, toy.make([]), [], [], stored.folder(server.home, toy.name))
    other = find("figure-13")
    result = Result(mixture.figure_8([]).table, (Finding("Shift <b>falls</b> & *stays*.", False),), Figure)
    stored.write(other, result, [], [], stored.folder(server.home, other.name))
    return server.home


def opened(page: Page, server: Server, show: str = "") -> None:
    page.goto(f"{server.url}/paper{f'?show={show}' if show else ''}")
    expect(page.get_by_role("heading", name="The paper, reproduced")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("heading", name="Table 6")).to_be_visible(timeout=SLOW)


def test_claim_verdict_picture_and_command_stand_side_by_side(page: Page, server: Server) -> None:
    opened(page, server)
    expect(page.get_by_role("heading", level=3)).to_have_count(len(REPRODUCTIONS), timeout=SLOW)
    # All come with the installation; the two of this home stand before theirs.
    expect(page.get_by_text(f"{len(REPRODUCTIONS)} of {len(REPRODUCTIONS)} are made:")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(find("figure-8").claim)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Smart start: 96% of the samples")).to_be_visible(timeout=SLOW)
    picture = page.get_by_role("img", name="Figure 8 of the paper on other data")
    expect(picture).to_be_visible(timeout=SLOW)
    assert picture.evaluate("image => image.naturalWidth") > 500
    expect(page.get_by_text("Shift <b>falls</b> & *stays*.")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_and_nothing_is_inaccessible(
    browser: Browser, server: Server, width: int, height: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened(page, server)
    expect(page.get_by_role("img", name="Figure 8 of the paper")).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(1000)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"paper-{scheme}-{width}.png")
    page.get_by_role("img", name="Figure 8 of the paper").scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / f"paper-toy-{scheme}-{width}.png")
    assert overflow(page) <= 0
    assert violations(page) == []
    page.close()
