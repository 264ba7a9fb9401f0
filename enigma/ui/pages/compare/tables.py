"""The tables and the legend of the Compare page, as HTML: text stays text, in the colours of the theme."""

import base64
import math
from collections.abc import Sequence
from html import escape

from enigma.analysis.comparing.differences import Unlike
from enigma.analysis.comparing.lead import Leads
from enigma.analysis.comparing.table import Row, columns
from enigma.figures.shared.overlay import Mark
from enigma.spec.shares import percent

STYLE = """
<style>
  .compare-verdict { font-size: 1.2rem; font-weight: 650; margin: 0.3rem 0 0.5rem; }
  .compare-scroll { overflow-x: auto; margin: 0 0 0.4rem; }
  .compare-table { border-collapse: collapse; font-size: 0.9rem; width: 100%; font-variant-numeric: tabular-nums; }
  .compare-table th, .compare-table td { padding: 0.42rem 0.7rem; text-align: right; white-space: nowrap;
    border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  .compare-table th { font-weight: 600; }
  .compare-table thead th[title] { text-decoration: underline dotted; text-underline-offset: 4px; cursor: help; }
  .compare-table th:first-child, .compare-table td:first-child { text-align: left; padding-left: 0; }
  .compare-table.words td { text-align: left; white-space: normal; min-width: 7rem; }
  .compare-table.words thead th { text-align: left; }
  .compare-table a, .compare-legend a { color: inherit; text-underline-offset: 3px; }
  .compare-table strong { font-weight: 700; }
  .compare-legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; font-size: 0.95rem;
    margin: 0 !important; padding: 0 !important; list-style: none; }
  .compare-legend li { margin: 0 !important; padding: 0 !important; }
  .compare-table img, .compare-legend img { vertical-align: middle; margin-right: 0.5rem; display: inline; }
</style>
"""

_SHAPES = {
    "disc": '<circle cx="20" cy="7" r="4.2"/>',
    "square": '<rect x="16.2" y="3.2" width="7.6" height="7.6"/>',
    "diamond": '<path d="M20 1.6 25.4 7 20 12.4 14.6 7Z"/>',
    "triangle": '<path d="M20 2 25 11H15Z"/>',
    "wedge": '<path d="M20 12 25 3H15Z"/>',
    "cross": '<path d="M16 1 20 5 24 1 26 3 22 7 26 11 24 13 20 9 16 13 14 11 18 7 14 3Z"/>',
    "plus": '<path d="M18.3 1.5h3.4v3.8h3.8v3.4h-3.8v3.8h-3.4V8.7h-3.8V5.3h3.8Z"/>',
    "star": '<path d="M20 .8 21.8 5h4.4l-3.5 2.8 1.3 4.6L20 9.8l-4 2.6 1.3-4.6L13.8 5h4.4Z"/>',
    "": "",
}

# Heading, what it means.
_COLUMNS = {
    "source": ("Source", "Accuracy of the model as it was trained, with its stored statistics, on the probe images."),
    "first": ("Frame 0", "Accuracy before any update; with batch statistics already far from the source model."),
    "best": ("Best", "Highest accuracy of any recorded frame; it takes labels to know when that was."),
    "best_step": ("at step", "The first step of best accuracy: the end of phase 1."),
    "final": ("Final", "Accuracy at the last recorded frame."),
    "final_step": ("at step", "The step of the last recorded frame."),
    "regret": ("Regret", "Best accuracy of the run minus its final accuracy, in points."),
    "regret_overall": ("Regret to all", "Best accuracy of all compared runs minus this final accuracy, in points."),
    "entropy": ("Entropy", "Mean entropy of the predictions at the last frame, in nats: what is minimised."),
    "flips": ("Flips", "Probe images whose prediction at the last frame differs from frame 0."),
    "prediction_entropy": ("Entropy of the mean prediction",
     "At the last frame, in nats. Needs no labels; low values warn that predictions collapse onto few classes."),
    "seconds": ("Seconds", "From the start of the recording to its last step, pauses and other load included."),
}  # fmt: skip


def swatch(mark: Mark) -> str:
    """A piece of the run's line with its marker, as an image."""
    dash = f' stroke-dasharray="{" ".join(map(str, mark.dash))}"' if mark.dash else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="14" fill="{mark.color}">'
        f'<path d="M0 7H40" stroke="{mark.color}" stroke-width="2.2"{dash}/>{_SHAPES[mark.marker]}</svg>'
    )
    return (
        f'<img width="40" height="14" alt="" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'
    )


def verdict_list(sentences: Sequence[str]) -> str:
    """The first sentence large, the others as a list; names may be what somebody typed, so all is escaped."""
    others = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences[1:])
    listed = f"<ul>{others}</ul>" if others else ""
    return f'{STYLE}<p class="compare-verdict">{escape(sentences[0])}</p>{listed}'


def legend(names: Sequence[str], marks: Sequence[Mark]) -> str:
    """The runs that can be told apart, each with its mark; then how many more are grey."""
    items = [
        f"<li>{swatch(mark)}{escape(name)}</li>" for name, mark in zip(names, marks, strict=True) if not mark.is_grey
    ]
    grey = [mark for mark in marks if mark.is_grey]
    if grey:
        items.append(f"<li>{swatch(grey[0])}{len(grey)} more, named on hover</li>")
    return f'{STYLE}<ul class="compare-legend">{"".join(items)}</ul>'


def numbers_table(table: Sequence[Row], marks: Sequence[Mark], ahead: Leads) -> str:
    """One row a run; an accuracy that is the best beyond chance is bold and has a star."""
    best = {column: ahead.winner(column) for column in columns(table)}
    head = "".join(f'<th scope="col" title="{escape(_COLUMNS[c][1])}">{escape(_COLUMNS[c][0])}</th>' for c in best)
    body = "".join(
        f'<tr><th scope="row">{swatch(mark)}{_link(row)}</th>'
        + "".join(_cell(row, column, row.run_id == best[column]) for column in best)
        + "</tr>"
        for row, mark in zip(table, marks, strict=True)
    )
    return _table("Numbers of the compared runs", "", f'<th scope="col">Run</th>{head}', body)


def _link(row: Row) -> str:
    """To the run at its best step; without labels nobody knows which that is."""
    step, where = (f"&amp;step={row.best_step}", " at its best step") if row.has_accuracy else ("", "")
    return f'<a href="./?run={row.run_id}{step}" title="Watch run {row.run_id}{where}">{escape(row.name)}</a>'


def differences_table(found: Sequence[Unlike], names: Sequence[str], label: str) -> str:
    """One row a field, one column a run."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(unlike.title)}</th>'
        + "".join(f"<td>{escape(value)}</td>" for value in unlike.values)
        + "</tr>"
        for unlike in found
    )
    return _table(label, " words", f'<th scope="col">Field</th>{head}', body)


def _table(label: str, kind: str, head: str, body: str) -> str:
    return (
        f'<div class="compare-scroll" role="region" aria-label="{escape(label)}" tabindex="0">'
        f'<table class="compare-table{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(row: Row, column: str, is_best: bool) -> str:
    text = _text(column, getattr(row, column))
    return (
        f'<td><strong>{text}</strong> <span title="best beyond chance">★</span></td>' if is_best else f"<td>{text}</td>"
    )


def _text(column: str, value: float | int) -> str:
    if not math.isfinite(value) or (column == "best_step" and value < 0):
        return "–"
    if column in ("source", "first", "best", "final"):
        return percent(value)
    if column in ("regret", "regret_overall"):
        return f"{value:.1f}"
    return f"{value:.2f}" if column in ("entropy", "prediction_entropy") else f"{value:,.0f}"
