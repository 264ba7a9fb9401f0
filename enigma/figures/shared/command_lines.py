"""The command lines that record a run again and make an export of it again."""

import json
import shlex
from typing import Any

from enigma.figures.shared.export_request import Export
from enigma.spec.run_spec import RunSpec


def run_command(spec: RunSpec) -> str:
    """`enigma run` with exactly the fields of the spec that are not the default.

    No command records a loop that was watched; a comment says so.

    >>> run_command(RunSpec(method="rdumb", lr=3e-3, settings={"reset_every": 200}))
    'enigma run --method rdumb --lr 0.003 --set reset_every=200'
    """
    if spec.watched is not None:
        return f"# recorded in a loop of one's own, by enigma.watch({spec.watched!r})"
    return shlex.join(["enigma", *run_arguments(spec)])


def run_arguments(spec: RunSpec) -> list[str]:
    """The words of `run_command` after `enigma`."""
    words = ["run"]
    # What goes without saying depends on the images: one's own are not corrupted unless asked.
    default = RunSpec.parse({"dataset": spec.dataset})
    # And the recipe on method and model; see `enigma.spec.recipes`.
    told = {name: getattr(spec, name) for name in ("dataset", "model", "weights", "num_classes", "method")}
    usual = {"dataset": RunSpec(), **dict.fromkeys(("optimizer", "lr"), RunSpec.parse(told))}
    for name in RunSpec.model_fields:
        value, expected = getattr(spec, name), getattr(usual.get(name, default), name)
        if name != "settings" and value != expected:
            words += [f"--{name.replace('_', '-')}", as_text(value)]
    for name, value in spec.settings.items():
        words += ["--set", f"{name}={as_text(value)}"]
    return words


def as_text(value: Any) -> str:
    """A value as the command line reads it: lists with commas, numbers so that not a bit is lost."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list):
        return ",".join(as_text(part) for part in value)
    return json.dumps(value)


def export_command(run_id: str, export: Export) -> str:
    """`enigma export` with exactly the choices that are not the default.

    >>> export_command("429b4332ba79", Export("animation", color="entropy"))
    'enigma export 429b4332ba79 --what animation --color entropy'
    """
    return shlex.join(["enigma", "export", run_id, *export.arguments()])


def command(spec: RunSpec, run_id: str, export: Export | None = None) -> str:
    """Records the run and makes the export, in one line; the same spec and data give the run the same id."""
    recording = run_command(spec)
    if spec.watched is not None and export is not None:
        return export_command(run_id, export)
    return recording if export is None else f"{recording} && {export_command(run_id, export)}"
