"""The scrubber as one HTML file that needs no server and no network: to mail, or to put on a project page.

The page holds the same code and the same packed run as the dashboard. Its Content-Security-Policy names its own two
scripts by their hashes and allows nothing else: no request, no frame, no form.

A file is at most `LARGEST` bytes. Where the whole run is larger, its pictures are made smaller first, then left out,
and then frames are thinned; the page says what was done.
"""

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from string import Template

import numpy as np
from PIL import Image

from enigma.analysis.phases.story import story
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import groups
from enigma.figures.shared.command_lines import run_command
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.palette import DARK, LIGHT
from enigma.figures.shared.provenance import Origin
from enigma.figures.web.modules import joined, source, style_sheet
from enigma.figures.web.scrubber import CSS, HTML, JAVASCRIPT
from enigma.figures.web.scrubber.pack import View, pack
from enigma.figures.web.standalone import digest, metadata, words
from enigma.figures.web.theme import streamlit_variables
from enigma.spec.errors import InputError

LARGEST = 3_000_000
"""Bytes: what mail takes without trouble."""

# Side of a picture in pixels, tried from the run's own downwards.
_PICTURE_SIZES = (24, 16)
_FEWEST_FRAMES = 6

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{metadata}
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{story}</p>
</header>
<main>{component}</main>
<noscript><p>This page draws with JavaScript, which is switched off here.</p></noscript>
<footer>
<p>{about}</p>
<p>Record it again: <code>{command}</code></p>
<details><summary>Words</summary><dl>{words}</dl></details>
</footer>
<script type="application/octet-stream" id="payload">{payload}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_STYLE = """
:root {
  color-scheme: light dark;
  $light
  --st-font: Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    $dark
  }
}
body {
  margin: 0 auto; padding: 24px clamp(12px, 2.5vw, 40px) 20px; max-width: 1800px;
  background: var(--st-background-color); color: var(--st-text-color);
  font: 15px/1.5 var(--st-font);
}
body > header { margin-bottom: 18px; }
body > header h1 { margin: 0 0 4px; font-size: 24px; line-height: 1.25; letter-spacing: -0.01em; }
body > header p, body > footer p { max-width: 100ch; margin: 0; }
body > footer { margin-top: 20px; font-size: 13px; overflow-wrap: anywhere; }
body > footer p { margin-bottom: 4px; }
body > footer dt { font-weight: 600; }
body > footer dd { margin: 0 0 4px; }
"""

_START = """
const text = document.getElementById("payload").textContent;
const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const component = {
  parentElement: document.querySelector("main"),
  data,
  setStateValue() {},
  setTriggerValue() {},
};
mount(component);
// The colours on the canvas follow the style sheet when they are asked to.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => mount(component));
"""


def page(trajectory: Trajectory, origin: Origin, export: Export) -> bytes:
    """The page, at most `LARGEST` bytes.

    Raises:
        InputError: the run is too large even with few frames and no pictures.
    """
    shown, note = trajectory, ""
    for shown, note in _smaller(trajectory):
        made = _page(shown, origin, export, note)
        if len(made) <= LARGEST:
            return made
    raise InputError(
        f"Expected a run that fits into {LARGEST // 1_000_000} MB, but {len(trajectory.labels):,} probe images in "
        f"{len(shown.steps)} frames do not; export its zip instead, or record it with fewer probe images."
    )


def _smaller(trajectory: Trajectory) -> Iterator[tuple[Trajectory, str]]:
    """The run as it is, then ever smaller, each with a sentence on what is missing."""
    yield trajectory, ""
    for size in _PICTURE_SIZES:
        if size < trajectory.thumbnail_size and trajectory.thumbnails:
            note = f"Images are shown at {size} x {size} pixels to keep this file small."
            yield _with_pictures(trajectory, size), note
    bare = replace(trajectory, thumbnails=b"")
    yield bare, "Images are left out to keep this file small."
    count = len(trajectory.steps)
    while (count := count * 2 // 3) >= _FEWEST_FRAMES:
        thinned = _thinned(bare, count)
        note = f"Images are left out, and {len(thinned.steps)} of {len(trajectory.steps)} frames are kept"
        yield thinned, f"{note}, to keep this file small."


def _with_pictures(trajectory: Trajectory, size: int) -> Trajectory:
    """The same run with smaller pictures of the images."""
    sprite = Image.open(io.BytesIO(trajectory.thumbnails))
    factor = size / trajectory.thumbnail_size
    smaller = sprite.resize((round(sprite.width * factor), round(sprite.height * factor)), Image.Resampling.BOX)
    file = io.BytesIO()
    smaller.save(file, "WEBP", quality=60, method=4)
    return replace(trajectory, thumbnails=file.getvalue(), thumbnail_size=size)


def _thinned(trajectory: Trajectory, count: int) -> Trajectory:
    """`count` frames, evenly chosen, with the first, the phase boundary and the last among them."""
    last = len(trajectory.steps) - 1
    even = np.linspace(0, last, count).round().astype(int)
    kept = np.unique([*even, trajectory.frame_at(trajectory.phase_boundary)])
    projection = trajectory.projection
    return replace(
        trajectory,
        steps=trajectory.steps[kept],
        predictions=trajectory.predictions[kept],
        confidences=trajectory.confidences[kept],
        entropies=trajectory.entropies[kept],
        distances=trajectory.distances[kept],
        distance_classes=trajectory.distance_classes[kept],
        evidence=trajectory.evidence.of_frames(kept),
        metrics={name: values[kept] for name, values in trajectory.metrics.items()},
        projection=replace(projection, steps=projection.steps[kept], probes=projection.probes[kept]),
    )


def _page(trajectory: Trajectory, origin: Origin, export: Export, note: str) -> bytes:
    asked = trajectory.phase_boundary if export.step is None else export.step
    packed = pack(trajectory, View(groups.shown_step(trajectory, asked), export.color))
    script = _script()
    style = f"{_style()}{style_sheet(CSS)}"
    about = f"{origin.program} · run {groups.printable(origin.run_id)} · works without a network. {note}".strip()
    return _PAGE.format(
        policy=_policy(script, f"\n{style}\n"),
        metadata=metadata(origin, export),
        title=groups.for_html(groups.printable(origin.title)),
        style=style,
        story=groups.for_html(story(trajectory)),
        component=source(HTML),
        about=groups.for_html(about),
        command=groups.for_html(run_command(origin.spec)),
        words=words(),
        payload=base64.b64encode(packed).decode(),
        script=script,
    ).encode()


def _style() -> str:
    """The page around the scrubber; without Streamlit it hands over the theme itself."""
    return Template(_STYLE).substitute(light=streamlit_variables(LIGHT), dark=streamlit_variables(DARK))


def _script() -> str:
    """The scrubber's module, mounted by the page itself instead of by Streamlit."""
    code, count = re.subn(r"^export default (.+);\s*\Z", r"const mount = \1;", joined(JAVASCRIPT), flags=re.MULTILINE)
    if count != 1:
        raise ValueError("Expected the scrubber's module to end with its default export, but it does not")
    # No text inside a script may look like its end.
    return f"\n{code}\n{_START}".replace("</script", "<\\/script")


def _policy(script: str, style: str) -> str:
    """Own script and own style by their hashes, pictures from memory, and nothing else."""
    allowed = {
        "default-src": "'none'",
        "script-src": digest(script),
        "style-src": digest(style),
        "img-src": "blob: data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())
