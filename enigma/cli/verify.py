"""`enigma verify`: whether a run is as it was recorded, and whether it can be recorded again."""

import dataclasses
from typing import TYPE_CHECKING

import click

from enigma.cli.options import JSON
from enigma.cli.output import aligned, print_json
from enigma.store import manifest, soundness
from enigma.store.home import Home

if TYPE_CHECKING:
    from enigma.jobs.recorded_again import RecordedAgain


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--recompute", is_flag=True, help="Record it again as well, and compare every array.")
@click.option("--threads", type=click.IntRange(1, 1024), help="Of torch, for --recompute; default: as recorded.")
@JSON
@click.pass_obj
def verify(home: Home, run_id: str, recompute: bool, threads: int | None, as_json: bool) -> None:
    """Check the digests of a run; with --recompute, record it again and say how far each array is off.

    \b
    enigma verify 429b4332ba79
    enigma verify 429b4332ba79 --recompute --threads 1
    """
    run = home.find(run_id)
    soundness.check(run)
    files = len(manifest.recorded(run.path))
    values = {"run": run.id, "state": run.state, "files": files}
    if not as_json:
        click.echo(f"{files} files of run {run.id} are as they were recorded.")
    if recompute:
        # It imports torch.
        from enigma.jobs.recorded_again import record_again

        found = record_again(run, home, threads)
        values["recomputed"] = {**dataclasses.asdict(found), "identical": found.is_identical}
        if not as_json:
            click.echo("\n".join(_told(found)))
    if as_json:
        print_json(values)


def _told(found: "RecordedAgain") -> list[str]:
    threads = f"{found.threads} thread{'s' if found.threads != 1 else ''}"
    if found.is_identical:
        return [f"Recorded again with {threads}: {found.frames} frames, the same bits."]
    rows = [("array", "differing", "largest", "of at most", "at step")] + [
        (
            each.array, f"{each.differing:,} of {each.entries:,}", f"{each.largest:.3g}", f"{each.scale:.3g}",
            "-" if each.step is None else str(each.step),
        )
        for each in found.differences if each.differing
    ]  # fmt: skip
    same = sum(not each.differing for each in found.differences)
    return [
        f"Recorded again with {threads}, first with {found.stored_threads}: {same} of {len(found.differences)} arrays "
        "are the same bits.",
        *aligned(rows),
    ]
