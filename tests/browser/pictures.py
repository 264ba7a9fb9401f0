"""Takes the pictures of the README and of the site anew, from the program as it is now.

    python -m tests.browser.pictures [NAME ...]

Needs Chromium. A picture is of what a new user sees: an empty home, the bundled run.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from enigma.store.home import Home
from enigma.ui.navigation import names
from tests.browser.pages import opened
from tests.browser.serving import Server
from tests.browser.waiting import PATIENCE_SECONDS, settled

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "assets" / "pictures"
# For the site alone; what lies in assets is installed with the program.
PAGES = ROOT / "docs" / "pictures" / "pages"
ENDS = (0, 13, 500)
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Picture:
    """What is on a picture.

    Attributes:
        part: a selector of the part that is taken; empty for the whole window.
        size: of the window.
        fineness: pixels of the picture for each of the screen.
    """

    theme: str
    page: str = "watch"
    query: Mapping[str, object] = field(default_factory=dict)
    part: str = ""
    size: tuple[int, int] = (1280, 800)
    fineness: float = 1.5
    folder: Path = PICTURES


WANTED: dict[str, Picture] = {
    "watch-light": Picture("light", query={"step": 13}),
    "watch-dark": Picture("dark", query={"step": 500, "beside": 13}),
    "functional-light": Picture("light", "functional"),
    **{
        f"projection-{step}-{theme}": Picture(theme, query={"step": step}, part=".stage")
        for step in ENDS
        for theme in THEMES
    },
    **{
        f"page-{page}-{theme}": Picture(theme, page, size=(1440, 900), fineness=1, folder=PAGES)
        for page in names()
        for theme in THEMES
    },
}


def taken(browser: Browser, server: Server, picture: Picture) -> bytes:
    """The picture as PNG."""
    context = browser.new_context(
        viewport={"width": picture.size[0], "height": picture.size[1]},
        device_scale_factor=picture.fineness,
        color_scheme=picture.theme,
    )  # type: ignore[arg-type]
    page = context.new_page()
    opened(page, server, picture.page, **picture.query)
    settled(page)
    if picture.page == "watch":
        # The camera has glided to where it stays.
        expect(page.locator("canvas").first).to_be_visible()
        page.wait_for_timeout(1500)
    content = page.locator(picture.part).first.screenshot() if picture.part else page.screenshot()
    context.close()
    return content


def smaller(content: bytes) -> bytes:
    """The same with 256 colours, a third of the size."""
    file = BytesIO()
    Image.open(BytesIO(content)).convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


def main(names: list[str]) -> None:
    expect.set_options(timeout=1000 * PATIENCE_SECONDS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Home(Path(folder))
        home.runs.mkdir()
        server = Server.start(home)
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            for name in names or WANTED:
                WANTED[name].folder.mkdir(exist_ok=True)
                (WANTED[name].folder / f"{name}.png").write_bytes(smaller(taken(browser, server, WANTED[name])))
                print(name, flush=True)
        finally:
            browser.close()
            server.end()


if __name__ == "__main__":
    main(sys.argv[1:])
