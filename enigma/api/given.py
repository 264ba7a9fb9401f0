"""What callers may give: a home as a path, a spec as a file, as values or field by field."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home

HomeLike = Home | str | Path | None
SpecLike = RunSpec | Mapping[str, Any] | str | Path | None


def home_of(home: HomeLike) -> Home:
    """The home itself, one at a path, or the default: ENIGMA_HOME, else ~/.enigma.

    >>> home_of("/data").path.as_posix()
    '/data'
    """
    return home if isinstance(home, Home) else Home(Path(home)) if home is not None else Home.default()


def spec_of(spec: SpecLike, fields: Mapping[str, Any], default: RunSpec | None = None) -> RunSpec:
    """A spec with some fields changed; another method begins with settings of its own, as on the command line.

    Args:
        spec: a spec, its values, or a TOML or JSON file; None for the default run.
        fields: of `RunSpec`, by name.
        default: what None stands for.

    >>> spec_of({"method": "rdumb", "settings": {"reset_every": 9}}, {"method": "eta"}).settings
    {}

    Raises:
        InputError: naming the field, what was expected and what came.
    """
    given = dict(fields)
    if "method" in given:
        given.setdefault("settings", {})
    return _begun(spec, default).override(**given)


def _begun(spec: SpecLike, default: RunSpec | None) -> RunSpec:
    if spec is None:
        return default or RunSpec()
    if isinstance(spec, str | Path):
        return RunSpec.read(Path(spec))
    return spec if isinstance(spec, RunSpec) else RunSpec.parse(dict(spec))
