"""The Runs page in a real browser on a real server: the queue, the table, and what can be done with the chosen runs."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from enigma.jobs import queue, worker
from enigma.store import archive, labels, run_folder, trash
from enigma.store.home import Home
from enigma.store.labels import Label
from enigma.store.run_folder import Run
from tests.browser.conftest import SCREENSHOTS, Server, _wait_until_healthy, overflow, stop_workers, violations
from tests.conftest import TINY

pytestmark = pytest.mark.browser

SLOW = 120_000
LONG = TINY.override(steps=100_000, frames=(0, *range(1, 6001, 10), 100_000))


def named(number: int) -> str:
    return f"{number:012x}"


def planted(home: Home, number: int, label: Label = Label(), **changes: object) -> Run:  # noqa: B008
    """A finished run of its own: the bundled one under another id, spec and time."""
    example = home.example()
    run = Run(home.runs / named(number))
    shutil.copytree(example.path, run.path)
    spec = example.spec.override(seed=number, **changes).to_dict()
    facts = {**example.facts, "id": run.id, "spec": spec, "created": f"2026-10-{number:02d}T12:00:00Z"}
    run.write("run.json", json.dumps(facts).encode())
    run.seal()
    labels.write(run, label)
    return run


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile(r"\d+ runs?( |$)")).first).to_be_visible(timeout=SLOW)
    return page


def rows(page: Page) -> list[str]:
    """The ids of the runs, in order, as the table tells them to a screen reader.

    It tells only the columns on screen, so the window is made wide enough for all.
    """
    page.set_viewport_size({"width": 2560, "height": 1200})
    expect(page.locator("[data-testid=stDataFrame] table thead")).to_contain_text("Run", timeout=SLOW)
    page.wait_for_timeout(500)
    cells = page.locator("[data-testid=stDataFrame] table tbody tr td:last-child")
    return [text[:12] for text in cells.all_text_contents()]


def choose(page: Page, *positions: int) -> None:
    """Clicks the boxes at the left of rows, counted from 0."""
    # A table that has just been filtered is still on its way to its place.
    page.wait_for_timeout(800)
    for position in positions:
        box = page.get_by_test_id("stDataFrame").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 17, box["y"] + 35 * (position + 1.5))
        page.wait_for_timeout(400)


def search(page: Page, text: str) -> None:
    page.get_by_label("Search", exact=True).fill(text)
    page.get_by_label("Search", exact=True).press("Enter")


def count(page: Page, text: str) -> None:
    expect(page.get_by_text(re.compile(text)).first).to_be_visible(timeout=SLOW)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


@pytest.fixture
def clean(server: Server) -> Iterator[Home]:
    """The server's home, with nothing in it but what a test puts there."""
    home = server.home
    for folder in (home.runs, home.trash):
        shutil.rmtree(folder, ignore_errors=True)
    home.runs.mkdir(parents=True)
    yield home
    for job in queue.jobs(home):
        queue.cancel(home, job)
    deadline = time.monotonic() + 120
    while queue.active(home):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for job in queue.jobs(home):
        queue.dismiss(home, job)


def test_empty_home_says_what_to_do(page: Page, server: Server, clean: Home, screenshot: Callable) -> None:
    opened(page, f"{server.url}/runs")
    expect(page.get_by_text("Only the run that came with the installation is here.")).to_be_visible()
    expect(page.get_by_text("Nothing is running or waiting.")).to_be_visible()
    assert rows(page) == [clean.example().id]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": 1440, "height": 900})
        page.wait_for_timeout(800)
        screenshot(f"runs-empty-{scheme}")
        assert violations(page) == []


def test_runs_are_found_sorted_and_the_choice_is_in_the_address(
    page: Page, server: Server, clean: Home, browser: Browser
) -> None:
    planted(clean, 1, Label.of("Figure 3", "paper", "look at the turn"))
    planted(clean, 2, method="norm")
    planted(clean, 3, corruption="fog")
    opened(page, f"{server.url}/runs")
    assert rows(page) == [clean.example().id, named(3), named(2), named(1)]
    search(page, "turn")
    count(page, "1 of 4 runs")
    assert rows(page) == [named(1)]
    search(page, "shift:fog-4")
    page.wait_for_url(re.compile("search=shift"))
    other = opened(browser.new_page(), page.url)
    count(other, "1 of 4 runs")
    assert rows(other) == [named(3)]
    other.close()
    search(page, "colour:red")
    expect(page.get_by_text("Expected a word, or one of")).to_be_visible(timeout=SLOW)
    search(page, "nothing of this kind")
    expect(page.get_by_text("No run matches.")).to_be_visible(timeout=SLOW)
    search(page, "")
    count(page, "^4 runs")
    page.get_by_role("combobox", name=re.compile("Sort by")).click()
    page.get_by_role("option", name="Oldest").click()
    page.wait_for_timeout(1500)
    assert rows(page)[0] == named(1)
    page.get_by_role("combobox", name=re.compile("Method")).click()
    page.get_by_role("option", name="Norm").click()
    count(page, "1 of 4 runs")
    assert rows(page) == [named(2)]


def test_name_tags_and_note_are_kept_shown_as_typed_and_harm_nothing(page: Page, server: Server, clean: Home) -> None:
    run = planted(clean, 1)
    opened(page, f"{server.url}/runs?search={run.id}")
    choose(page, 0)
    button(page, "Label").click()
    page.get_by_label("Name", exact=True).fill("<img src=x onerror=alert(1)> *x*")
    page.get_by_label("Tags", exact=True).fill("Paper #late")
    page.get_by_label("Note", exact=True).fill("**see** <script>alert(1)</script>")
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    button(page, "Save").click()
    deadline = time.monotonic() + 60
    while not labels.read(run).name:
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
    assert labels.read(run) == Label(
        "<img src=x onerror=alert(1)> *x*", ("late", "paper"), "**see** <script>alert(1)</script>"
    )
    run.verify()
    page.keyboard.press("Escape")
    count(page, "1 chosen")
    button(page, "Delete").click()
    expect(button(page, "Undo")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name=re.compile(r"^Trash")).click()
    expect(page.get_by_text("<img src=x onerror=alert(1)> *x*")).to_be_visible(timeout=SLOW)
    assert page.locator("img[src=x]").count() == 0
    assert alerts == []


def test_deleted_runs_come_back_and_the_bundled_one_stays(page: Page, server: Server, clean: Home) -> None:
    for number in (1, 2):
        planted(clean, number)
    opened(page, f"{server.url}/runs")
    choose(page, 0, 1, 2)
    count(page, "3 chosen")
    button(page, "Delete").click()
    expect(page.get_by_text("came with the installation and cannot be deleted")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Deleted 2 runs.")).to_be_visible()
    assert [path.name for path in clean.runs.iterdir()] == []
    button(page, "Undo").click()
    count(page, "3 runs · 2 chosen")
    assert {path.name for path in clean.runs.iterdir()} == {named(1), named(2)}
    button(page, "Delete").click()
    page.get_by_role("button", name=re.compile(r"^Trash \(2\)")).click(timeout=SLOW)
    expect(page.get_by_text(re.compile(r"2 deleted runs, \d+\.\d MB"))).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Restore").first.click()
    count(page, "^2 runs")
    assert len(list(clean.runs.iterdir())) == 1
    assert len(trash.thrown(clean.trash)) == 1


def test_several_runs_leave_as_one_zip_and_come_back_from_several(
    page: Page, server: Server, clean: Home, tmp_path: Path
) -> None:
    first, second = planted(clean, 1, Label.of("mine", "paper")), planted(clean, 2)
    opened(page, f"{server.url}/runs")
    choose(page, 1, 2)
    count(page, "2 chosen")
    with page.expect_download(timeout=SLOW) as download:
        button(page, "Export").click()
    content = Path(download.value.path()).read_bytes()
    assert {name[:12] for name in zipfile.ZipFile(io.BytesIO(content)).namelist()} == {first.id, second.id}
    third = planted(clean, 3)
    zips = [tmp_path / "two.zip", tmp_path / "one.zip", tmp_path / "none.zip"]
    for path, written in zip(zips, (content, archive.export_zip(third), b"hello"), strict=True):
        path.write_bytes(written)
    for run in (first, second, third):
        archive.delete(run)
    opened(page, f"{server.url}/runs")
    button(page, "Import").click()
    page.locator("input[type=file]").first.set_input_files(zips)
    expect(page.get_by_text("Imported 3 runs.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("another kind of file")).to_be_visible()
    for run in (first, second, third):
        run.verify()
    assert labels.read(first) == Label("mine", ("paper",))


def test_damaged_run_is_listed_with_what_to_do_and_can_be_deleted(page: Page, server: Server, clean: Home) -> None:
    planted(clean, 1)
    run = planted(clean, 2)
    (run.path / "run.json").write_text("{")
    # Nor does it keep the Watch page from the others.
    page.goto(server.url)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    opened(page, f"{server.url}/runs")
    count(page, "1 damaged")
    search(page, "damaged")
    count(page, "1 of 3 runs")
    choose(page, 0)
    expect(page.get_by_text("Delete it, and import it again if you have its zip.")).to_be_visible(timeout=SLOW)
    button(page, "Delete").click()
    expect(button(page, "Undo")).to_be_visible(timeout=SLOW)
    assert not run.path.exists()


def test_chosen_runs_lead_to_watch_and_compare(page: Page, server: Server, clean: Home) -> None:
    from enigma.ui import navigation

    planted(clean, 1)
    planted(clean, 2)
    opened(page, f"{server.url}/runs")
    expect(button(page, "Watch")).to_be_disabled()
    choose(page, 1)
    link = page.get_by_test_id("stMain").get_by_role("link", name="Watch")
    expect(link).to_have_attribute("href", re.compile(f"run={named(2)}"), timeout=SLOW)
    if "compare" in navigation.names():
        choose(page, 2)
        compare = page.get_by_test_id("stMain").get_by_role("link", name="Compare")
        expect(compare).to_have_attribute(
            "href", re.compile(f"compare.*runs={named(2)}(,|%2C){named(1)}"), timeout=SLOW
        )
        choose(page, 2)
    link.click()
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    assert named(2) in page.url


def test_jobs_show_whose_turn_it_is_and_refresh_without_disturbing_a_person(
    page: Page, server: Server, clean: Home, browser: Browser, screenshot: Callable
) -> None:
    planted(clean, 1)
    first = worker.submit(clean, LONG, by="Ann <b>")
    second = worker.submit(clean, LONG.override(seed=1))
    opened(page, f"{server.url}/runs")
    expect(page.get_by_text("asked for by Ann <b>")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile(r"Waiting in place 2 for cpu, after Ann <b> \(Tent · Gaussian noise 3\)"))
           ).to_be_visible()  # fmt: skip
    step = page.get_by_text(re.compile(r"Step [\d,]+ of 100,000"))
    expect(step).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(1500)
    # A choice and a half-typed word outlive the redrawing of the queue.
    count(page, "^3 runs")
    choose(page, 2)
    count(page, "1 chosen")
    button(page, "Label").click()
    page.get_by_label("Note", exact=True).press_sequentially("half a sen")
    before, told = page.get_by_test_id("stDataFrame").element_handle(), step.inner_text()
    expect(step).not_to_have_text(told, timeout=SLOW)
    page.wait_for_timeout(2500)
    expect(page.get_by_label("Note", exact=True)).to_have_value("half a sen")
    assert page.evaluate("node => node.isConnected", before)
    count(page, "1 chosen")
    page.keyboard.press("Escape")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(800)
        screenshot(f"runs-live-{scheme}")
        assert violations(page) == []
    # Somebody else sees on the Watch page whom they wait for.
    other = browser.new_page()
    other.goto(f"{server.url}/?job={second.id}", timeout=SLOW)
    expect(other.get_by_text(re.compile("Waiting in place 2 for cpu, after Ann"))).to_be_visible(timeout=SLOW)
    other.close()
    button(page, "Pause").first.click()
    expect(button(page, "Resume").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile("· paused"))).to_be_visible(timeout=SLOW)
    run = clean.find(queue.find(clean, first.id).run_id)  # type: ignore[union-attr]
    assert run.state == "paused"
    # The next one has its turn; it is stopped, and the paused one goes on.
    lines = {job.id: page.locator(f".st-key-job-{job.id}") for job in (first, second)}
    expect(lines[second.id].get_by_role("button", name="Pause")).to_be_visible(timeout=SLOW)
    lines[first.id].get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Waiting in place 2")).to_be_visible(timeout=SLOW)
    lines[second.id].get_by_role("button", name="Cancel").click()
    deadline = time.monotonic() + 120
    while run.state != "running":
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
    assert {
        other.state for other in run_folder.listed(clean.runs) if other.spec.seed == 1 and other.spec.probes == 60
    } == {"stopped"}


def test_failed_job_stays_with_its_reason_until_it_is_dismissed(page: Page, server: Server, clean: Home) -> None:
    job = worker.Job(f"{1:020d}", {**TINY.to_dict(), "batch_size": 1})
    worker.write(clean, job)
    opened(page, f"{server.url}/runs")
    expect(page.get_by_text("use a larger batch or a model with GroupNorm")).to_be_visible(timeout=SLOW)
    opened(page, f"{server.url}/runs")
    expect(page.get_by_text("use a larger batch or a model with GroupNorm")).to_be_visible(timeout=SLOW)
    button(page, "Dismiss").click()
    expect(page.get_by_text("Nothing is running or waiting.")).to_be_visible(timeout=SLOW)
    assert queue.jobs(clean) == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (400, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_with_runs_fits_and_has_no_serious_accessibility_violation(
    browser: Browser, server: Server, clean: Home, width: int, height: int, scheme: str
) -> None:
    planted(clean, 1, Label.of("Figure 3", "paper collapse"))
    planted(clean, 2, method="norm")
    (planted(clean, 3).path / "run.json").write_text("{")
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, f"{server.url}/runs")
    choose(page, 1)
    page.wait_for_timeout(1500)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"runs-{width}-{scheme}.png")
    assert overflow(page) <= 0
    assert violations(page) == []
    page.close()


def test_run_outlives_a_killed_server_and_is_on_screen_again_while_its_slider_grows(
    page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Home(tmp_path_factory.mktemp("killed"))
    server, url = started(home)
    page.goto(url)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    job = worker.submit(home, LONG.override(device="auto"))
    deadline = time.monotonic() + 240
    while not (found := queue.find(home, job.id)) or not found.run_id:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run = home.find(found.run_id)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    at = run.status["step"]
    while run.status["step"] <= at + 1:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    server, url = started(home)
    try:
        # No address names the run: the page finds what goes on, in this tab and in another, also after a reload.
        for _ in range(2):
            page.goto(url)
            page.wait_for_url(re.compile(f"run={run.id}"), timeout=SLOW)
            slider = page.get_by_role("slider", name="Frame")
            expect(slider).to_be_visible(timeout=SLOW)
            page.reload()
        slider = page.get_by_role("slider", name="Frame")
        expect(slider).to_be_visible(timeout=SLOW)
        last = int(slider.get_attribute("aria-valuemax") or 0)
        expect(slider).not_to_have_attribute("aria-valuemax", str(last), timeout=SLOW)
        assert int(slider.get_attribute("aria-valuemax") or 0) > last
        tab = page.context.new_page()
        tab.goto(f"{url}/runs")
        expect(tab.get_by_text(re.compile(r"Step [\d,]+ of 100,000"))).to_be_visible(timeout=SLOW)
        button(tab, "Cancel").click()
        expect(tab.get_by_text("Nothing is running or waiting.")).to_be_visible(timeout=SLOW)
        assert run.state == "stopped"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        stop_workers(home)


def started(home: Home) -> tuple[subprocess.Popen, str]:
    """`enigma app` on a free port."""
    import socket

    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "enigma", "app", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "ENIGMA_HOME": str(home.path)}
    process = subprocess.Popen(command, env=environment, cwd=home.path, start_new_session=True)
    url = f"http://localhost:{port}"
    _wait_until_healthy(url, process)
    return process, url
