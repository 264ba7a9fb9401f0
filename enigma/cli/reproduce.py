"""`enigma reproduce`: the paper's figures and tables again."""

import sys
from pathlib import Path
from typing import Any

import click

from enigma.cli.options import JSON, SETTINGS, SPEC_FILE, WORKERS, named, spec_options
from enigma.cli.output import print_json
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home


@click.command()
@click.argument("name")
@SPEC_FILE
@SETTINGS
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default: paper/NAME in the home.")
@click.option("--clean", metavar="FOLDER", help="With --dataset: the clean images, where they lie elsewhere.")
@WORKERS
@click.option("--only-recorded", is_flag=True, help="Record nothing; make it from the runs that are there.")
@spec_options
@JSON
@click.pass_obj
def reproduce(
    home: Home, name: str, spec_file: Path | None, settings: tuple[str, ...], out: Path | None, clean: str | None,
    workers: int | None, only_recorded: bool, as_json: bool, **fields: str | None,
) -> None:  # fmt: skip
    """Make a figure or table of the paper again, and compare it with what the paper says.

    \b
    enigma reproduce list
    enigma reproduce table-1 --workers 4 --out paper/
    enigma reproduce figure-6 --only-recorded --json
    enigma reproduce figure-4 --model torchvision:resnet50 --dataset ImageNet-C/ --clean imagenet/val --device cuda

    Records what is missing of the runs it needs, then writes NAME.csv, -units.csv, .png, .pdf, .md and .json. NAME may
    be all. Verdicts are by dated criteria (enigma/reproduce/criteria.toml) and 95 % intervals.
    """
    from enigma.reproduce.make import clean_base, make, specs_of
    from enigma.reproduce.registry import REPRODUCTIONS, find
    from enigma.reproduce.stored import folder

    if name == "list":
        _list(as_json)
        return
    base, results = clean_base(RunSpec.read(spec_file) if spec_file else None, named(fields, settings)), []
    for one in REPRODUCTIONS.values() if name == "all" else [find(name)]:
        place = out / one.name if out and name == "all" else out or folder(home, one.name)
        specs = specs_of(one, base, clean)
        if not only_recorded:
            _record(specs, home, workers)
        try:
            stored = make(one, specs, home, place)
        except InputError as error:
            # One that lacks runs does not stop the others.
            if name != "all":
                raise
            click.echo(f"{one.name}: {error}", err=True)
            continue
        results.append({**stored.to_dict(), "claim": one.claim, "folder": str(place)})
        if not as_json:
            click.echo(_in_words(one, stored, place))
    if as_json:
        print_json(results if name == "all" else results[0])


def _list(as_json: bool) -> None:
    from enigma.reproduce.grid import CLEAN
    from enigma.reproduce.registry import REPRODUCTIONS, duration

    rows = [
        {"name": one.name, "title": one.title, "claim": one.claim, "runs": len(one.specs(CLEAN))}
        for one in REPRODUCTIONS.values()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        cost = (
            f"{row['runs']} run{'s' if row['runs'] != 1 else ''}, {duration(int(str(row['runs'])))}"
            if row["runs"]
            else "no run"
        )
        click.echo(f"{row['name']:<10}  {row['title']} ({cost})")


def _in_words(reproduction: Any, stored: Any, place: Path) -> str:
    from enigma.reproduce.stored import cells

    lines = [f"{stored.name}: {stored.verdict}, {stored.coverage}.", f"The paper: {reproduction.claim}"]
    for one in stored.judgements:
        quantity, paper, wanted, ours, interval, verdict = cells(one)
        lines.append(f"  {verdict}: {quantity}: {ours} ({interval}); wanted {wanted}, the paper: {paper}")
    lines += [finding.text for finding in stored.findings]
    return "\n".join([*lines, f"Wrote {place / stored.name}.csv, -units.csv, .png, .pdf, .md and .json.", ""])


def _record(specs: list[RunSpec], home: Home, workers: int | None) -> None:
    from tqdm import tqdm

    from enigma.jobs import sweep
    from enigma.reproduce.make import missing, record

    wanted = missing(specs, home)
    if not wanted:
        return
    with (
        sweep.processes(workers, jobs=len(wanted)) as executor,
        tqdm(total=len(specs), initial=len(specs) - len(wanted), unit="run") as bar,
    ):

        def done(outcome: sweep.Outcome) -> None:
            bar.update()
            if outcome.state == "failed":
                bar.write(f"Failed: {outcome.spec.corruption}: {outcome.message}", file=sys.stderr)

        record(wanted, home, executor, done)
