"""A real server with a home of its own, and Debian's Chromium."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from enigma.store.home import Home

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@dataclass(frozen=True)
class Server:
    url: str
    home: Home


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    executable = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return {"executable_path": executable, "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`enigma app` on a free port, started as a user would; stopped with its worker."""
    home = Home(tmp_path_factory.mktemp("home"))
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "enigma", "app", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(
        command, env={**os.environ, "ENIGMA_HOME": str(home.path)}, cwd=home.path, start_new_session=True
    )
    url = f"http://localhost:{port}"
    _wait_until_healthy(url, process)
    yield Server(url, home)
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    # The worker is in a session of its own, so that it outlives the server; here it must not.
    stop_workers(home)


def stop_workers(home: Home) -> None:
    """Ends the workers that were started for a home."""
    for started in home.queue.glob("*.started"):
        # One that was started a moment ago has not written its process id yet.
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(started.read_text()), signal.SIGTERM)


def _wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
            return
        except OSError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, serious or critical, with the element each is about."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {n['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def screenshot(page: Page, request: pytest.FixtureRequest):
    """Saves the page for a person to look at; the folder is not kept by git."""

    def save(name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return save
