"""`enigma runs`: list, show, label, delete, restore and import recorded runs."""

import math
import time
from pathlib import Path

import click

from enigma.cli.command_group import CommandGroup
from enigma.cli.detect import unknown
from enigma.cli.explain import explain
from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.spec.errors import InputError
from enigma.spec.shares import percent
from enigma.spec.titles import title
from enigma.store import archive, index, labels, trash
from enigma.store.home import Home
from enigma.store.run_folder import Run

_SORT_HELP = "created, title, name, state, steps, source, first, best or last; -best is from high to low."
_FILTER_HELP = (
    "Only runs that hold every word; also state:, method:, model:, shift: or tag: with a value, and FIELD=VALUE, such "
    "as lr=0.03, for any field of a spec or setting of a method."
)


@click.group(cls=CommandGroup, commands=[explain, unknown])
def runs() -> None:
    """List, show, label, delete, restore or import recorded runs."""


@runs.command("list")
@click.option("--sort", default="-created", show_default=True, metavar="COLUMN", help=_SORT_HELP)
@click.option("--filter", "query", default="", metavar="WORDS", help=_FILTER_HELP)
@JSON
@click.pass_obj
def list_runs(home: Home, sort: str, query: str, as_json: bool) -> None:
    """All runs, newest first.

    \b
    enigma runs list --sort -best
    enigma runs list --filter "noise tag:paper state:finished"
    enigma runs list --filter "lr=0.03 seed=1"
    """
    found = index.ordered(index.filtered(index.rows(home), query), sort)
    if as_json:
        print_json([row.to_dict() for row in found])
        return
    for row in found:
        tags = "".join(f" #{tag}" for tag in row.label.tags)
        name = f" · {row.label.name}" if row.label.name else ""
        about = row.problem or f"{row.model}, {row.title}{name}{tags}"
        best, day = percent(row.best, unknown="-"), row.created[:10]
        click.echo(f"{row.id}  {row.state:<11} step {row.step:>6}  best {best:>7}  {day:<10}  {about}")


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@click.option("--frames", is_flag=True, help="A Markdown table with one row a frame instead.")
@JSON
@click.pass_obj
def show(home: Home, run_id: str, frames: bool, as_json: bool) -> None:
    """Spec, state and summary of one run."""
    from enigma.analysis.reading import notes, summary

    run = home.find(run_id)
    run.verify()
    if frames:
        click.echo("\n".join(_frames(run)))
        return
    status, facts, spec = run.status, run.facts, run.spec
    values = {
        "run": run.id, "title": title(spec), "model": spec.model, "state": run.state, "step": status["step"],
        "created": facts["created"], **(summary(run) if run.frame_steps else {}),
    }  # fmt: skip
    if as_json:
        print_json({**values, "spec": spec.to_dict(), "facts": facts})
        return
    no_labels = "unknown: the test images have no labels"
    click.echo("\n".join(f"{name:<18}{no_labels if value is None else value}" for name, value in values.items()))
    for line in (*facts.get("dataset", []), *notes(facts)):
        click.echo(line)
    click.echo("\n" + spec.to_toml())


def _frames(run: Run) -> list[str]:
    """One row a frame, as Markdown; a dash where a number is not known."""
    from enigma.analysis.metrics.frame_metrics import run_metrics

    def shown(value: float, digits: int) -> str:
        return f"{value:.{digits}f}" if math.isfinite(value) else "–"

    lines = [
        "| step | accuracy % | entropy | silhouette score | shift distance | entropy of the mean prediction |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    m = run_metrics(run)
    for frame, step in enumerate(run.frame_steps[: len(m["accuracy"])]):
        lines.append(
            f"| {step} | {shown(100 * m['accuracy'][frame], 1)} | {m['entropy'][frame]:.2f} "
            f"| {shown(m['silhouette'][frame], 3)} | {shown(m['shift_distance'][frame], 2)} "
            f"| {m['prediction_entropy'][frame]:.2f} |"
        )
    return lines


@runs.command("delete")
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(home: Home, run_ids: tuple[str, ...], yes: bool) -> None:
    """Move runs to the trash; `enigma runs restore` brings them back.

    \b
    enigma runs delete RUN RUN --yes
    """
    # A folder that lost its run.json is no run to any other command, but it can be deleted.
    folders = {path.name: Run(path) for path in home.runs.glob("*") if path.is_dir()}
    for found in [folders.get(run_id) or home.own(run_id, "be deleted") for run_id in run_ids]:
        if yes or click.confirm(f"Delete {found.path}?"):
            trash.throw(found, home.trash)
            advice = f"`enigma runs restore {found.id}` brings it back within {trash.DAYS_KEPT} days."
            click.echo(f"Deleted {found.id}; {advice}")


@runs.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def import_archives(home: Home, files: tuple[Path, ...]) -> None:
    """Import runs from one zip or several.

    \b
    enigma runs import run.zip other-runs.zip
    """
    refused = []
    for file in files:
        imported, errors = archive.import_runs(file, home.runs)
        refused += errors
        for run in imported:
            click.echo(run.id)
    if refused:
        raise InputError(" ".join(map(str, refused)))


@runs.command("tag")
@click.argument("run_id", metavar="RUN")
@click.argument("tags", nargs=-1)
@click.option("--remove", multiple=True, metavar="TAG", help="A tag to take away; may be repeated.")
@click.pass_obj
def tag(home: Home, run_id: str, tags: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Add tags to a run, or take some away; prints those it has.

    \b
    enigma runs tag RUN paper collapse
    enigma runs tag RUN --remove paper
    """
    label = labels.tag(home.own(run_id, "be tagged"), " ".join(tags), " ".join(remove))
    click.echo(" ".join(label.tags))


@runs.command("rename")
@click.argument("run_id", metavar="RUN")
@click.argument("name")
@click.pass_obj
def rename(home: Home, run_id: str, name: str) -> None:
    """Give a run a name of your own beside its title and id; an empty one takes it away.

    \b
    enigma runs rename RUN "Figure 3, first draft"
    """
    click.echo(labels.rename(home.own(run_id, "be renamed"), name).name)


@runs.command("note")
@click.argument("run_id", metavar="RUN")
@click.argument("text", required=False)
@click.pass_obj
def note(home: Home, run_id: str, text: str | None) -> None:
    """Replace the note of a run, or print it when no text is given.

    \b
    enigma runs note RUN "accuracy turns at step 13"
    """
    label = labels.read(home.find(run_id)) if text is None else labels.annotate(home.own(run_id, "be noted on"), text)
    click.echo(label.note)


@runs.command("restore")
@click.argument("run_id", metavar="RUN")
@click.pass_obj
def restore(home: Home, run_id: str) -> None:
    """Bring a deleted run back from the trash.

    \b
    enigma runs restore RUN
    """
    click.echo(f"Restored {trash.restore(run_id, home.trash, home.runs).id}")


@runs.command("trash")
@click.option("--empty", is_flag=True, help="Delete what is in it for good.")
@click.pass_obj
def list_trash(home: Home, empty: bool) -> None:
    """List the deleted runs, which are kept for 30 days, or empty the trash.

    \b
    enigma runs trash
    enigma runs trash --empty
    """
    gone = trash.empty(home.trash, 0 if empty else trash.DAYS_KEPT)
    if empty:
        click.echo(f"Deleted {gone} run{'s' if gone != 1 else ''} for good.")
        return
    items = trash.thrown(home.trash)
    for item in items:
        day = time.strftime("%Y-%m-%d", time.localtime(item.when))
        click.echo(f"{item.run.id}  deleted {day}  {item.days_left():4.0f} days left  {item.size / 1e6:8.1f} MB")
    click.echo(f"{len(items)} in the trash, {sum(item.size for item in items) / 1e6:,.1f} MB")
