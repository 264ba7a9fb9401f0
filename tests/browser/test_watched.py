"""A run that was watched in a loop of somebody else's, on the pages that show runs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import opened
from tests.browser.serving import Server
from tests.watched import ALL, watched

pytestmark = pytest.mark.browser


def test_watch_compare_and_images_show_a_watched_loop(page: Page, server: Server, screenshot: Callable) -> None:
    whole = watched(server.home.path, ALL, "embeddings", "logits", "loss", name="My loop")
    bare = watched(server.home.path, {}, "embeddings", name="Embeddings alone")
    opened(page, server, run=whole.id, step=5)
    expect(page.get_by_role("heading", name="My loop")).to_be_visible()
    expect(page.locator(".readout .now")).to_have_text("5")
    screenshot("watched")
    opened(page, server, run=bare.id, color="entropy")
    expect(page.get_by_text("no logits were logged").first).to_be_visible()
    expect(page.get_by_label("Colour by")).to_have_value("label")
    expect(page.get_by_label("Colour by").locator("option[value=entropy]")).to_be_disabled()
    screenshot("watched-embeddings")
    opened(page, server, "compare", runs=f"{whole.id},{bare.id}")
    expect(page.get_by_text("Embeddings alone").first).to_be_visible()
    opened(page, server, "images", run=whole.id, step=5)
    expect(page.locator(".ee-card").first).to_be_visible()
    opened(page, server, "images", run=bare.id)
    expect(page.get_by_text("its loop logged no logits")).to_be_visible()
