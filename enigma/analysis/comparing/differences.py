"""In what the specs of runs differ, in words, and short names that tell the runs apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from enigma.spec.catalogue import CORRUPTIONS, METHODS
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import method_title

ABSENT = "–"

# As people call them; a field that is not named here keeps its own name, with spaces.
TITLES = {
    "corruption": "shift",
    "lr": "learning rate",
    "batch_size": "batch size",
    "probes": "probe images",
    "references": "reference images",
    "order": "order of the stream",
    "stop": "rule for stopping",
    "watched": "name",
}
# What tells runs apart first; settings of methods come between these and the rest.
_TELLING = ("corruption", "severity", "dataset", "model", "lr", "optimizer", "batch_size", "order")
_SHORT = {"lr": "lr", "batch_size": "batch", "severity": "severity", "seed": "seed", "steps": "steps"}


@dataclass(frozen=True)
class Unlike:
    """One thing in which runs differ: its field, how it is called, and one value a run."""

    field: str
    title: str
    values: tuple[str, ...]


def effective(spec: RunSpec) -> dict[str, str]:
    """Every field that has an effect, as text: settings with their defaults, no learning rate where none is used.

    What is left out of a spec, such as a rule for stopping, is 'none'.

    >>> effective(RunSpec(method="norm"))["lr"]
    '–'
    """
    values = {name: "none" for name in RunSpec.model_fields if name not in ("lr", "optimizer")} | spec.to_dict()
    given = values.pop("settings")
    method = METHODS.get(spec.method)
    settings = {setting.name: setting.default for setting in method.settings} if method else {}
    settings |= {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    if spec.optimizer == "adam":
        settings.pop("momentum", None)
    else:
        settings.pop("betas", None)
    if method and not method.uses_gradient:
        values |= {"lr": ABSENT, "optimizer": ABSENT}
    if spec.corruption == "none":
        values["severity"] = ABSENT
    values["frames"] = ", ".join(map(str, spec.frames)) if isinstance(spec.frames, tuple) else spec.frames
    return {name: _text(value) for name, value in {**values, **settings}.items()}


def differences(specs: Sequence[RunSpec]) -> list[Unlike]:
    """The fields in which the specs differ, what tells them apart first."""
    values = [effective(spec) for spec in specs]
    fields = dict.fromkeys(field for spec in values for field in spec)
    own = [field for field in fields if field not in RunSpec.model_fields]
    rest = [field for field in RunSpec.model_fields if field not in ("method", "settings", *_TELLING)]
    found = []
    for field in ("method", *_TELLING, *own, *rest):
        of_each = tuple(spec.get(field, ABSENT) for spec in values)
        if _differs(field, of_each):
            found.append(Unlike(field, TITLES.get(field, field.replace("_", " ")), of_each))
    return found


def _differs(field: str, values: Sequence[str]) -> bool:
    """A field that only some methods have counts where those disagree, or where one leaves its default."""
    own = {value for value in values if value != ABSENT}
    if len(own) > 1 or field == "severity":
        return len(set(values)) > 1
    return len(own) == 1 and ABSENT in values and field not in RunSpec.model_fields and own.isdisjoint(_defaults(field))


def _defaults(field: str) -> set[str]:
    return {
        _text(setting.default) for method in METHODS.values() for setting in method.settings if setting.name == field
    }


def in_words(found: Sequence[Unlike]) -> str:
    """One sentence on the differences.

    >>> in_words([Unlike("seed", "seed", ("0", "1"))])
    'Nothing but the seed differs.'
    """
    titles = [unlike.title for unlike in found]
    if not titles:
        return "The specs are the same."
    if len(titles) == 1:
        return f"Nothing but the {titles[0]} differs."
    return f"{len(titles)} fields of the specs differ: {', '.join(titles[:-1])} and {titles[-1]}."


def names(specs: Sequence[RunSpec], run_ids: Sequence[str]) -> list[str]:
    """Method titles, with as many differing fields as tell the runs apart, and at last the id.

    >>> names([RunSpec(), RunSpec(lr=0.001), RunSpec(method="norm")], ["a", "b", "c"])
    ['Tent lr 0.003', 'Tent lr 0.001', 'Norm']
    """
    titles = [method_title(spec) for spec in specs]
    found = told_apart(titles, specs)
    return [f"{name} {run_id}" if found.count(name) > 1 else name for name, run_id in zip(found, run_ids, strict=True)]


def told_apart(titles: Sequence[str], specs: Sequence[RunSpec], between: str = " ") -> list[str]:
    """The titles of runs, with as many differing fields as tell apart those of one title.

    >>> told_apart(["Tent", "Tent", "Norm"], [RunSpec(), RunSpec(seed=1), RunSpec(method="norm")], " · ")
    ['Tent · seed 0', 'Tent · seed 1', 'Norm']
    """
    found = list(titles)
    for unlike in differences(specs):
        if unlike.field != "method":
            found = _with(unlike, found, between)
    return found


def _with(unlike: Unlike, found: list[str], between: str) -> list[str]:
    """The names with this field added where runs of one name differ in it."""
    values: dict[str, set[str]] = {}
    for name, value in zip(found, unlike.values, strict=True):
        values.setdefault(name, set()).add(value)
    return [
        f"{name}{between}{_short(unlike.field, value)}" if len(values[name]) > 1 and value != ABSENT else name
        for name, value in zip(found, unlike.values, strict=True)
    ]


def _short(field: str, value: str) -> str:
    if field == "corruption":
        return CORRUPTIONS[value].title if value in CORRUPTIONS else value
    if field in ("model", "dataset", "optimizer", "order", "device", "precision"):
        return value.rstrip("/").rpartition("/")[2]
    return f"{_SHORT.get(field, field.replace('_', ' '))} {value}"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "automatic" if value is None else str(value)
