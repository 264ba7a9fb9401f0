"""What is wrong with a page, whatever it shows."""

import re
from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response, expect

from tests.browser.waiting import settled

# Opened at a page's address, Streamlit first looks for its server below that address, and then above it.
_LOOKING_FOR_ITS_SERVER = re.compile(r"//[^/]+/[a-z]+/_stcore/(health|host-config)$")


class Witness:
    """Notes what goes wrong in a page from now on: errors in the console, exceptions, requests that fail."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.failed_requests: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._exception)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        # What the network did is noted by the request.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)

    def _exception(self, error: Error) -> None:
        self.errors.append(str(error))

    def _failed(self, request: Request) -> None:
        self.failed_requests.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not _LOOKING_FOR_ITS_SERVER.search(response.url):
            self.failed_requests.append(f"{response.url}: {response.status}")


def violations(page: Page) -> Sequence[str]:
    """What axe finds on the page as it is, serious or critical, with the element each is about."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{v['id']}: {n['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
    ]


# Text of the page and of the components on it, without code and what a person would copy.
_WORDS = """() => {
  const words = [];
  const visit = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.shadowRoot) visit(node.shadowRoot);
      const parent = node.parentElement;
      if (node.nodeType === Node.TEXT_NODE && parent && !parent.closest("code, pre, style, script, template, math"))
        words.push(node.textContent);
    }
  };
  visit(document.body);
  return words;
}"""


def words(page: Page) -> str:
    """All that the page says, shown or hidden, a line for each piece of text."""
    return "\n".join(filter(str.strip, page.evaluate(_WORDS)))


def overflow(page: Page) -> int:
    """By how many pixels the page, or the part of it that scrolls, is wider than the window."""
    return page.evaluate(
        """() => Math.max(...[document.documentElement, document.querySelector("[data-testid=stMain]")]
          .filter((element) => element).map((element) => element.scrollWidth - element.clientWidth))"""
    )


def expect_sound(page: Page) -> None:
    """The page, once it is whole, fits into the window, anybody can read it, and nothing on it broke."""
    settled(page)
    assert overflow(page) <= 0
    assert violations(page) == []
    expect(page.get_by_test_id("stException")).to_have_count(0)
