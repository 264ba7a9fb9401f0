"""What a run says of itself may come from anybody: on every page it is text, and makes the browser fetch nothing."""

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import enigma
from enigma.store.run_folder import Run
from tests.browser.pages import opened
from tests.browser.serving import Server
from tests.browser.stored import planted
from tests.browser.waiting import next_frame

pytestmark = pytest.mark.browser

# Nobody listens there; asked at all, it would be seen.
ELSEWHERE = "http://127.0.0.1:9/seen.png"
HOSTILE = f'![a]({ELSEWHERE}) <img src="{ELSEWHERE}" onerror="alert(1)"> [b]({ELSEWHERE}) **c** $x$ :red[d]'


# For the session: tests without a page are done last, when a fixture of the module would be made once more.
@pytest.fixture(scope="session")
def hostile(server: Server) -> Run:
    run = planted(server.home, 31)
    facts = run.facts
    facts["hardware"]["device"] = HOSTILE
    facts["classes"] = [f"{HOSTILE} {index}" for index in range(len(facts["classes"]))]
    facts["dataset"] = [HOSTILE]
    facts["missing"] = {HOSTILE: HOSTILE}
    facts["broken_images"] = {"count": 1, "names": [HOSTILE]}
    facts["spec"]["dataset"] = f"photos/![a]({ELSEWHERE})"
    run.write("run.json", json.dumps(facts).encode())
    run.seal()
    return run


@pytest.fixture
def asked(page: Page, server: Server) -> list[str]:
    """Every request that leads elsewhere, and every dialog."""
    found: list[str] = []
    own = (server.url, server.url.replace("http", "ws"), "data:", "blob:", "file:")
    page.on("request", lambda request: None if request.url.startswith(own) else found.append(request.url))
    page.on("dialog", lambda dialog: found.append(dialog.message))
    return found


@pytest.mark.parametrize("name", ["watch", "images", "compare", "runs", "estimate", "unknowns"])
def test_text_of_a_run_is_text_on_every_page(
    page: Page, server: Server, hostile: Run, asked: list[str], name: str
) -> None:
    opened(page, server, name, **({"runs": hostile.id} if name == "compare" else {"run": hostile.id}))
    assert asked == []
    # An address that stands alone becomes a link, which nobody need follow; a name that leads elsewhere does not.
    expect(page.locator(f'[src="{ELSEWHERE}"]')).to_have_count(0)
    expect(page.get_by_role("link", name="b", exact=True)).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(
    ("what", "format"),
    [("projection", "svg"), ("curves", "svg"), ("paper", "svg"), ("explorable", "html"), ("projection", "html")],
)
def test_text_of_a_run_is_text_in_what_is_exported(
    page: Page, hostile: Run, asked: list[str], tmp_path: Path, what: str, format: str
) -> None:
    file = enigma.open_run(hostile.id, home=hostile.path.parents[1]).export(
        tmp_path / f"e.{format}", what, format=format
    )
    page.goto(file.as_uri())
    if format == "html":
        expect(page.locator(".scrubber[data-painted=true]")).to_be_visible()
    next_frame(page)
    assert asked == []
    expect(page.locator(f'[src="{ELSEWHERE}"], [href="{ELSEWHERE}"]')).to_have_count(0)
    expect(page.locator("[onerror]")).to_have_count(0)


@pytest.mark.parametrize("what", ["points", "frames", "steps"])
def test_text_of_a_run_is_no_formula_in_a_table(hostile: Run, tmp_path: Path, what: str) -> None:
    facts = hostile.facts
    facts["classes"][0] = "=1+1"
    hostile.write("run.json", json.dumps(facts).encode())
    hostile.seal()
    file = enigma.open_run(hostile.id, home=hostile.path.parents[1]).export(tmp_path / "table.csv", what, format="csv")
    cells = {cell for row in csv.reader(file.open(encoding="utf-8")) for cell in row}
    assert cells
    assert not any(cell.startswith(("=", "@")) for cell in cells)
    if what == "points":
        assert "'=1+1" in cells
