"""Every page, in both themes and four sizes: it fits, anybody can read it, and nothing goes wrong in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from enigma.ui import navigation
from tests.browser.conftest import SCREENSHOTS
from tests.browser.pages import opened
from tests.browser.serving import Server
from tests.browser.soundness import Witness, expect_sound, words
from tests.browser.stored import TINY, TINY_WITH_UNKNOWN
from tests.browser.waiting import PATIENCE_SECONDS, settled
from tests.words import ruled_out

pytestmark = pytest.mark.browser

BUNDLED = "429b4332ba79"
THEMES = ("light", "dark")
SIZES = ("1280x800", "1920x1080", "800x1000", "390x844")

# Those of which a picture is kept, for a person to look at.
KEPT = ("1280x800", "390x844")

# A new page is among these by itself; below is what a page shows only to those who ask for it.
VIEWS = {name: (name, {}) for name in navigation.names()} | {
    "watch two runs": ("watch", {"run": TINY, "beside": BUNDLED, "selected": "3,17,29"}),
    "compare three runs": ("compare", {"runs": f"{BUNDLED},{TINY},{TINY_WITH_UNKNOWN}"}),
    "unknowns beside": ("unknowns", {"run": TINY_WITH_UNKNOWN, "beside": TINY_WITH_UNKNOWN}),
    "functional neuron": ("functional", {"part": "A neuron"}),
    "functional batch": ("functional", {"part": "A batch"}),
    "functional layers": ("functional", {"part": "Layer by layer"}),
}


@dataclass(frozen=True)
class Sight:
    """A page that has been opened once, and what has gone wrong in it so far."""

    name: str
    page: Page
    witness: Witness


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One browser a theme, so that the code of the page is fetched once."""
    made = {theme: browser.new_context(color_scheme=theme) for theme in THEMES}
    for context in made.values():
        context.set_default_timeout(1000 * PATIENCE_SECONDS)
    yield made
    for context in made.values():
        context.close()


@pytest.fixture(scope="module")
def sight(server: Server, contexts: dict[str, BrowserContext], request: pytest.FixtureRequest) -> Iterator[Sight]:
    """Opened once for all sizes: a window that is made smaller shows what a small one does."""
    view, theme = request.param
    page = contexts[theme].new_page()
    witness = Witness(page)
    name, query = VIEWS[view]
    yield Sight(f"{view}-{theme}".replace(" ", "-"), opened(page, server, name, **query), witness)
    page.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "sight", [(view, theme) for view in VIEWS for theme in THEMES], indirect=True, ids=lambda param: "-".join(param)
)
def test_every_page_is_sound_in_every_theme_and_size(sight: Sight, size: str) -> None:
    width, height = map(int, size.split("x"))
    page = sight.page
    page.set_viewport_size({"width": width, "height": height})
    settled(page)
    if size in KEPT:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{sight.name}-{width}.png")
    expect_sound(page)
    assert ruled_out(words(page)) == []
    assert sight.witness.errors == []
    assert sight.witness.failed_requests == []
