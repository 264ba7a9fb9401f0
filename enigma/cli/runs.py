"""`enigma runs` and `enigma queue`: parse, call, print."""

import json
import math
import time
from pathlib import Path
from typing import Any

import click

from enigma.errors import InputError
from enigma.store.home import Home

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")

_SORT_HELP = "created, title, name, state, steps, source, first, best or last; -best is from high to low."
_FILTER_HELP = "Only runs that hold every word; also state:, method:, model:, shift: or tag: with a value."


def add_commands(runs: click.Group, queue: click.Group) -> None:
    """Puts the commands of this module into their groups."""
    for command in (list_, delete, import_, tag, rename, note, restore, trash):
        runs.add_command(command)
    for command in (queue_list, queue_cancel, queue_dismiss):
        queue.add_command(command)


@click.command("list")
@click.option("--sort", default="-created", show_default=True, metavar="COLUMN", help=_SORT_HELP)
@click.option("--filter", "query", default="", metavar="WORDS", help=_FILTER_HELP)
@JSON
@click.pass_obj
def list_(home: Home, sort: str, query: str, as_json: bool) -> None:
    """All runs, newest first.

    \b
    enigma runs list --sort -best
    enigma runs list --filter "noise tag:paper state:finished"
    """
    from enigma.store import index

    found = index.ordered(index.filtered(index.rows(home), query), sort)
    if as_json:
        click.echo(json.dumps([_values(row) for row in found], indent=1))
        return
    for row in found:
        tags = "".join(f" #{tag}" for tag in row.label.tags)
        name = f" · {row.label.name}" if row.label.name else ""
        best = "     -" if math.isnan(row.best) else f"{row.best:6.1%}"
        told = row.problem or f"{row.model}, {row.title}{name}{tags}"
        click.echo(f"{row.id}  {row.state:<11} step {row.step:>6}  best {best}  {row.created[:10]:<10}  {told}")


def _values(row: Any) -> dict[str, Any]:
    accuracies = {"source": row.source, "frame0": row.first, "best": row.best, "final": row.last}
    return {
        "run": row.id, "title": row.title, "name": row.label.name, "tags": list(row.label.tags),
        "note": row.label.note, "model": row.model, "shift": row.shift, "method": row.method, "state": row.state,
        "step": row.step, "steps": row.steps,
        **{f"{name}_accuracy": None if math.isnan(value) else value for name, value in accuracies.items()},
        "created": row.created, "bundled": not row.own, "problem": row.problem,
    }  # fmt: skip


@click.command("delete")
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(home: Home, run_ids: tuple[str, ...], yes: bool) -> None:
    """Move runs to the trash; `enigma runs restore` brings them back.

    \b
    enigma runs delete RUN RUN --yes
    """
    from enigma.store.run_folder import Run
    from enigma.store.trash import DAYS_KEPT, throw

    # A folder that lost its run.json is no run to any other command, but it can be deleted.
    folders = [home.runs / run_id for run_id in run_ids]
    own = [
        Run(folder) if folder.parent == home.runs and folder.is_dir() else home.own(folder.name, "be deleted")
        for folder in folders
    ]
    for found in own:
        if yes or click.confirm(f"Delete {found.path}?"):
            throw(found, home.trash)
            click.echo(f"Deleted {found.id}; `enigma runs restore {found.id}` brings it back within {DAYS_KEPT} days.")


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def import_(home: Home, files: tuple[Path, ...]) -> None:
    """Import runs from one zip or several.

    \b
    enigma runs import run.zip other-runs.zip
    """
    from enigma.store.archive import import_runs

    refused = []
    for file in files:
        try:
            imported, errors = import_runs(file.read_bytes(), home.runs)
        except OSError as error:
            raise InputError(f"Expected the zip of a run, but got: {error}.") from error
        refused += errors
        for run in imported:
            click.echo(run.id)
    if refused:
        raise InputError(" ".join(map(str, refused)))


@click.command("tag")
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
    from enigma.store import labels

    label = labels.tag(home.own(run_id, "be tagged"), " ".join(tags), " ".join(remove))
    click.echo(" ".join(label.tags))


@click.command("rename")
@click.argument("run_id", metavar="RUN")
@click.argument("name")
@click.pass_obj
def rename(home: Home, run_id: str, name: str) -> None:
    """Give a run a name of your own beside its title and id; an empty one takes it away.

    \b
    enigma runs rename RUN "Figure 3, first draft"
    """
    from enigma.store import labels

    click.echo(labels.rename(home.own(run_id, "be renamed"), name).name)


@click.command("note")
@click.argument("run_id", metavar="RUN")
@click.argument("text", required=False)
@click.pass_obj
def note(home: Home, run_id: str, text: str | None) -> None:
    """Replace the note of a run, or print it when no text is given.

    \b
    enigma runs note RUN "accuracy turns at step 13"
    """
    from enigma.store import labels

    label = labels.read(home.find(run_id)) if text is None else labels.annotate(home.own(run_id, "be noted on"), text)
    click.echo(label.note)


@click.command("restore")
@click.argument("run_id", metavar="RUN")
@click.pass_obj
def restore(home: Home, run_id: str) -> None:
    """Bring a deleted run back from the trash.

    \b
    enigma runs restore RUN
    """
    from enigma.store import trash as bin_

    click.echo(f"Restored {bin_.restore(run_id, home.trash, home.runs).id}")


@click.command("trash")
@click.option("--empty", is_flag=True, help="Delete what is in it for good.")
@click.pass_obj
def trash(home: Home, empty: bool) -> None:
    """List the deleted runs, which are kept for 30 days, or empty the trash.

    \b
    enigma runs trash
    enigma runs trash --empty
    """
    from enigma.store import trash as bin_

    gone = bin_.empty(home.trash, 0 if empty else bin_.DAYS_KEPT)
    if empty:
        click.echo(f"Deleted {gone} run{'s' if gone != 1 else ''} for good.")
        return
    items = bin_.thrown(home.trash)
    for item in items:
        day = time.strftime("%Y-%m-%d", time.localtime(item.when))
        click.echo(f"{item.run.id}  deleted {day}  {item.days_left():4.0f} days left  {item.size / 1e6:8.1f} MB")
    click.echo(f"{len(items)} in the trash, {sum(item.size for item in items) / 1e6:,.1f} MB")


@click.command("list")
@JSON
@click.pass_obj
def queue_list(home: Home, as_json: bool) -> None:
    """What runs, waits or has failed, in order, and who asked for it.

    \b
    enigma queue list
    """
    from enigma.jobs import queue as jobs
    from enigma.spec.run_spec import RunSpec
    from enigma.spec.titles import title

    listed = [job for job in jobs.jobs(home) if job.state != "done"]
    if as_json:
        rows = [
            {"job": job.id, "state": job.state, "queue": jobs.queue_of(home, job), "by": job.by, "run": job.run_id,
             "place": len(jobs.ahead(home, job)) + 1 if job.state in jobs.ACTIVE else None,
             "message": job.message, "spec": job.spec}
            for job in listed
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=1))
        return
    for job in listed:
        told = job.message if job.state == "failed" else title(RunSpec.parse(job.spec))
        click.echo(f"{job.id}  {job.state:<8} {jobs.queue_of(home, job):<8} by {job.by or 'someone':<12}  {told}")


@click.command("cancel")
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def queue_cancel(home: Home, job_id: str) -> None:
    """Take a job out of the queue; one that has begun stops and keeps its frames so far.

    \b
    enigma queue cancel JOB
    """
    from enigma.jobs import queue as jobs

    job = _job(home, job_id)
    if job.state not in jobs.ACTIVE:
        raise InputError(f"Expected a job that runs or waits, but {job.id} is {job.state}.")
    jobs.cancel(home, job)
    click.echo(f"Cancelled {job.id}")


@click.command("dismiss")
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def queue_dismiss(home: Home, job_id: str) -> None:
    """Forget a job that has failed.

    \b
    enigma queue dismiss JOB
    """
    from enigma.jobs import queue as jobs

    job = _job(home, job_id)
    if job.state in jobs.ACTIVE:
        raise InputError(f"Expected a job that is over, but {job.id} is {job.state}; cancel it.")
    jobs.dismiss(home, job)
    click.echo(f"Dismissed {job.id}")


def _job(home: Home, job_id: str) -> Any:
    from enigma.jobs import queue as jobs

    job = jobs.find(home, job_id)
    if job is None:
        raise InputError(f"Expected the id of a job, but got {job_id!r}; see `enigma queue list`.")
    return job
