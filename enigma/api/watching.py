"""Watch a loop that is somebody's own: record it, log by log, as a run; or import what it left in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from enigma.api.given import HomeLike, home_of
from enigma.api.opened import OpenedRun
from enigma.recording.watched.given import Given
from enigma.recording.watched.watching import Watch
from enigma.spec.errors import InputError


def watch(
    name: str,
    *,
    probe_labels: Any = None,
    reference: Any = None,
    images: Any = None,
    reference_images: Any = None,
    classes: Sequence[str] | None = None,
    source_logits: Any = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    home: HomeLike = None,
) -> Watch:
    """Watches a loop that is not ours, and records it as a run that every page, export and function can show.

        with enigma.watch("my run", probe_labels=y, reference=(train_embeddings, train_labels)) as watch:
            for step, batch in enumerate(stream):
                ...
                watch.log(step, embeddings=z, logits=logits, loss=loss)

    All but the name may be left out; what that leaves unknown, the run says in a sentence. Tensors of torch and arrays
    are taken alike. Interrupted, the run stays as far as it was.

    Args:
        name: what the run is called; each call begins a run of its own.
        probe_labels: class of each image of the probe, (probes,); -1 where unknown.
        reference: a pair, embeddings (references, features) and labels (references,) of training images under the model
            at the start.
        images: pictures of the probe, (probes, height, width[, channels]) or channels first, in bytes or from 0 to 1.
        reference_images: likewise of the reference.
        classes: names of the classes, in the order of the logits.
        source_logits: of the unadapted model on the probe, where that is another than the model at the first log.
        settings: of the loop, such as {"lr": 0.001}, which tell runs apart where they are compared.
        seed: of the loop; runs that differ in nothing else can be folded.
        home: where runs are kept; None for ENIGMA_HOME, else ~/.enigma.

    Raises:
        InputError: something of it has a shape or values that make no sense.
    """
    given = Given.of(
        name, probe_labels=probe_labels, reference=reference, images=images, reference_images=reference_images,
        classes=classes, source_logits=source_logits, settings=settings or {}, seed=seed,
    )  # fmt: skip
    return Watch(given, home_of(home).runs)


def import_embeddings(
    *files: str | Path,
    name: str = "",
    metadata: str | Path | None = None,
    label: str | None = None,
    steps: Sequence[int] | None = None,
    home: HomeLike = None,
) -> OpenedRun:
    """Makes a run of embeddings in a file; what the file lacks, the run says in a sentence.

    An .npz, or a Zarr group, holds arrays by name: `embeddings` (probes, features) or (steps, probes, features),
    `logits` likewise, `labels`, `steps`, `reference_embeddings`, `reference_labels`, `images`, `classes`; one of the
    first two is enough. A Parquet file has a row for each image at each step, with columns `embedding`, `logits`,
    `step`, `label` and `reference`. The projector's tables are tensors.tsv and metadata.tsv.

    Args:
        files: one file, or one table (.tsv) a step.
        name: what the run is called; empty for the name of the file.
        metadata: what the rows of a table are; the second of two tables is taken for it.
        label: the column of it that holds the classes.
        steps: of each table.
        home: as in `watch`.

    Raises:
        InputError: a file is missing, of no known form, damaged, or holds what makes no run.
    """
    # Tables need Arrow, and Zarr its package, which a loop that is watched does without.
    from enigma.recording.imported.importing import imported
    from enigma.store.permission import check_change

    check_change()
    place = home_of(home)
    if not files:
        raise InputError("Expected a file of embeddings, but got none.")
    run_id = imported(
        [Path(file) for file in files], name, place.runs, metadata=None if metadata is None else Path(metadata),
        label=label, steps=None if steps is None else tuple(steps),
    )  # fmt: skip
    return OpenedRun(place.find(run_id), place)
