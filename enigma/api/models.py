"""Questions to a model and its images before any adaptation, and training one; all of it imports torch."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from enigma.api.given import HomeLike, SpecLike, home_of, spec_of
from enigma.jobs import training
from enigma.jobs.benchmark import Benchmark, benchmark
from enigma.jobs.detecting import Detected, detected
from enigma.jobs.training_task import Task
from enigma.models.architectures import ARCHITECTURES
from enigma.recording import inspection
from enigma.recording.inspection import Inspection
from enigma.spec.catalogue import UNKNOWNS
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec


def inspect(spec: SpecLike = None, *, home: HomeLike = None, **fields: Any) -> Inspection:
    """A model and a dataset looked at together before a run: what goes in, what comes out, what will move.

    Args:
        spec: a `RunSpec`, its values, or a file; None for the default run.
        home: where corrupted images are kept.
        fields: of `RunSpec`, which change the spec.

    Returns:
        Layers, sizes, accuracies in [0, 1] on up to 500 images, warnings; `to_text()`, `to_dict()`, and `samples`, a
        PNG of what the model is given.

    Raises:
        InputError: something is missing or does not fit.
    """
    return inspection.inspect(spec_of(spec, fields), home_of(home).cache)


def bench(spec: SpecLike = None, *, home: HomeLike = None, rounds: int = 5, **fields: Any) -> Benchmark:
    """What watching costs on this machine: the parts of a run, measured in turn beside a bare Tent loop.

    Args:
        spec: as in `inspect`.
        home: where corrupted images are kept.
        rounds: how often each part is measured.
        fields: of `RunSpec`, which change the spec.

    Returns:
        Seconds of each part and their ratios to the bare loop of the same round: `parts`, `observed`, `memory`.

    Raises:
        InputError: something is missing or does not fit.
    """
    return benchmark(spec_of(spec, fields), home_of(home), rounds)


def detect(*unknown: str, spec: SpecLike = None, home: HomeLike = None, **fields: Any) -> list[Detected]:
    """How well a model tells images that it does not know from those it does, before any adaptation.

        for found in enigma.detect("digits", "uniform", model="resnet-bn-isomaxplus"):
            print(found.decide(score="entropy", keep=0.95).sentence)

    Args:
        unknown: sets of unknown images by name, folders or .npz files; none for all that are bundled.
        spec: what names model and known images; None for the default model on clean images.
        home: where corrupted images are kept.
        fields: of `RunSpec`, which change the spec.

    Returns:
        For each set its scores, `metrics` (AUROC and others in [0, 1]) and `decide`, which sets a threshold.

    Raises:
        InputError: the spec does not fit the model or the data.
    """
    base = spec_of(spec, fields, RunSpec(corruption="none"))
    names = unknown or tuple(name for name in UNKNOWNS if name != "held-out")
    return [detected(base.override(unknown=name), home_of(home).cache) for name in names]


def train(
    architecture: str,
    *,
    data_root: str | Path,
    out: str | Path = "models",
    head: str | None = None,
    leave_out: Sequence[str] = (),
    fractional: bool = False,
    seed: int = 0,
    epochs: int | None = None,
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Trains a bundled architecture on the 60,000 Fashion-MNIST images; what was interrupted goes on.

    Args:
        architecture: resnet-bn, resnet-gn or vit-ln.
        data_root: folder of Fashion-MNIST's four files.
        out: where weights (.safetensors) and card (.json) are written.
        head: softmax, isomax, isomaxplus or dismax, all by one shorter recipe; None for the model's own.
        leave_out: names of classes the network never sees.
        fractional: with dismax, also train on images put together from quadrants.
        seed: of every random choice.
        epochs: passes over the images; None for the model's recipe.
        report: told a line an epoch.

    Returns:
        The model card: command, seed, epochs, seconds, parameters, clean test accuracy in [0, 1].

    Raises:
        InputError: a name is unknown, or the data are missing.
    """
    if architecture not in ARCHITECTURES:
        raise InputError(f"Expected a model among {', '.join(ARCHITECTURES)}, but got {architecture!r}.")
    task = Task(architecture, head, tuple(leave_out), fractional)
    return training.train(task, Path(data_root), Path(out), seed=seed, epochs=epochs, report=report)
