"""Pages that stand alone: no network, no cloud, nothing but what is inside the file."""

import plotly.graph_objects as go

from enigma.figures.shared import groups
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import KEY, Origin

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


def figure_page(figure: go.Figure, origin: Origin, export: Export) -> bytes:
    """An interactive figure of one run with Plotly inside."""
    return page(figure, origin.heading(export), metadata(origin, export))


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
