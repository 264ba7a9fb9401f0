"""What recording a run is, whoever asks for it: record with metrics, then project."""

import dataclasses

from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.projection.stored import project
from enigma.recording.loop import Listeners, record
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run


def record_and_project(
    spec: RunSpec,
    home: Home,
    listeners: Listeners | None = None,
    projections: tuple[str, ...] = (DEFAULT,),
    extends: Run | None = None,
    threads: int | None = None,
) -> Run:
    """Records the run of `spec` in `home` with metrics for each frame, then projects it; `threads` as in `record`.

    Raises:
        EnigmaError: as `enigma.recording.loop.record`.
    """
    listeners = listeners or Listeners()

    def framed(run: Run, step: int) -> None:
        frame_metrics(run, step)
        listeners.framed(run, step)

    listeners_too = dataclasses.replace(listeners, framed=framed)
    recorded = record(spec, home.runs, home.cache, listeners_too, extends, threads)
    if recorded.state in ("finished", "stopped"):
        project(recorded, projections)
    return recorded
