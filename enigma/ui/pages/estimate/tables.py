"""The estimates as HTML: a number to read first for each accuracy, and every estimator with its interval drawn."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from enigma.analysis.estimators.estimate import Estimate, rank
from enigma.analysis.estimators.fit import COVERAGE
from enigma.analysis.estimators.gain import Gain
from enigma.analysis.estimators.measured import TARGETS, Target
from enigma.analysis.estimators.report import dissent, explained, extrapolating, first
from enigma.spec.shares import percent

HEADINGS: Mapping[Target, str] = {"source": "Source model", "frame 0": "Frame 0", "adapted": "Adapted model"}
FIRST = 5
"""Estimators shown before all of them are asked for."""

STYLE = """
<style>
  .ee-estimates { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
  .ee-estimates section { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 0.5rem;
    padding: 0.9rem 1.1rem 1rem; min-width: 0; }
  .ee-estimates h2 { font-size: 1.05rem !important; padding: 0 !important; margin: 0 !important; }
  .ee-estimates p { margin: 0.15rem 0; font-size: 0.9rem; line-height: 1.4; }
  .ee-estimates .big { font-size: 2.3rem; font-weight: 650; line-height: 1.15; margin-top: 0.5rem;
    font-variant-numeric: tabular-nums; }
  .ee-estimates .change { grid-column: 1 / -1; }
  .ee-estimates .beware { border-left: 3px solid var(--ee-failure); padding-left: 0.6rem; margin-top: 0.5rem; }
  .ee-scroll { overflow-x: auto; margin: 0.7rem 0 0; }
  .ee-rows { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
  .ee-rows th, .ee-rows td { padding: 0.34rem 0.6rem; text-align: right; white-space: nowrap;
    border-bottom: 1px solid color-mix(in srgb, currentColor 13%, transparent); }
  .ee-rows th:first-child { text-align: left; padding-left: 0; }
  .ee-rows tbody th { font-weight: 400; }
  .ee-estimates .ee-rows th:first-child { white-space: normal; }
  .ee-rows tbody th[title] { text-decoration: underline dotted; text-underline-offset: 4px; cursor: help; }
  .ee-rows td.words { text-align: left; white-space: normal; min-width: 14rem; }
  .ee-rows .strip { width: 38%; min-width: 5.5rem; }
  .ee-strip { position: relative; height: 1.1rem; background: linear-gradient(color-mix(in srgb, currentColor 22%,
    transparent) 0 0) 0 50% / 100% 1px no-repeat; }
  .ee-strip i { position: absolute; top: calc(50% - 2px); height: 4px; border-radius: 2px;
    background: var(--ee-accent); }
  .ee-strip b { position: absolute; top: calc(50% - 5px); width: 10px; height: 10px; margin-left: -5px;
    border-radius: 50%; background: var(--ee-accent); }
  .ee-strip.outside i { background: repeating-linear-gradient(90deg, var(--ee-failure) 0 4px, transparent 4px 7px); }
  .ee-strip.outside b { background: Canvas; box-shadow: inset 0 0 0 2px var(--ee-failure); }
  .ee-strip s { position: absolute; top: -0.35rem; bottom: -0.35rem; width: 2px; margin-left: -1px;
    background: currentColor; }
  .ee-axis { display: flex; justify-content: space-between; font-weight: 400; font-size: 0.78rem; }
  .ee-how { display: grid; grid-template-columns: max-content minmax(0, 46rem); gap: 0.4rem 1.4rem; font-size: 0.9rem;
    margin: 0.6rem 0; padding: 0; }
  .ee-how dt { font-weight: 600; } .ee-how dd { margin: 0; }
  @media (max-width: 640px) { .ee-how { grid-template-columns: minmax(0, 1fr); gap: 0.1rem; }
    .ee-how dd { margin-bottom: 0.6rem; } }
</style>
"""


def cards(rows: Sequence[Estimate], truth: Mapping[Target, float], change: Gain | None = None) -> str:
    """For each accuracy the estimate to read first and the next ones below it; then what adaptation changed."""
    shown = "".join(_card(rows, target, truth) for target in TARGETS)
    return f'{STYLE}<div class="ee-estimates">{shown}{_change(change, truth) if change else ""}</div>'


def _change(change: Gain, truth: Mapping[Target, float]) -> str:
    """Whether adaptation helped, in words first."""
    said = {"gained": "It helped", "lost": "It harmed", "cannot tell": "Cannot tell"}[change.direction]
    within = (
        f"{100 * change.level:.0f} % interval: {100 * change.low:+.1f} to {100 * change.high:+.1f} points"
        if math.isfinite(change.low)
        else "no interval"
    )
    because = f" Cannot tell, because {escape(change.reason)}." if change.reason else ""
    known = truth.get("adapted", math.nan) - truth.get("frame 0", math.nan)
    true = f"<p><strong>True change {100 * known:+.1f} points</strong> by the labels.</p>" * math.isfinite(known)
    return (
        f'<section class="change" aria-label="What adaptation changed"><h2>What adaptation changed</h2><p>'
        f'adapted model less frame 0</p><p class="big">{said}</p><p>'
        f"{100 * change.change:+.1f} points by the recommended estimator; {within}.{because}</p>{true}</section>"
    )


def everything(rows: Sequence[Estimate], truth: Mapping[Target, float]) -> str:
    """Every estimator on each accuracy with its interval, calibration error and warning, and how each is made."""
    beyond = extrapolating(rows)
    tables = f"<p>{beyond}</p>" if beyond else ""
    tables += "".join(
        f"<h3>Accuracy of {escape(TARGETS[target])}</h3>{_full(_own(rows, target), truth.get(target, math.nan))}"
        for target in TARGETS
    )
    return f"{tables}<h3>How each is made</h3>{_how(rows)}"


def _card(rows: Sequence[Estimate], target: Target, truth: Mapping[Target, float]) -> str:
    best, known = first(rows, target), truth.get(target, math.nan)
    warning = f'<p class="beware">Extrapolated: {escape(best.warning)}. Take it as a guess.</p>' if best.warning else ""
    outside, asked = dissent(rows, target)
    if not warning and outside > asked / 2:
        warning = (
            f'<p class="beware">{outside} of the {asked} next best estimators lie outside this interval: it may be too '
            "narrow.</p>"
        )
    true = (
        f"<p><strong>True accuracy {percent(known)}</strong> by the labels, which no estimate looks at: the upright "
        "line.</p>"
        if math.isfinite(known)
        else ""
    )
    return (
        f'<section aria-label="{HEADINGS[target]}"><h2>{HEADINGS[target]}</h2><p>{escape(TARGETS[target])}</p>'
        f'<p class="big">{percent(best.accuracy)}</p><p>{_interval_in_words(best)}</p>'
        f"<p>Estimator: {escape(best.estimator)}{', recommended' if best.is_recommended else ''}; mean error in "
        f"calibration {100 * best.error:.1f} points</p>"
        f"{warning}{true}{_short(_own(rows, target)[:FIRST], known)}</section>"
    )


def _short(rows: Sequence[Estimate], truth: float) -> str:
    body = "".join(f"<tr>{_name(row)}{_strip(row, truth)}<td>{percent(row.accuracy)}</td></tr>" for row in rows)
    head = f'<th scope="col">Estimator</th>{_axis()}<th scope="col">Estimate</th>'
    return f'<table class="ee-rows"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _full(rows: Sequence[Estimate], truth: float) -> str:
    body = "".join(
        f"<tr>{_name(row)}{_strip(row, truth)}<td>{percent(row.accuracy)}</td><td>{_interval(row)}</td>"
        f"<td>{100 * row.error:.1f}</td>{_range(row)}</tr>"
        for row in rows
    )
    head = (
        f'<th scope="col">Estimator</th>{_axis()}<th scope="col">Estimate</th><th scope="col">Interval</th>'
        '<th scope="col" title="Mean absolute error on the calibration splits">Error, points</th>'
        '<th scope="col" style="text-align:left" title="Whether it is inside that of the calibration">Range</th>'
    )
    label = f"All estimators of the accuracy of {TARGETS[rows[0].target]}" if rows else "All estimators"
    return (
        f'<div class="ee-scroll" role="region" aria-label="{escape(label)}" tabindex="0"><table class="ee-rows">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _how(rows: Sequence[Estimate]) -> str:
    names = dict.fromkeys(row.estimator.removesuffix(", fitted") for row in rows)
    items = ""
    for name in names:
        told = explained(name)
        source = f" Source: {escape(told.source)}" if told.source else ""
        items += f"<dt>{escape(name)}</dt><dd>{escape(told.summary)}{source}</dd>" if told.summary else ""
    fitted = "The score before it, turned into an accuracy by a polynomial fitted on the calibration splits."
    return f'<dl class="ee-how">{items}<dt>…, fitted</dt><dd>{fitted}</dd></dl>'


def _own(rows: Sequence[Estimate], target: Target) -> list[Estimate]:
    return sorted((row for row in rows if row.target == target), key=rank)


def _range(row: Estimate) -> str:
    if not row.warning:
        return '<td class="words">inside</td>'
    return f'<td class="words" title="{escape(row.warning)}">extrapolated</td>'


def _name(row: Estimate) -> str:
    summary = explained(row.estimator).summary
    hint = f' title="{escape(summary)}"' if summary else ""
    return f'<th scope="row"{hint}>{escape(row.estimator)}</th>'


def _axis() -> str:
    return '<td class="strip"><div class="ee-axis" aria-hidden="true"><span>0</span><span>100 %</span></div></td>'


def _strip(row: Estimate, truth: float) -> str:
    """Dot and interval on a line from 0 to 100 %; hidden from screen readers, which have the numbers."""
    has_interval = math.isfinite(row.low)
    low, width = (100 * row.low, 100 * (row.high - row.low)) if has_interval else (100 * row.accuracy, 0.0)
    line = f'<s style="left:{100 * truth:.1f}%"></s>' if math.isfinite(truth) else ""
    return (
        f'<td class="strip"><div class="ee-strip{" outside" if row.warning else ""}" aria-hidden="true">'
        f'<i style="left:{low:.1f}%;width:{width:.1f}%"></i>{line}'
        f'<b style="left:{100 * row.accuracy:.1f}%"></b></div></td>'
    )


def _interval(row: Estimate) -> str:
    if not math.isfinite(row.low):
        return "none"
    shorter = "" if row.level == COVERAGE else f" ({100 * row.level:.0f} %)"
    return f"{100 * row.low:.1f} to {percent(row.high)}{shorter}"


def _interval_in_words(row: Estimate) -> str:
    if not math.isfinite(row.low):
        return "No interval: too few labelled splits to say how far it is off."
    return f"{100 * row.level:.0f} % interval: {100 * row.low:.1f} to {percent(row.high)}"
