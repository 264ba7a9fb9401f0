"""A server that only shows what is recorded: nothing on it can be pressed that it would refuse, and nothing changes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from enigma.jobs import queue
from enigma.jobs.queue import Job
from enigma.store.home import Home
from enigma.ui import navigation
from tests.browser.conftest import SCREENSHOTS
from tests.browser.pages import opened, slider
from tests.browser.serving import Server
from tests.browser.soundness import Witness, expect_sound
from tests.browser.stored import TINY, TINY_WITH_UNKNOWN, placed
from tests.browser.waiting import PATIENCE_SECONDS, settled
from tests.conftest import TINY as SPEC

pytestmark = pytest.mark.browser

# Whatever changes something, wherever it stands.
CHANGES = re.compile(
    r"^(Run|New run|Inspect|Continue|Resume|Pause|Stop|Cancel|Dismiss|Try again|Delete|Label|Save( for .*)?"
    r"|Import|Upload|Browse files|Trash.*|Restore|Empty the trash|Undo|Estimate)$"
)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that only shows, with runs, a job that waits and one that has failed."""
    home = Home(tmp_path_factory.mktemp("gallery"))
    home.runs.mkdir()
    for run_id in (TINY, TINY_WITH_UNKNOWN):
        placed(home, run_id)
    for number, state in enumerate(("waiting", "failed")):
        queue.write(home, Job(f"{number:020d}", SPEC.to_dict(), state=state, message="It was too large."))
    server = Server.start(home, "--read-only")
    yield server
    server.end()


def kept(home: Home) -> dict[str, bytes]:
    """What a person has recorded or asked for; what can be made again, and locks, are not among it."""
    paths = (path for folder in (home.runs, home.queue) for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in paths if "derived" not in path.parts and path.suffix != ".lock"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", navigation.names())
def test_page_of_a_gallery_offers_no_change_and_is_sound(
    name: str, theme: str, gallery: Server, browser: Browser
) -> None:
    before = kept(gallery.home)
    context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    page = context.new_page()
    witness = Witness(page)
    opened(page, gallery, name)
    expect_sound(page)
    assert page.get_by_role("button", name=CHANGES).all_inner_texts() == []
    assert page.locator("input[type=file]").count() == 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"gallery-{name}-{theme}.png")
    assert witness.errors == []
    assert kept(gallery.home) == before
    context.close()


def test_what_is_recorded_can_be_looked_at_opened_and_taken_home(gallery: Server, page: Page, tmp_path: Path) -> None:
    opened(page, gallery, run=TINY)
    slider(page).press("End")
    page.get_by_role("button", name="Open run").click()
    expect(page.get_by_text("Recorded runs")).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)
    page.keyboard.press("Escape")
    settled(page)
    opened(page, gallery, "runs")
    expect(page.get_by_text("Waiting", exact=False).or_(page.get_by_text("Starting")).first).to_be_visible()
    expect(page.get_by_text("It was too large.")).to_be_visible()
