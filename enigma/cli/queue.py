"""`enigma queue`: what runs and waits."""

import click

from enigma.api import queued
from enigma.cli.command_group import CommandGroup
from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.jobs.queue import ACTIVE, DAMAGED, ahead, queue_of
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home


@click.group(cls=CommandGroup)
def queue() -> None:
    """See what runs and waits, or cancel it."""


@queue.command("list")
@JSON
@click.pass_obj
def list_jobs(home: Home, as_json: bool) -> None:
    """What runs, waits or has failed, in order, and who asked for it.

    \b
    enigma queue list
    """
    listed = queued.queue(home=home)
    if as_json:
        print_json(
            [
                {"job": job.id, "state": job.state, "queue": queue_of(home, job), "by": job.by, "run": job.run_id,
                 "place": len(ahead(home, job)) + 1 if job.state in ACTIVE else None,
                 "message": job.message, "spec": job.spec}
                for job in listed
            ]
        )  # fmt: skip
        return
    if not listed:
        click.echo("Nothing runs or waits.")
    for job in listed:
        about = job.message if job.state in ("failed", DAMAGED) else title(RunSpec.parse(job.spec))
        click.echo(f"{job.id}  {job.state:<8} {queue_of(home, job):<8} by {job.by or 'someone':<12}  {about}")


@queue.command("cancel")
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def cancel_job(home: Home, job_id: str) -> None:
    """Take a job out of the queue; one that has begun stops and keeps its frames so far.

    \b
    enigma queue cancel JOB
    """
    done = {
        "waiting": f"Took {job_id} out of the queue before anybody began it.",
        "running": f"Asked for {job_id} to stop: it does after the current step, and its run keeps the frames so far.",
        "": f"{job_id} had just ended; there was nothing to cancel.",
    }
    click.echo(done[queued.cancel(job_id, home=home)])


@queue.command("dismiss")
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def dismiss_job(home: Home, job_id: str) -> None:
    """Forget a job that has failed, or whose file is damaged.

    \b
    enigma queue dismiss JOB
    """
    queued.dismiss(job_id, home=home)
    click.echo(f"Dismissed {job_id}")
