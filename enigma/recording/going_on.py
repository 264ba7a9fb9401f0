"""What is done before a run that is there already goes on: it is checked, and what is damaged is recorded again."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import torch

from enigma.recording.device import Compute
from enigma.recording.listeners import Listeners
from enigma.spec.errors import CorruptRunError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection, durable, soundness
from enigma.store.labels import LABEL
from enigma.store.permission import OWNER
from enigma.store.run_folder import Run


def is_finished(run: Run) -> bool:
    """Whether nothing is left to record; a status that cannot be read is written anew.

    Raises:
        CorruptRunError: it is finished, and damaged.
    """
    try:
        finished = run.status["state"] == "finished"
    except CorruptRunError:
        return False
    if finished:
        run.verify()
    return finished


def prepare(run: Run, spec: RunSpec, listeners: Listeners) -> None:
    """Sees that a run can go on from its checkpoint; one that cannot is set aside, to be recorded from the start.

    Frames from the checkpoint on are made again from it. Whatever else is damaged, as the checkpoint itself, could be
    made again from the start only.
    """
    durable.sweep(run.path)
    step = soundness.checkpoint_step(run)
    try:
        _ = run.status
    except CorruptRunError:
        # It says nothing that the rest does not say.
        run.set_status("running", step)
    found = soundness.problems(run, spec.frame_steps)
    again = {name for name in found if soundness.is_frame(name) and int(Path(name).stem) >= step}
    told = f"Run {run.id} is damaged: {'; '.join(f'{name} is {state}' for name, state in found.items())}."
    if set(found) - again:
        collection.set_aside(run)
        listeners.repaired(f"{told} It is recorded again from the start.")
    elif again:
        run.unseal()
        for name in again:
            run.path.joinpath(name).unlink(missing_ok=True)
        listeners.repaired(f"{told} It is recorded again from step {step}.")
    elif unknown := soundness.unknown(run):
        more = f" and {len(unknown) - 1:,} more files" if unknown[1:] else ""
        listeners.repaired(f"Of {unknown[0]}{more} of run {run.id} no digest was kept, so only their form was checked.")


def keep_threads(run: Run, compute: Compute, listeners: Listeners) -> None:
    """Goes on with as many threads as the run began with, on which its last bits depend, or says that they differ."""
    began, now = run.facts["hardware"].get("threads"), torch.get_num_threads()
    if compute.device.type != "cpu" or not began or began == now:
        return
    if began <= (os.cpu_count() or 1):
        torch.set_num_threads(began)
    else:
        listeners.repaired(
            f"Run {run.id} began with {began} threads, and this machine has {os.cpu_count()} cores: it goes on with "
            f"{now}, and its last bits will differ from those of a run that was not interrupted."
        )


def take_over(run: Run) -> None:
    """Gives a run that is recorded anew label and owner of the damaged one, and the ids to which that answered."""
    for old in collection.aside(run)[-1:]:
        for name in (LABEL, OWNER):
            if (old / name).is_file():
                shutil.copy2(old / name, run.path / name)
        with contextlib.suppress(CorruptRunError):
            if extends := Run(old).facts.get("extends"):
                run.write("run.json", json.dumps({**run.facts, "extends": extends}, indent=1).encode())


def tidy(run: Run) -> None:
    """Removes the damaged folders that the run replaces, now that it is sealed, and with it on disk."""
    for old in collection.aside(run):
        shutil.rmtree(old)
