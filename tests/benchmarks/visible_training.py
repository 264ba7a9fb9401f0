"""How many of the training images can be seen on the painted picture, in both themes and on a phone.

    python tests/benchmarks/visible_training.py [--run 429b4332ba79] [--out docs/results/data]

Opens the explorable page of a run in a browser and paints it twice, as a first visit has it and without the training
images and their density. A training image is seen where the two pictures differ at its place by at least 10 of 255
levels in one of the three colours: there its point or its cloud shows between test points, names, crosses and arrows.
Beside it, how much of the canvas the picture uses in the direction that it fills more.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import result_file
from playwright.sync_api import Page, sync_playwright

import enigma

LEAST_LEVELS = 10
SCREENS = {"1280 x 720": (1280, 720, False), "1440 x 900": (1440, 900, False), "phone, 390 x 844": (390, 844, True)}

# The page mounts the scrubber and keeps it to itself; here it stays within reach.
MOUNT = "mount(component);"
MOUNT_OPENLY = "window.app = new scrubber_app.App(document.querySelector('.scrubber')); app.update(component);"

SEEN = """async ([step, least]) => {
  const painted = () => new Promise((done) => {
    const look = () => (app.root.dataset.painted === "true" ? done() : requestAnimationFrame(look));
    requestAnimationFrame(() => requestAnimationFrame(look));
  });
  const { plot, run, view } = app;
  const levels = async (shown) => {
    view.show.training = view.show.density = shown;
    plot.forget();
    app.motion.setTime(run.frameAt(step));
    app.invalidate();
    await painted();
    return plot.canvas.getContext("2d").getImageData(0, 0, plot.canvas.width, plot.canvas.height);
  };
  const [without, whole] = [await levels(false), await levels(true)];
  const { scale, offsetX, offsetY } = plot.transform;
  let seen = 0;
  const places = { x: [], y: [] };
  for (let index = 0; index < run.referenceCount; index++) {
    const x = run.referenceX[index] * scale + offsetX;
    const y = offsetY - run.referenceY[index] * scale;
    places.x.push(x);
    places.y.push(y);
    const at = 4 * (Math.round(y) * whole.width + Math.round(x));
    const differs = [0, 1, 2].some((color) => Math.abs(whole.data[at + color] - without.data[at + color]) >= least);
    if (differs) seen++;
  }
  const all = { x: [...places.x, ...plot.screenX], y: [...places.y, ...plot.screenY] };
  const used = (values, size) => (Math.max(...values) - Math.min(...values)) / size;
  return [seen / run.referenceCount, Math.max(used(all.x, whole.width), used(all.y, whole.height))];
}"""


def rows(page: Page, run: enigma.OpenedRun, address: str) -> Iterator[dict[str, str | int]]:
    """One row a screen, theme and step."""
    best = int(run.summary["best_step"])
    for screen, (width, height, _) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.goto(address)
            page.wait_for_selector(".scrubber[data-painted=true]")
            for step in (0, best):
                seen, used = page.evaluate(SEEN, [step, LEAST_LEVELS])
                yield {
                    "screen": screen, "theme": theme, "step": step,
                    "seen_percent": round(100 * seen), "canvas_percent": round(100 * used),
                }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="429b4332ba79")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    run = enigma.open_run(arguments.run)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "run.html"
        run.export(file, "explorable")
        text = file.read_text(encoding="utf-8")
        assert text.count(f"\n{MOUNT}") == 1, "the page mounts the scrubber in another way"
        file.write_text(text.replace(f"\n{MOUNT}", f"\n{MOUNT_OPENLY}"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=["--no-sandbox", "--disable-gpu"])
        # The page allows no script but its own.
        page = browser.new_context(bypass_csp=True).new_page()
        found = list(rows(page, run, file.as_uri()))
        browser.close()
    for row in found:
        print(" | ".join(str(value) for value in row.values()))
    result_file.write(arguments.out, "visible_training", found)


if __name__ == "__main__":
    main()
