"""Images kept out of the stream because the source model already knows them.

The paper asks whether entropy minimisation needs images that are classified right: it drops those whose
label is among the source model's k best guesses, or whose entropy is low, adapts on the rest, and
evaluates on images held out (*The Entropy Enigma*, section 2 and appendix G).
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64

from enigma.functionals.entropy import softmax_entropy
from enigma.images.sources import Sources
from enigma.images.stream import Mixture, Stream
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.spec.errors import InputError
from enigma.spec.stream_spec import StreamSpec
from enigma.store import durable

_BLOCK = 2048


def stream(spec: StreamSpec, sources: Sources, compute: Compute, cache: Path) -> Stream | Mixture:
    """The stream of the images that `spec` does not exclude.

    With an exclusion the probe is held out of the stream as well, so that accuracy is measured on
    images of every kind, none of which the method adapts to. Which images are excluded is worked out
    once and then read from `cache`.

    Raises:
        InputError: labels are needed and missing, or too few images are left.
    """
    if not spec.excludes:
        return sources.order
    if spec.exclude_top_k is not None and (sources.test.labels[~sources.is_unknown] < 0).any():
        raise InputError("Expected labels to exclude images by `exclude_top_k`, but some have none.")
    key = f"{sources.data_digest} {spec.exclude_top_k} {spec.exclude_entropy} {compute.precision} {compute.device.type}"
    path = cache / f"excluded-{hashlib.sha256(key.encode()).hexdigest()[:12]}.npy"
    positions = _kept(path)
    if positions is None:
        positions = _excluded(spec, sources, compute)
        content = io.BytesIO()
        np.save(content, positions)
        cache.mkdir(parents=True, exist_ok=True)
        durable.write(path, content.getvalue(), sync=False)
    return sources.order.without(np.union1d(positions, sources.probe_positions))


def _kept(path: Path) -> Int64[np.ndarray, " excluded"] | None:
    """What was worked out before, or None; a damaged file is made again."""
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return kept if isinstance(kept, np.ndarray) and (kept.dtype, kept.ndim) == (np.int64, 1) else None


def _excluded(spec: StreamSpec, sources: Sources, compute: Compute) -> Int64[np.ndarray, " excluded"]:
    """Positions of the images that the source model with its stored statistics knows well enough."""
    module = compute.place(sources.model.module).eval()
    evaluate, found = Evaluator(compute, max(spec.batch_size, 64)), []
    for first in range(0, len(sources.test), _BLOCK):
        block = np.arange(first, min(first + _BLOCK, len(sources.test)))
        _, logits = evaluate.outputs(module, sources.test.take(block))
        known = np.zeros(len(block), bool)
        if spec.exclude_top_k is not None:
            known |= in_top(logits.numpy(), sources.test.labels[block], spec.exclude_top_k)
        if spec.exclude_entropy is not None:
            known |= (softmax_entropy(logits) < spec.exclude_entropy).numpy()
        found.append(block[known])
    return np.concatenate(found)


def in_top(
    logits: Float[np.ndarray, "images classes"], labels: Int64[np.ndarray, " images"], k: int
) -> Bool[np.ndarray, " images"]:
    """Whether the label is among the k largest logits.

    >>> in_top(np.array([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0]]), np.array([2, 1]), 2).tolist()
    [True, False]
    """
    best = torch.from_numpy(logits).topk(min(k, logits.shape[1]), dim=1).indices.numpy()
    return (best == labels[:, None]).any(1)
