"""Pages that stand alone: no network, no cloud, nothing but what is inside the file."""

import base64
import hashlib

import plotly.graph_objects as go

from enigma.figures.shared import groups
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import KEY, Origin
from enigma.spec.glossary import WORDS, meaning

# The page may draw, and load nothing from anywhere.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{metadata}
<title>{title}</title>
<style>body {{ margin: 0 auto; max-width: 1200px; background: #ffffff; }}</style>
</head>
<body>
{figure}
</body>
</html>
"""


def page(figure: go.Figure, title: str, metadata: str) -> bytes:
    """An interactive figure with Plotly inside; `metadata` is HTML, `title` is text."""
    # A fixed name, because Plotly would draw one by chance.
    drawn = figure.to_html(
        config={"showSendToCloud": False, "displaylogo": False, "responsive": True},
        include_plotlyjs=True,
        full_html=False,
        div_id="figure",
    )
    return _PAGE.format(policy=_POLICY, metadata=metadata, title=groups.for_html(title), figure=drawn).encode()


def metadata(origin: Origin, export: Export) -> str:
    """Where the page comes from, for its head: a few names for people, and all of it as JSON."""
    named = {"generator": origin.program, "enigma:run": origin.run_id, "enigma:title": origin.title}
    named |= {} if export.step is None else {"enigma:step": str(export.step)}
    named |= {KEY: origin.json(export)}
    return meta_lines(named)


def meta_lines(named: dict[str, str]) -> str:
    """One `meta` element for each name."""
    lines = (
        f'<meta name="{name}" content="{groups.for_html(groups.printable(text))}">' for name, text in named.items()
    )
    return "\n".join(lines)


def words() -> str:
    """The project's words with their meaning, for a list of definitions."""
    return "".join(f"<dt>{word}</dt><dd>{groups.for_html(meaning(word))}</dd>" for word in WORDS)


def digest(text: str) -> str:
    """What a Content-Security-Policy calls a script or a style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
