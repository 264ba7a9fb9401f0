"""What a sweep found: errors as published tables show them, a row for each setting that was compared."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run

MEASURES = {
    "source_error": "source",
    "frame0_error": "frame 0",
    "online_error": "online",
    "best_error": "best frame",
    "last_error": "last frame",
}
"""Errors in percent, by column, with the head that each has in print."""
AVERAGED = ("corruption", "seed")
"""Fields over which a row is the mean: first over corruptions, for each seed, then over seeds."""


def errors(run: Run) -> dict[str, float]:
    """Errors of one run in percent; NaN without labels.

    The online error is the mean over the steps of the error on each batch as it arrives, before the update that is
    made with it: what papers on test-time adaptation report (Wang et al. 2021, arXiv:2006.10726). The others are of
    the probe: by the source model with its stored statistics, at frame 0, at its best and at its last frame.
    """
    accuracy, source = run_metrics(run, ["accuracy"])["accuracy"], run.facts["source_accuracy"]
    shares = {
        "source_error": math.nan if source is None else source,
        "frame0_error": accuracy[0],
        "online_error": run.scalars()["accuracy"].mean(),
        # NaN at every frame, or at none.
        "best_error": accuracy.max(),
        "last_error": accuracy[-1],
    }
    return {name: 100 * (1 - float(share)) for name, share in shares.items()}


def varying(specs: Sequence[RunSpec]) -> dict[str, list[Any]]:
    """The fields that are not the same in all specs, each with its values in the order in which they come.

    >>> varying([RunSpec(seed=1, lr=0.01), RunSpec(seed=2, lr=0.01)])
    {'seed': [1, 2]}
    """
    found: dict[str, dict[str, Any]] = {}
    flat = [_flat(spec) for spec in specs]
    for name in dict.fromkeys(name for fields in flat for name in fields):
        found[name] = {json.dumps(fields.get(name)): fields.get(name) for fields in flat}
    return {name: list(values.values()) for name, values in found.items() if len(values) > 1}


def table(specs: Sequence[RunSpec], runs: Sequence[Run | None]) -> pd.DataFrame:
    """Mean and deviation of the errors, a row for each combination of what varies besides corruption and seed.

    A seed of which a run is missing counts in no mean, because a mean over other corruptions is another number.

    Args:
        specs: of the sweep.
        runs: what was recorded of each; None for one that failed.

    Returns:
        The fields that vary; `corruptions` and `seeds`, of which the row is the mean; `missing` runs; for each of
        `MEASURES` the mean and, as `…_deviation`, the standard deviation over seeds, NaN for one seed; in percent.
    """
    axes = [name for name in varying(specs) if name not in AVERAGED]
    nothing = dict.fromkeys(MEASURES, math.nan)
    numbers = pd.DataFrame([nothing if run is None else errors(run) for run in runs])
    numbers["is_missing"] = [run is None for run in runs]
    flat = [_flat(spec) for spec in specs]
    groups: dict[str, list[int]] = {}
    for place, fields in enumerate(flat):
        groups.setdefault(json.dumps([fields.get(name) for name in axes]), []).append(place)
    rows = []
    for places in groups.values():
        own = numbers.iloc[places].assign(
            seed=[flat[place]["seed"] for place in places], corruption=[flat[place]["corruption"] for place in places]
        )
        rows.append({**{name: _plain(flat[places[0]].get(name)) for name in axes}, **_row(own)})
    return pd.DataFrame(rows)


def _row(own: pd.DataFrame) -> dict[str, Any]:
    whole = own.groupby("seed").filter(lambda runs: not runs["is_missing"].any())
    seeds = whole.groupby("seed")[list(MEASURES)].mean() if len(whole) else pd.DataFrame(columns=list(MEASURES))
    counted = {
        "corruptions": own["corruption"].nunique(), "seeds": len(seeds), "missing": int(own["is_missing"].sum()),
    }  # fmt: skip
    values = {}
    for name in MEASURES:
        column = seeds[name].to_numpy(np.float64)
        values[name] = float(column.mean()) if len(column) else math.nan
        values[f"{name}_deviation"] = float(column.std(ddof=1)) if len(column) > 1 else math.nan
    return {**counted, **values}


def _flat(spec: RunSpec) -> dict[str, Any]:
    """The fields of a spec; the method's settings among them as `settings.name`."""
    fields = spec.to_dict()
    settings = fields.pop("settings", {})
    return fields | {f"settings.{name}": value for name, value in settings.items()}


def _plain(value: Any) -> Any:
    """A cell: a number or a word; a list as it is written."""
    return value if isinstance(value, int | float | str) else "" if value is None else json.dumps(value)
