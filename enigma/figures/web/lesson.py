"""The lesson as one HTML file that needs no server and no network: to lecture with, to mail, to put on a site.

It holds the same text, the same bar and the same live pictures as the Learn page.
"""

import base64
import io
import json
import re
from string import Template

from enigma.analysis.lesson.story import Part, experiments, sources
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import inline
from enigma.figures.print import lesson as pictures
from enigma.figures.print.formula import formula
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.groups import for_html
from enigma.figures.shared.palette import DARK, LIGHT
from enigma.figures.shared.provenance import Origin
from enigma.figures.web import lecture
from enigma.figures.web.lecture.marking import as_html
from enigma.figures.web.modules import joined, source, style_sheet
from enigma.figures.web.standalone import digest, metadata, words
from enigma.figures.web.theme import streamlit_variables

_TITLE = "The Entropy Enigma in eight steps"

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
$metadata
<title>$title</title>
<style>
$style
</style>
</head>
<body class="st-key-lesson">
<div class="st-key-stepper">$stepper</div>
<header>
<h1>$title</h1>
<p>Arrow keys or a clicker go from step to step, F fills the screen, N shows the speaker notes.</p>
</header>
<main>$parts</main>
<noscript><p>This page draws with JavaScript, which is switched off here.</p></noscript>
<footer>
<h2>Words</h2>
<dl>$words</dl>
<h2>Sources</h2>
<ul>$sources</ul>
<p>$about</p>
</footer>
<script type="application/octet-stream" id="payload">$payload</script>
<script type="module">$script</script>
</body>
</html>
""")

_START = Template("""
const payload = document.getElementById("payload").textContent;
const words = $words;
const mountAll = () => {
  mountBar({ parentElement: document.querySelector(".st-key-stepper"), data: { words } });
  for (const place of document.querySelectorAll(".ee-moving")) {
    mountPicture({ parentElement: place, data: { ...JSON.parse(place.dataset.live), payload } });
  }
};
mountAll();
// The colours on a canvas follow the style sheet when they are asked to.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", mountAll);
""")


def page(trajectory: Trajectory, told: list[Part], origin: Origin, export: Export) -> bytes:
    """The page."""
    script = _script([part.word for part in told])
    style = "".join((_theme(), style_sheet(lecture.MOVING_CSS), source(lecture.STEPPER_CSS), source(lecture.HALL_CSS)))
    # The pictures' own elements have their styles in attributes, which no digest can name.
    policy = (
        f"default-src 'none'; script-src {digest(script)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return _PAGE.substitute(
        policy=policy,
        metadata=metadata(origin, export),
        title=_TITLE,
        style=f"{style}{source('lecture/page.css')}",
        stepper=source(lecture.STEPPER_HTML),
        parts="".join(_part(trajectory, number, part) for number, part in enumerate(told, start=1)),
        words=words(),
        sources="".join(
            f'<li><a href="{for_html(one["link"])}">{for_html(one["title"])}</a></li>' for one in sources()
        ),
        about=for_html(f"{origin.program} · run {origin.run_id} · works without a network."),
        payload=lecture.moving_payload(trajectory),
        script=script,
    ).encode()


def _part(trajectory: Trajectory, number: int, part: Part) -> str:
    formulae = "".join(
        f'<p class="ee-formula">{_own_names(formula(tex), f"f{number}{index}")}</p>'
        for index, tex in enumerate(part.formulae)
    )
    symbols = f'<p class="ee-small">{as_html(part.symbols)}</p>' if part.symbols else ""
    note = f'<details class="ee-note"><summary>Compared with the paper</summary><p>{as_html(part.note)}</p></details>'
    return (
        f'<section class="st-key-part-{number}"><div class="ee-columns"><div>'
        f'<p class="ee-eyebrow">{number} of 8</p><h2>{for_html(part.heading)}</h2><p>{as_html(part.text)}</p>'
        f"{formulae}{symbols}{note if number < 8 else ''}"
        f'<details class="ee-notes"><summary>Speaker notes</summary><p>{for_html(part.notes)}</p></details></div>'
        f"<figure>{_picture(trajectory, number, part)}<figcaption>{as_html(part.caption)}</figcaption></figure></div>"
        f"{_experiments() if number == 8 else ''}</section>"
    )


def _picture(trajectory: Trajectory, number: int, part: Part) -> str:
    if part.plays:
        data = lecture.moving_data("", part.plays, part.color, part.caption)
        return f'<div class="ee-moving" data-live="{for_html(json.dumps(data))}">{lecture.MOVING_HTML}</div>'
    if number == 1:
        file = io.BytesIO()
        inline.mosaic(trajectory, 8, 5).save(file, "PNG", optimize=True)
        content = base64.b64encode(file.getvalue()).decode()
        return f'<img alt="{for_html(part.caption)}" src="data:image/png;base64,{content}">'
    return _own_names(pictures.still(trajectory, number, part), f"p{number}")


def _own_names(svg: str, prefix: str) -> str:
    """The picture with names that no other on the page has: one that is hidden cannot lend its parts to others."""
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\1{prefix}-", svg)


def _experiments() -> str:
    rows = "".join(
        f"<dt>{for_html(one.label)}</dt><dd>{for_html(one.question)}<br><code>{for_html(one.command)}</code></dd>"
        for one in experiments()
    )
    return f'<div class="st-key-experiments"><h3>Try it</h3><dl>{rows}</dl></div>'


def _theme() -> str:
    """Streamlit hands its colours to a component; here the page does."""
    light, dark = streamlit_variables(LIGHT), streamlit_variables(DARK)
    return (
        f":root {{ color-scheme: light dark; {light} --ee-paper: var(--st-background-color); }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _script(words: list[str]) -> str:
    """Both components, each mounted by the page itself instead of by Streamlit."""
    parts = []
    for name, entry in (("mountBar", lecture.STEPPER_JAVASCRIPT), ("mountPicture", lecture.MOVING_JAVASCRIPT)):
        code = re.sub(r"^export default (.+);\s*\Z", r"return \1;", joined(entry), flags=re.MULTILINE)
        parts.append(f"const {name} = (() => {{\n{code}\n}})();")
    # No text inside a script may look like its end.
    return "\n".join([*parts, _START.substitute(words=json.dumps(words))]).replace("</script", "<\\/script")
