"""Measures how long the Watch view takes from input to painted picture, beside a redraw through the server.

    python tests/benchmarks/scrub.py [--sizes 5000x100 20000x50] [--moves 100] [--out docs/results/data]

For each size a small Streamlit app shows a made-up run twice: in the scrubber, and as st.slider with st.plotly_chart.
A script in the page takes the time from the event handler to the first message after the next animation frame, when
the picture has been handed to the screen; for the server route from the key press on the slider to the last change of
the plot. Compare numbers only when they come from one machine.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import result_file
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

APP = """
import plotly.graph_objects as go
import streamlit as st
from enigma.figures.web.scrubber.pack import View
from enigma.ui.pages.watch.scrubber import scrubber
from tests.factories import trajectory

st.set_page_config(layout="wide")
run = st.cache_resource(trajectory)(int(st.query_params["probes"]), int(st.query_params["frames"]), references=5000)
if st.query_params["view"] == "scrubber":
    scrubber(run, View(), key="watch")
else:
    frame = st.slider("frame", 0, len(run.steps) - 1, 0)
    low, high = run.projection.probes.min(axis=(0, 1)), run.projection.probes.max(axis=(0, 1))
    figure = go.Figure()
    figure.add_scattergl(x=run.projection.references[:, 0], y=run.projection.references[:, 1], mode="markers")
    points = run.projection.probes[frame]
    figure.add_scattergl(x=points[:, 0], y=points[:, 1], mode="markers", marker=dict(color=run.labels))
    figure.update_xaxes(range=[low[0], high[0]])
    figure.update_yaxes(range=[low[1], high[1]])
    figure.update_layout(title=f"frame {frame}", height=600)
    st.plotly_chart(figure)
"""

WATCH_SCRUBBER = """() => {
  const root = document.querySelector('.stBidiComponent [data-testid=stBidiComponentIsolated]').shadowRoot;
  window.times = [];
  const channel = new MessageChannel();
  let start = null;
  channel.port1.onmessage = () => { times.push(performance.now() - start); start = null; };
  root.addEventListener('pointermove', (event) => {
    if (!event.buttons || start !== null) return;
    start = performance.now();
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
}"""

WATCH_PLOT = """() => {
  window.keyTime = null;
  window.changed = null;
  document.addEventListener('keydown', () => { keyTime = performance.now(); changed = null; }, true);
  window.seen = '';
  const look = () => {
    const title = document.querySelector('.gtitle')?.textContent ?? '';
    if (title !== seen) { seen = title; changed = performance.now(); }
    requestAnimationFrame(look);
  };
  look();
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["5000x100", "20000x50"], help="points x frames")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    sizes = [tuple(int(part) for part in size.split("x")) for size in arguments.sizes]
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(APP, encoding="utf-8")
        port = free_port()
        server = start_server(app, port)
        try:
            rows = measure_all(f"http://localhost:{port}", sizes, arguments.moves, arguments.browser)
        finally:
            server.terminate()
            server.wait()
    result_file.write(arguments.out, "scrub", rows)


def measure_all(address: str, sizes: list[tuple[int, int]], moves: int, browser_path: str) -> list[result_file.Row]:
    """Prints and returns one row for each size and route."""
    rows: list[result_file.Row] = []
    print(f"{'points x frames':>16}  {'route':<22} {'median ms':>9} {'p95 ms':>7} {'bytes/point/frame':>18}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for probes, frames in sizes:
            query = f"?probes={probes}&frames={frames}"
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/{query}&view=scrubber")
            times = scrub(page, moves)
            rows.append(report(probes, frames, "scrubber", times, f"{bytes_per_value(probes, frames):.2f}"))
            page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/{query}&view=plot")
            times = step_slider(page, max(moves // 5, 5))
            rows.append(report(probes, frames, "slider + plotly_chart", times, ""))
            page.close()
        browser.close()
    return rows


def scrub(page: Page, moves: int) -> list[float]:
    """Drags the slider of the view and returns the milliseconds of each move."""
    page.wait_for_selector(".scrubber[data-ready]", timeout=120_000)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH_SCRUBBER)
    box = page.locator(".slider").bounding_box()
    assert box is not None
    middle = box["y"] + 16
    page.mouse.move(box["x"] + 14, middle)
    page.mouse.down()
    for move in range(moves):
        page.mouse.move(box["x"] + 14 + (box["width"] - 28) * move / moves, middle)
        page.wait_for_timeout(20)
    page.mouse.up()
    return page.evaluate("times")


def step_slider(page: Page, moves: int) -> list[float]:
    """Presses the right arrow on Streamlit's slider and waits for the new plot each time."""
    page.wait_for_selector(".gtitle", timeout=120_000)
    page.wait_for_timeout(2500)
    page.evaluate(WATCH_PLOT)
    page.locator(".stSlider input").focus()
    times = []
    for _ in range(moves):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("changed !== null && keyTime !== null && changed > keyTime", timeout=60_000)
        times.append(page.evaluate("changed - keyTime"))
        page.wait_for_timeout(250)
    return times


def report(probes: int, frames: int, route: str, times: list[float], size: str) -> result_file.Row:
    ordered = sorted(times)
    slow = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    middle = statistics.median(ordered)
    print(f"{f'{probes} x {frames}':>16}  {route:<22} {middle:9.1f} {slow:7.1f} {size:>18}", flush=True)
    return {"points": probes, "frames": frames, "route": route, "median_ms": f"{middle:.1f}", "p95_ms": f"{slow:.1f}"}


def bytes_per_value(probes: int, frames: int) -> float:
    """Size of the packed arrays; thumbnails apart."""
    from enigma.figures.web.scrubber.body import pack_body
    from tests.factories import trajectory

    return len(pack_body(trajectory(probes, frames, references=5000)).compressed) / (probes * frames)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def start_server(app: Path, port: int) -> subprocess.Popen:
    """Starts Streamlit and waits until it answers."""
    options = ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port), *options]
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return server
        time.sleep(0.2)
    server.terminate()
    raise RuntimeError(f"Expected Streamlit to answer on port {port} but it did not")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
