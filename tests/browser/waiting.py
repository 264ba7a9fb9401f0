"""Waiting for a condition, never for a time."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# However slow the machine; what does come is not waited for any longer than it takes.
PATIENCE_SECONDS = 240.0

_UNFINISHED = ", ".join(
    [
        # Streamlit will draw it again, has not fetched the code that draws it, or computes it.
        "[data-stale=true]",
        "[data-testid=stSkeleton]",
        "[data-testid=stSpinner]",
        # The project's own components have nothing in them until they are drawn; a canvas tells nothing itself.
        ":is(.lab, .unknowns, .told, .picture, .moving):empty",
        ":is(.scrubber, .moving):not([data-painted=true])",
        # It holds the page at the part that the address names while the page grows.
        ".stepper[data-aligning]",
    ]
)

# A component that shows something says for itself whether that is finished.
_MOUNTED = """() => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].every(
  (place) => place.shadowRoot?.childElementCount)"""

_STILL = """() =>
  document.fonts.status === "loaded"
  && [...document.images].every((image) => image.complete)
  && document.getAnimations().every(({ playState, effect }) =>
    playState !== "running" || effect.getComputedTiming().iterations === Infinity)"""

_NEXT_FRAME = "() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"


def until(condition: Callable[[], object], what: str) -> None:
    """Waits for what a page cannot tell by itself, such as a file of a run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"Expected that {what}, but it never was so."
        time.sleep(0.05)


def settled(page: Page) -> None:
    """Waits until the server has drawn all of the page, and nothing on it is unfinished or moves."""
    next_frame(page)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator(_UNFINISHED)).to_have_count(0)
    # Only now is the place of every component there; what it shows may have to be drawn first.
    page.wait_for_function(_MOUNTED)
    expect(page.locator(_UNFINISHED)).to_have_count(0)
    page.wait_for_function(_STILL)


def rested(page: Page) -> None:
    """Waits until the server has had nothing to do for longer than a component waits before it reports a choice."""
    app, since = page.get_by_test_id("stApp"), [time.monotonic()]

    def is_rested() -> bool:
        if app.get_attribute("data-test-script-state") != "notRunning":
            since[0] = time.monotonic()
        return time.monotonic() - since[0] > 1.0

    until(is_rested, "the server comes to rest")


def painted(page: Page) -> None:
    """Waits until every scrubber shows where it stands: nothing glides, and no drawing is asked for."""
    expect(page.locator(".scrubber:not([data-painted=true])")).to_have_count(0)


def next_frame(page: Page) -> None:
    """Waits until the browser has painted what was done before."""
    page.evaluate(_NEXT_FRAME)


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Waits until the server has drawn the page anew for what is done inside, also where nothing on it shows that."""
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    events: list[str] = []

    def received(frame: dict) -> None:
        message = ForwardMsg.FromString(base64.b64decode(frame["response"]["payloadData"]))
        if (
            message.WhichOneof("type") == "script_finished"
            and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        ):
            events.append("drawn")

    def is_answered() -> bool:
        # What happened meanwhile is told while the browser is asked something.
        next_frame(page)
        return "asked" in events and events[-1] == "drawn"

    client.on("Network.webSocketFrameSent", lambda frame: events.append("asked"))
    client.on("Network.webSocketFrameReceived", received)
    yield
    until(is_answered, "the server answers")
    client.detach()
