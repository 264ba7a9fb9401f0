"""What is worth comparing a run with: the same run with one thing changed."""

from collections.abc import Iterable

from enigma.analysis.comparing.differences import effective
from enigma.spec.catalogue import METHODS
from enigma.spec.run_spec import RunSpec


def suggestions(spec: RunSpec, known: Iterable[RunSpec] = ()) -> dict[str, RunSpec]:
    """Specs that differ from `spec` in one thing, by what that is; none that is among `known`.

    A loop that was watched has none.

    >>> list(suggestions(RunSpec()))
    ['Norm', 'RDumb, reset every 50 steps', 'A tenth of the learning rate', 'ETA', 'Another seed']
    """
    if spec.watched is not None:
        # Only whoever wrote the loop can change a thing in it.
        return {}
    reset = max(1, spec.steps // 10)
    wanted = {
        "Norm": _with_method(spec, "norm"),
        "Tent": _with_method(spec, "tent"),
        f"RDumb, reset every {reset:,} step{'s' if reset > 1 else ''}": _with_method(spec, "rdumb", reset_every=reset),
        **({"A tenth of the learning rate": spec.override(lr=spec.lr / 10)} if spec.lr else {}),
        "ETA": _with_method(spec, "eta"),
        "Another seed": spec.override(seed=spec.seed + 1),
    }
    seen = [effective(spec), *map(effective, known)]
    return {title: changed for title, changed in wanted.items() if effective(changed) not in seen}


def _with_method(spec: RunSpec, method: str, **settings: int) -> RunSpec:
    """The same run by another method, which keeps optimizer, learning rate and the settings that it knows too."""
    known = {setting.name for setting in METHODS[method].settings}
    kept = {name: value for name, value in spec.settings.items() if name in known}
    same = {"optimizer": spec.optimizer, "lr": spec.lr}
    return spec.override(method=method, settings={**kept, **settings}, **same)
