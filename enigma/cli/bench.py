"""`enigma bench`: what watching costs on this machine, with this model."""

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enigma.api.writing import make_place, written
from enigma.cli.options import JSON, SETTINGS, SPEC_FILE, asked_spec, spec_options
from enigma.cli.output import aligned, print_json
from enigma.spec.errors import CorruptRunError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.json_file import read_object

if TYPE_CHECKING:
    from enigma.jobs.benchmark import Benchmark


@click.command()
@SPEC_FILE
@SETTINGS
@click.option("--rounds", type=click.IntRange(1, 1000), default=5, show_default=True, help="How often all is measured.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
@click.option("--against", type=click.Path(path_type=Path), help="Such a file of before: says how all has changed.")
@spec_options
@JSON
@click.pass_obj
def bench(
    home: Home, spec_file: Path | None, settings: tuple[str, ...], rounds: int, out: Path | None, against: Path | None,
    as_json: bool, **fields: str | None,
) -> None:  # fmt: skip
    """Measure what watching costs beside a bare loop, with any model, on this machine.

    All parts are measured in turn, round by round, in one process. Nothing is recorded.

    \b
    enigma bench
    enigma bench --device cuda --precision bfloat16 --out gpu.json
    enigma bench --model torchvision:resnet50 --dataset photos/
    enigma bench --against before.json
    """
    before = _read(against) if against else {}
    if out:
        make_place(out)
    spec = asked_spec(spec_file, fields, settings)
    # It imports torch.
    from enigma.jobs.benchmark import benchmark

    found = benchmark(spec, home, rounds)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo("\n".join(_told(found, before)))
    if out:
        click.echo(f"Wrote {written(out, json.dumps(found.to_dict(), indent=1).encode())}", err=True)


def _read(path: Path) -> dict[str, float]:
    """Median ratios to the bare loop, by part."""
    try:
        parts = read_object(path)["parts"]
        return {part["name"]: statistics.median(part["ratios"]) for part in parts}
    except (CorruptRunError, KeyError, TypeError, statistics.StatisticsError) as error:
        raise InputError(
            f"Expected --against to be a file that `enigma bench --out` wrote, but {path} is not."
        ) from error


def _told(found: "Benchmark", before: dict[str, float]) -> list[str]:
    from enigma.jobs.benchmark import PARTS

    rows = [["", "milliseconds", "of the bare loop", "quartiles", *(["before"] if before else [])]]
    for part in found.parts:
        middle, low, high = part.ratio()
        row = [PARTS[part.name], f"{1000 * part.median:.1f}", f"{middle:.2f}", f"{low:.2f} to {high:.2f}"]
        rows.append(row + ([f"{before[part.name]:.2f}" if part.name in before else "-"] if before else []))
    hardware: dict[str, Any] = found.facts["hardware"]
    spec = RunSpec.parse(found.spec)
    return [
        f"{spec.model}, {spec.method}, batches of {spec.batch_size}, {spec.precision}, on {hardware['device']} "
        f"({hardware['name']}, {hardware['threads']} threads of torch):",
        *aligned(rows),
        f"A run of {spec.steps} steps with {len(spec.frame_steps)} frames: {found.observed:.2f} x its bare loop, "
        "before metrics and projection.",
        f"Memory at most {found.memory / 1e6:,.0f} MB.",
    ]
