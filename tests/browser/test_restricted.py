"""A server for others in a real browser: what its form offers, and how it says that something is refused."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from enigma.jobs import queue
from enigma.store.home import Home
from tests.browser.conftest import SCREENSHOTS
from tests.browser.pages import form, opened
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.waiting import PATIENCE_SECONDS, settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A restricted server that takes no job."""
    home = Home(tmp_path_factory.mktemp("full"))
    (home.path / "server.toml").write_text("queued_jobs_per_person = 0\n")
    server = Server.start(home)
    yield server
    server.end()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_refusal_is_one_sentence_that_stays_and_the_form_names_no_path(
    theme: str, full: Server, browser: Browser
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    page = opened(context.new_page(), full)
    sidebar = form(page)
    sidebar.get_by_label("Dataset", exact=True).click()
    page.get_by_role("option", name="Own images …").click()
    expect(page.get_by_text("This server reads bundled and uploaded images.")).to_be_visible()
    assert page.get_by_label("Reference folder").count() == 0
    settled(page)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"restricted-form-{theme}.png")
    opened(page, full, "compare")
    page.locator("[class*=st-key-compare-offer] button").first.click()
    note = page.get_by_test_id("stAlert").first
    expect(note).to_contain_text("Expected at most 0 jobs of all who use this server in the queue")
    expect(note).to_contain_text("ask whoever runs this server to raise queued_jobs_per_person")
    expect_sound(page)
    page.screenshot(path=SCREENSHOTS / f"restricted-refusal-{theme}.png")
    assert queue.jobs(full.home) == []
    context.close()
