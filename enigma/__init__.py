"""Entropy Enigma: watch entropy minimisation at test time succeed, then fail.

What a notebook needs, loaded when it is asked for: `import enigma` imports neither torch nor a library for figures.

    run = enigma.open_run("429b4332ba79")              # the run that comes with the installation
    run = enigma.run(method="eata", corruption="fog")  # recorded now, or opened if it is recorded already
    run.metrics, run.frames[0].embeddings, run.figure("curves"), run.explain()
    adapter = enigma.adapt.build(model, "eata")        # a method around a model of one's own, without recording
    watch = enigma.watch("my run")                     # a loop of one's own: watch.log(step, embeddings=z, logits=y)

Everything that the command line does:

| command | here |
|---|---|
| enigma run | `run`, `resume` |
| enigma inspect | `inspect` |
| enigma bench | `bench` |
| enigma sweep | `sweep`, `specs` |
| enigma compare | `compare` |
| enigma export | `OpenedRun.export`, `OpenedRun.figure` |
| enigma estimate | `estimate`, `OpenedRun.estimate` |
| enigma calibrate | `calibrate` |
| enigma detect | `detect` |
| enigma train | `train` |
| enigma reproduce | `reproduce_paper` |
| enigma import | `import_embeddings` |
| enigma list | `catalogue` |
| enigma verify | `verify` |
| enigma runs list | `runs` |
| enigma runs show | `open_run`, `OpenedRun.summary`, `OpenedRun.metrics` |
| enigma runs explain | `OpenedRun.explain`, `OpenedRun.phases` |
| enigma runs unknown | `OpenedRun.unknowns` |
| enigma runs tag | `OpenedRun.tag` |
| enigma runs rename | `OpenedRun.rename` |
| enigma runs note | `OpenedRun.annotate`, `OpenedRun.label` |
| enigma runs delete | `OpenedRun.delete` |
| enigma runs restore | `restore` |
| enigma runs trash | `trash`, `empty_trash` |
| enigma runs import | `import_runs` |
| enigma queue list | `queue` |
| enigma queue cancel | `cancel` |
| enigma queue dismiss | `dismiss` |
| enigma app | none: the dashboard is a server, started from a shell |

Whatever is wrong with what was asked for is an `EnigmaError`, whose message says what was expected, what came and what
to do. `home` is a folder to keep runs in, or a `Home`; without, it is ENIGMA_HOME or else ~/.enigma.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enigma import adapt
    from enigma.api.comparison import Comparison
    from enigma.api.models import bench, detect, inspect, train
    from enigma.api.opened import OpenedRun
    from enigma.api.paper import reproduce_paper
    from enigma.api.questions import calibrate, compare, estimate
    from enigma.api.queued import cancel, dismiss, queue
    from enigma.api.recording import resume, run, specs, sweep
    from enigma.api.stored import empty_trash, import_runs, open_run, restore, runs, trash
    from enigma.api.verified import verify
    from enigma.api.watching import import_embeddings, watch
    from enigma.recording.watched.watching import Watch
    from enigma.spec import catalogue
    from enigma.spec.errors import CorruptRunError, EnigmaError, InputError, NonFiniteLossError, RunNotFoundError
    from enigma.spec.run_spec import RunSpec
    from enigma.store.home import Home

__version__ = "0.2.0"

_PLACES = {
    "enigma.api.models": "bench detect inspect train",
    "enigma.api.paper": "reproduce_paper",
    "enigma.api.questions": "calibrate compare estimate",
    "enigma.api.queued": "cancel dismiss queue",
    "enigma.api.recording": "resume run specs sweep",
    "enigma.api.stored": "empty_trash import_runs open_run restore runs trash",
    "enigma.api.verified": "verify",
    "enigma.api.watching": "import_embeddings watch",
    "enigma.spec.errors": "CorruptRunError EnigmaError InputError NonFiniteLossError RunNotFoundError",
    "enigma.api.comparison": "Comparison",
    "enigma.api.opened": "OpenedRun",
    "enigma.recording.watched.watching": "Watch",
    "enigma.spec.run_spec": "RunSpec",
    "enigma.store.home": "Home",
}
"""Where each name is found."""

_MODULES = {"adapt": "enigma.adapt", "catalogue": "enigma.spec.catalogue"}

__all__ = [
    "Comparison", "CorruptRunError", "EnigmaError", "Home", "InputError", "NonFiniteLossError", "OpenedRun",
    "RunNotFoundError", "RunSpec", "Watch", "__version__", "adapt", "bench", "calibrate", "cancel", "catalogue",
    "compare", "detect", "dismiss", "empty_trash", "estimate", "import_embeddings", "import_runs", "inspect",
    "open_run", "queue", "reproduce_paper", "restore", "resume", "run", "runs", "specs", "sweep", "train", "trash",
    "verify", "watch",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Imports what is asked for, once: it is found among the module's own names from then on."""
    if name in _MODULES:
        found: object = importlib.import_module(_MODULES[name])
    else:
        place = next((module for module, names in _PLACES.items() if name in names.split()), None)
        if place is None:
            raise AttributeError(f"module 'enigma' has no attribute {name!r}")
        found = getattr(importlib.import_module(place), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
