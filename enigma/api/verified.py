"""Whether a run is as it was recorded, and whether it can be recorded again."""

from enigma.api.given import HomeLike, home_of
from enigma.api.opened import OpenedRun
from enigma.jobs.recorded_again import RecordedAgain, record_again
from enigma.store import soundness


def verify(
    run: OpenedRun | str, *, recompute: bool = False, threads: int | None = None, home: HomeLike = None
) -> RecordedAgain | None:
    """Checks that every recorded file of a run is as it was written; with `recompute`, also records it again.

    Args:
        run: the run, or its id.
        recompute: whether to record it once more, in a folder that is thrown away, and compare every array.
        threads: of torch, for that; None for as many as it was recorded with.
        home: where ids are looked up.

    Returns:
        How far each array is from the stored one: `differences`, `is_identical`; None without `recompute`.

    Raises:
        CorruptRunError: naming each file that is changed or missing.
        InputError: the model or the images are not those that the run was recorded with.
    """
    found = home_of(home).find(run if isinstance(run, str) else run.id)
    soundness.check(found)
    if not recompute:
        return None
    return record_again(found, home_of(home), threads)
