"""Whether a job may be submitted: what it reads, whose run it goes on with, and how much there is already."""

from enigma.jobs.queue import Job, active
from enigma.spec.run_spec import RunSpec
from enigma.store import allowed, permission, policy, quota
from enigma.store.home import Home
from enigma.store.run_folder import Run


def check_wish(home: Home, spec: RunSpec, extends: str) -> None:
    """Checks what a person wants recorded, whatever else goes on.

    Raises:
        RefusedError: it reads or imports what is not allowed, or would change another person's run.
    """
    permission.check_change()
    allowed.check_spec(spec, home.uploads)
    if extends and (old := home.find(extends)).path.parent == home.runs:
        # It makes way for the run that goes on from it.
        permission.check_run(old.path)
    if policy.current().sign_in and (run := _of(home, spec)) is not None and run.state != "finished":
        permission.check_run(run.path)


def check_room(home: Home, job: Job) -> None:
    """Checks that there is room for a new job; call it while the queue is held.

    Raises:
        RefusedError: a quota is reached.
    """
    own = [other for other in active(home) if permission.is_own(other.person)]
    quota.check_queue(len(own))
    if not job.extends and _of(home, RunSpec.parse(job.spec)) is None:
        quota.check_runs(home.runs, begun=sum(not (other.run_id or other.extends) for other in own))
    quota.check_disk(home.path)


def _of(home: Home, spec: RunSpec) -> Run | None:
    """The user's run of a spec, where there is one; read only where a policy asks."""
    now = policy.current()
    if not now.sign_in and now.runs_per_person is None:
        return None
    runs = (run for run in home.readable() if run.path.parent == home.runs)
    # What is recorded names the optimizer and learning rate that a spec may leave to the paper.
    return next((run for run in runs if run.spec in (spec, spec.resolved(len(run.facts["classes"])))), None)
