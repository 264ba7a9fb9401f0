"""The Runs page in a real browser on a real server: the queue, the table, and what can be done with the chosen runs."""

import io
import re
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from enigma.jobs import queue, worker
from enigma.store import archive, collection, labels, trash
from enigma.store.home import Home
from enigma.store.labels import Label
from tests.browser.pages import address, at, button, opened, slider
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound, violations
from tests.browser.stored import LONG, numbered, planted
from tests.browser.waiting import settled, until
from tests.conftest import TINY

pytestmark = pytest.mark.browser


def expect_rows(page: Page, *ids: str) -> None:
    """The ids of the runs, in order, as the table tells them to a screen reader.

    It tells only the columns on screen, so the window is made wide enough for all.
    """
    page.set_viewport_size({"width": 2560, "height": 1200})
    cells = page.locator("[data-testid=stDataFrame] table tbody tr td:last-child")
    expect(cells).to_have_text([re.compile(f"^{run_id}") for run_id in ids])


def choose(page: Page, *positions: int) -> None:
    """Clicks the boxes at the left of rows, counted from 0, each until the table says that its row is chosen or not."""
    for position in positions:
        row = table_row(page, position)
        chosen = row.get_attribute("aria-selected")
        # A table that has just been filtered is still on its way to its place.
        settled(page)
        box = page.get_by_test_id("stDataFrame").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 17, box["y"] + 35 * (position + 1.5))
        expect(row).not_to_have_attribute("aria-selected", str(chosen))


def table_row(page: Page, position: int) -> Locator:
    """A row as the table tells it to a screen reader, counted from 0."""
    return page.locator("[data-testid=stDataFrame] table tbody tr").nth(position)


def search(page: Page, text: str) -> None:
    page.get_by_label("Search", exact=True).fill(text)
    page.get_by_label("Search", exact=True).press("Enter")


def count(page: Page, text: str) -> None:
    expect(page.get_by_text(re.compile(text)).first).to_be_visible()


def test_empty_home_says_what_to_do(page: Page, workshop: Server, screenshot: Callable) -> None:
    opened(page, workshop, "runs")
    expect(page.get_by_text("Only the run that came with the installation is here.")).to_be_visible()
    expect(page.get_by_text("Nothing is running or waiting.")).to_be_visible()
    expect_rows(page, workshop.home.example().id)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": 1440, "height": 900})
        settled(page)
        screenshot(f"runs-empty-{scheme}")
        expect_sound(page)


def test_runs_are_found_sorted_and_the_choice_is_in_the_address(page: Page, workshop: Server) -> None:
    planted(workshop.home, 1, Label.of("Figure 3", "paper", "look at the turn"))
    planted(workshop.home, 2, method="norm")
    planted(workshop.home, 3, corruption="fog")
    opened(page, workshop, "runs")
    expect_rows(page, workshop.home.example().id, numbered(3), numbered(2), numbered(1))
    search(page, "turn")
    count(page, "1 of 4 runs")
    expect_rows(page, numbered(1))
    search(page, "shift:fog-3")
    page.wait_for_url(re.compile("search=shift"))
    other = at(page.context.new_page(), page.url)
    count(other, "1 of 4 runs")
    expect_rows(other, numbered(3))
    search(page, "colour:red")
    expect(page.get_by_text("Expected a word, or one of")).to_be_visible()
    search(page, "nothing of this kind")
    expect(page.get_by_text("No run matches.")).to_be_visible()
    search(page, "")
    count(page, "^4 runs")
    page.get_by_role("combobox", name=re.compile("Sort by")).click()
    page.get_by_role("option", name="Oldest").click()
    expect_rows(page, numbered(1), numbered(2), numbered(3), workshop.home.example().id)
    page.get_by_role("combobox", name=re.compile("Method")).click()
    page.get_by_role("option", name="Norm").click()
    count(page, "1 of 4 runs")
    expect_rows(page, numbered(2))


def test_name_tags_and_note_are_kept_shown_as_typed_and_harm_nothing(page: Page, workshop: Server) -> None:
    run = planted(workshop.home, 1)
    opened(page, workshop, "runs", search=run.id)
    choose(page, 0)
    button(page, "Label").click()
    page.get_by_label("Name", exact=True).fill("<img src=x onerror=alert(1)> *x*")
    page.get_by_label("Tags", exact=True).fill("Paper #late")
    page.get_by_label("Note", exact=True).fill("**see** <script>alert(1)</script>")
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    button(page, "Save").click()
    until(lambda: labels.read(run).name, "the label is kept")
    assert labels.read(run) == Label(
        "<img src=x onerror=alert(1)> *x*", ("late", "paper"), "**see** <script>alert(1)</script>"
    )
    run.verify()
    page.keyboard.press("Escape")
    count(page, "1 chosen")
    button(page, "Delete").click()
    expect(button(page, "Undo")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Trash")).click()
    expect(page.get_by_text("<img src=x onerror=alert(1)> *x*")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert alerts == []


def test_deleted_runs_come_back_and_the_bundled_one_stays(page: Page, workshop: Server) -> None:
    for number in (1, 2):
        planted(workshop.home, number)
    opened(page, workshop, "runs")
    choose(page, 0, 1, 2)
    count(page, "3 chosen")
    button(page, "Delete").click()
    expect(page.get_by_text("came with the installation and cannot be deleted")).to_be_visible()
    expect(page.get_by_text("Deleted 2 runs.")).to_be_visible()
    assert [path.name for path in workshop.home.runs.iterdir()] == []
    button(page, "Undo").click()
    count(page, "3 runs · 2 chosen")
    assert {path.name for path in workshop.home.runs.iterdir()} == {numbered(1), numbered(2)}
    button(page, "Delete").click()
    page.get_by_role("button", name=re.compile(r"^Trash \(2\)")).click()
    expect(page.get_by_text(re.compile(r"2 deleted runs, \d+\.\d MB"))).to_be_visible()
    page.get_by_role("button", name="Restore").first.click()
    count(page, "^2 runs")
    assert len(list(workshop.home.runs.iterdir())) == 1
    assert len(trash.thrown(workshop.home.trash)) == 1


def test_several_runs_leave_as_one_zip_and_come_back_from_several(page: Page, workshop: Server, tmp_path: Path) -> None:
    first, second = planted(workshop.home, 1, Label.of("mine", "paper")), planted(workshop.home, 2)
    opened(page, workshop, "runs")
    choose(page, 1, 2)
    count(page, "2 chosen")
    with page.expect_download() as download:
        button(page, "Export").click()
    content = Path(download.value.path()).read_bytes()
    assert {name[:12] for name in zipfile.ZipFile(io.BytesIO(content)).namelist()} == {first.id, second.id}
    third = planted(workshop.home, 3)
    zips = [tmp_path / "two.zip", tmp_path / "one.zip", tmp_path / "none.zip"]
    for path, written in zip(zips, (content, archive.export_zip(third), b"hello"), strict=True):
        path.write_bytes(written)
    for run in (first, second, third):
        collection.delete(run)
    opened(page, workshop, "runs")
    button(page, "Import").click()
    page.locator("input[type=file]").first.set_input_files(zips)
    expect(page.get_by_text("Imported 3 runs.")).to_be_visible()
    expect(page.get_by_text("another kind of file")).to_be_visible()
    for run in (first, second, third):
        run.verify()
    assert labels.read(first) == Label("mine", ("paper",))


def test_damaged_run_is_listed_with_what_to_do_and_can_be_deleted(page: Page, workshop: Server) -> None:
    planted(workshop.home, 1)
    run = planted(workshop.home, 2)
    (run.path / "run.json").write_text("{")
    # Nor does it keep the Watch page from the others.
    opened(page, workshop)
    expect(slider(page)).to_be_visible()
    opened(page, workshop, "runs")
    count(page, "1 damaged")
    search(page, "damaged")
    count(page, "1 of 3 runs")
    choose(page, 0)
    expect(page.get_by_text("Delete it, and import it again if you have its zip.")).to_be_visible()
    button(page, "Delete").click()
    expect(button(page, "Undo")).to_be_visible()
    assert not run.path.exists()


def test_chosen_runs_lead_to_watch_and_compare(page: Page, workshop: Server) -> None:
    planted(workshop.home, 1)
    planted(workshop.home, 2)
    opened(page, workshop, "runs")
    expect(button(page, "Watch")).to_be_disabled()
    choose(page, 1)
    link = page.get_by_test_id("stMain").get_by_role("link", name="Watch")
    expect(link).to_have_attribute("href", re.compile(f"run={numbered(2)}"))
    choose(page, 2)
    compare = page.get_by_test_id("stMain").get_by_role("link", name="Compare")
    expect(compare).to_have_attribute("href", re.compile(f"compare.*runs={numbered(2)}(,|%2C){numbered(1)}"))
    choose(page, 2)
    link.click()
    expect(slider(page)).to_be_visible()
    assert numbered(2) in page.url


def test_jobs_show_whose_turn_it_is_and_refresh_without_disturbing_a_person(
    page: Page, workshop: Server, screenshot: Callable
) -> None:
    planted(workshop.home, 5)
    first = worker.submit(workshop.home, LONG, by="Ann <b>")
    second = worker.submit(workshop.home, LONG.override(seed=1))
    opened(page, workshop, "runs")
    expect(page.get_by_text("asked for by Ann <b>")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Waiting in place 2 for cpu, after Ann <b> \(Tent · Gaussian noise 3\)"))
           ).to_be_visible()  # fmt: skip
    step = page.get_by_text(re.compile(r"Step [\d,]+ of 100,000"))
    expect(step).to_be_visible()
    # A choice and a half-typed word outlive the redrawing of the queue.
    count(page, "^3 runs")
    choose(page, 2)
    count(page, "1 chosen")
    button(page, "Label").click()
    page.get_by_label("Note", exact=True).press_sequentially("half a sen")
    before = page.get_by_test_id("stDataFrame").element_handle()
    for _ in range(3):
        expect(step).not_to_have_text(step.inner_text())
    expect(page.get_by_label("Note", exact=True)).to_have_value("half a sen")
    assert page.evaluate("node => node.isConnected", before)
    count(page, "1 chosen")
    page.keyboard.press("Escape")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        settled(page)
        screenshot(f"runs-live-{scheme}")
        assert violations(page) == []
    # Somebody else sees on the Watch page whom they wait for.
    other = page.context.new_page()
    other.goto(address(workshop, job=second.id))
    expect(other.get_by_text(re.compile("Waiting in place 2 for cpu, after Ann"))).to_be_visible()
    other.close()
    button(page, "Pause").first.click()
    expect(button(page, "Resume").first).to_be_visible()
    expect(page.get_by_text(re.compile("· paused"))).to_be_visible()
    run = workshop.home.find(queue.find(workshop.home, first.id).run_id)  # type: ignore[union-attr]
    assert run.state == "paused"
    # The next one has its turn; it is stopped, and the paused one goes on.
    lines = {job.id: page.locator(f".st-key-job-{job.id}") for job in (first, second)}
    expect(lines[second.id].get_by_role("button", name="Pause")).to_be_visible()
    # All of the page is drawn anew when a job begins; nobody clicks within the tenth of a second that this takes.
    settled(page)
    lines[first.id].get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Waiting in place 2")).to_be_visible()
    lines[second.id].get_by_role("button", name="Cancel").click()
    until(lambda: run.state == "running", "the paused run goes on")
    assert {other.state for other in collection.listed(workshop.home.runs) if other.spec.seed == 1} == {"stopped"}


def test_failed_job_stays_with_its_reason_until_it_is_dismissed(page: Page, workshop: Server) -> None:
    job = worker.Job(f"{1:020d}", {**TINY.to_dict(), "batch_size": 1})
    worker.write(workshop.home, job)
    opened(page, workshop, "runs")
    expect(page.get_by_text("use a larger batch or a model with GroupNorm")).to_be_visible()
    opened(page, workshop, "runs")
    expect(page.get_by_text("use a larger batch or a model with GroupNorm")).to_be_visible()
    button(page, "Dismiss").click()
    expect(page.get_by_text("Nothing is running or waiting.")).to_be_visible()
    assert queue.jobs(workshop.home) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_with_runs_fits_and_has_no_serious_accessibility_violation(
    page: Page, workshop: Server, scheme: str, screenshot: Callable
) -> None:
    planted(workshop.home, 1, Label.of("Figure 3", "paper collapse"))
    planted(workshop.home, 2, method="norm")
    (planted(workshop.home, 3).path / "run.json").write_text("{")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, workshop, "runs")
    choose(page, 1)
    count(page, "1 chosen")
    for width, height in ((1440, 900), (800, 1000), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        screenshot(f"runs-{width}-{scheme}")
        expect_sound(page)


def test_run_outlives_a_killed_server_and_is_on_screen_again_while_its_slider_grows(page: Page, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    first = Server.start(home)
    opened(page, first)
    job = worker.submit(home, LONG.override(device="auto"))
    until(lambda: (queue.find(home, job.id) or job).run_id, "the run has begun")
    run = home.find((queue.find(home, job.id) or job).run_id)
    # A page that is open says in its console that it has lost its server.
    page.goto("about:blank")
    first.end(signal.SIGKILL)
    stood = run.status["step"]
    until(lambda: run.status["step"] > stood + 1, "the run goes on without its server")
    second = Server.start(home)
    try:
        # No address names the run: the page finds what goes on, in this tab and in another, also after a reload.
        for _ in range(2):
            page.goto(second.url)
            page.wait_for_url(re.compile(f"run={run.id}"))
            expect(slider(page)).to_be_visible()
            page.reload()
        expect(slider(page)).to_be_visible()
        last = int(slider(page).get_attribute("aria-valuemax") or 0)
        expect(slider(page)).not_to_have_attribute("aria-valuemax", str(last))
        assert int(slider(page).get_attribute("aria-valuemax") or 0) > last
        tab = page.context.new_page()
        opened(tab, second, "runs")
        expect(tab.get_by_text(re.compile(r"Step [\d,]+ of 100,000"))).to_be_visible()
        button(tab, "Cancel").click()
        expect(tab.get_by_text("Nothing is running or waiting.")).to_be_visible()
        assert run.state == "stopped"
    finally:
        second.end(signal.SIGKILL)
        second.end_workers()


def test_runs_of_one_title_are_told_apart_by_what_differs(page: Page, workshop: Server) -> None:
    # The server keeps titles by id, and an id stands for one spec: these are of no other test.
    for number, rate in ((21, 0.001), (22, 0.002), (23, 0.002)):
        planted(workshop.home, number, lr=rate)
    opened(page, workshop, "runs")
    page.set_viewport_size({"width": 2560, "height": 1200})
    # The bundled run is the newest.
    for position, told in enumerate(("lr 0.002 · seed 23", "lr 0.002 · seed 22", "lr 0.001"), 1):
        expect(table_row(page, position)).to_contain_text(f"Tent · Gaussian noise 3 · {told}")
    search(page, "0.001")
    count(page, "1 of 4 runs")
