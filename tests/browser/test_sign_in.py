"""Signing in with a local identity provider, `oidc-provider-mock`, in a process of its own: who may do what then."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect

from enigma.jobs import queue
from enigma.store import permission
from enigma.store.archive import export_zip
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.browser.conftest import SCREENSHOTS
from tests.browser.pages import address, button
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.stored import TINY
from tests.browser.waiting import PATIENCE_SECONDS, settled, until
from tests.ports import free_port
from tests.stored import RUNS

pytestmark = pytest.mark.browser

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of an identity provider that believes whoever says who they are."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for name in (ANN, BOB):
        command += ["--user-claims", f'{{"sub": "{name}", "email": "{name}"}}']
    process = subprocess.Popen(command)
    url = f"http://localhost:{port}"

    def answers() -> bool:
        assert process.poll() is None, "the identity provider ended"
        try:
            urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=2)
        except OSError:
            return False
        return True

    until(answers, "the identity provider answers")
    yield url
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def shared(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks people to sign in, on which nothing is recorded: its only worker is kept away."""
    home = Home(tmp_path_factory.mktemp("shared"))
    (home.path / ".streamlit").mkdir()
    (home.path / ".streamlit" / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "enigma"
client_secret = "secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
    )
    home.runs.mkdir()
    home.queue.mkdir()
    locks = [FileLock(home.queue / f"worker-{name}.lock") for name in ("cpu", "auto")]
    for lock in locks:
        lock.acquire()
    server = Server.start(home)
    yield server
    server.end()
    for lock in locks:
        lock.release()


def context_of(browser: Browser, theme: str = "light") -> BrowserContext:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    return context


def signed_in(context: BrowserContext, server: Server, person: str, name: str) -> Page:
    """A page, by way of the provider."""
    page = context.new_page()
    page.goto(address(server, name))
    button(page, "Sign in").click()
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_role("textbox").first.fill(person)
    page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{server.url}/**")
    page.goto(address(server, name))
    expect(page.get_by_text(f"Signed in as {person}")).to_be_attached()
    settled(page)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_who_has_not_signed_in_sees_nothing_but_the_way_in(theme: str, shared: Server, browser: Browser) -> None:
    context = context_of(browser, theme)
    page = context.new_page()
    for name in ("watch", "runs"):
        page.goto(address(shared, name))
        expect(button(page, "Sign in")).to_be_visible()
        expect_sound(page)
        assert page.get_by_role("heading").all_inner_texts() == ["Entropy Enigma"]
        assert page.get_by_test_id("stTopNav").count() == 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"sign-in-{theme}.png")
    context.close()


def test_each_changes_only_what_is_theirs(shared: Server, browser: Browser, tmp_path: Path) -> None:
    home, zipped = shared.home, tmp_path / "run.zip"
    zipped.write_bytes(export_zip(Run(RUNS / TINY)))
    ann_context, bob_context = context_of(browser), context_of(browser)
    ann = signed_in(ann_context, shared, ANN, "runs")
    button(ann, "Import").click()
    ann.locator("input[type=file]").set_input_files(zipped)
    expect(ann.get_by_text("Imported 1 run.")).to_be_visible()
    owner = permission.owner_of(home.runs / TINY)
    assert owner.name == ANN
    assert owner.key.endswith(f" {ANN}")
    ann.goto(address(shared, "compare", runs=TINY))
    ann.get_by_text("Record a run to compare with").wait_for()
    ann.locator("[class*=st-key-compare-offer] button").first.click()
    until(lambda: queue.active(home), "the job is in the queue")
    (job,) = queue.active(home)
    assert (job.person, job.by) == (owner.key, ANN)

    bob = signed_in(bob_context, shared, BOB, "runs")
    expect(bob.get_by_text(f"asked for by {ANN}")).to_be_visible()
    assert button(bob, "Cancel").count() == 0
    bob.screenshot(path=SCREENSHOTS / "sign-in-queue-of-another.png")
    bob.goto(address(shared, "watch", run=TINY))
    expect(bob.get_by_text(f"of {ANN}")).to_be_visible()

    ann.goto(address(shared, "runs"))
    expect(ann.get_by_text("asked for by you")).to_be_visible()
    button(ann, "Cancel").click()
    until(lambda: not queue.active(home), "the job is cancelled")
    settled(ann)
    button(ann, "Sign out").click()
    # The provider asks too.
    ann.wait_for_url("**/oauth2/end_session**")
    ann.locator("[type=submit]").first.click()
    expect(button(ann, "Sign in")).to_be_visible()
    ann.goto(address(shared, "runs"))
    expect(button(ann, "Sign in")).to_be_visible()
    ann_context.close()
    bob_context.close()
