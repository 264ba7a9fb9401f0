"""What a frame holds: the probe and the reference seen by one state of the model."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor, nn

from enigma.functionals.dropout import dropout_disagreement
from enigma.functionals.entropy import softmax_entropy
from enigma.images.image_set import ImageSet
from enigma.images.sources import Sources
from enigma.models.classifier import classification_layer, embed
from enigma.recording.device import Compute
from enigma.recording.unknown_scores import Reference, Scores, scores
from enigma.store.run_folder import Arrays

# Enough logits for every score this project computes, whatever the number of classes: with ten
# classes all of them, with a thousand the ten that matter; `logsumexp` makes them probabilities.
TOP = 10

Predict = Callable[[Tensor], tuple[Tensor, Tensor]]


class Evaluator:
    """Evaluates fixed images in a fixed order and in equal batches, without a gradient (final).

    With batch statistics an image's prediction depends on the batch it is in, so the batches of an
    evaluation never change: as few as `batch_size` allows, all of the same size but for one image.
    """

    def __init__(self, compute: Compute, batch_size: int):
        self._compute = compute
        self._batch_size = batch_size

    def frame(self, model: nn.Module, sources: Sources, predict: Predict | None = None) -> Arrays:
        """The arrays of one frame.

        Args:
            predict: embeddings and logits of a batch of the probe, for methods whose predictions are more than a
                forward pass of `model`.

        Returns:
            embeddings (probes, features); top_logits and top_classes (probes, up to 10), largest first;
            logsumexp, entropies (nats), label_log_probabilities (probes); mean_prediction (classes);
            class_means (classes, features): reference means re-embedded by this state of the model;
            dropout (2): `dropout_disagreement`, where the last layer is linear; scores (probes, scores): how
            unknown each image is, where the run has unknown images.
        """
        embeddings, logits = self._outputs(predict or partial(embed, model), sources.probe)
        reference, _ = self._outputs(partial(embed, model), sources.reference)
        log_p = torch.log_softmax(logits, 1)
        known = torch.from_numpy(sources.probe.labels >= 0)
        labels = torch.from_numpy(sources.probe.labels)
        classes = logits.shape[1]
        arrays = {
            "embeddings": _compact(embeddings),
            **_largest(logits),
            "entropies": softmax_entropy(logits).float(),
            # An image without a label has no such number.
            "label_log_probabilities": log_p[torch.arange(len(labels)), labels].masked_fill(~known, torch.nan).float(),
            "mean_prediction": log_p.exp().mean(0).float(),
            "class_means": class_means(reference, torch.from_numpy(sources.reference.labels), classes).float(),
        }
        head = classification_layer(model)
        if isinstance(head, nn.Linear) and embeddings.shape[1] == head.in_features and len(embeddings):
            found = dropout_disagreement(embeddings, logits.argmax(1), head)
            arrays["dropout"] = torch.tensor(found, dtype=torch.float32)
        found_arrays = {name: value.numpy() for name, value in arrays.items()}
        if sources.is_unknown.any():
            found_arrays["scores"] = stacked(self._scores(model, sources, embeddings, logits, reference))
        return found_arrays

    def source(self, model: nn.Module, images: ImageSet) -> Arrays:
        """Embeddings, predictions, confidences and logits, as in a frame, of the unadapted model as it was stored."""
        embeddings, logits = self._outputs(partial(embed, model.eval()), images)
        confidences, predictions = logits.softmax(1).max(1)
        return {
            "embeddings": _compact(embeddings).numpy(),
            "predictions": predictions.numpy(),
            "confidences": confidences.float().numpy(),
            "entropies": softmax_entropy(logits).float().numpy(),
            **{name: value.numpy() for name, value in _largest(logits).items()},
        }

    def source_scores(
        self, model: nn.Module, sources: Sources, images: ImageSet
    ) -> tuple[Scores, Int64[np.ndarray, " images"]]:
        """How unknown each image is to the unadapted model as it was stored, and what it predicts."""
        model = model.eval()
        embeddings, logits = self._outputs(partial(embed, model), images)
        reference, _ = self._outputs(partial(embed, model), sources.reference)
        return self._scores(model, sources, embeddings, logits, reference), logits.argmax(1).numpy()

    def _scores(
        self, model: nn.Module, sources: Sources, embeddings: Tensor, logits: Tensor, reference: Tensor
    ) -> Scores:
        head = classification_layer(model) if sources.model.head.is_exact else None
        known = Reference(reference, torch.from_numpy(sources.reference.labels))
        return scores(embeddings, logits, head, known)

    def outputs(self, model: nn.Module, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Embeddings and logits of all images, in float64 on the CPU."""
        return self._outputs(partial(embed, model), images)

    @torch.no_grad()
    def _outputs(self, predict: Predict, images: ImageSet) -> tuple[Tensor, Tensor]:
        if not len(images):
            # Two black images tell how long an embedding is.
            pair, unknown = np.zeros((2, *images.images.shape[1:]), np.uint8), np.array([-1, -1])
            blank = replace(images, images=pair, labels=unknown, indices=np.arange(2))
            embeddings, logits = self._outputs(predict, blank)
            return embeddings[:0], logits[:0]
        batches = np.array_split(np.arange(len(images)), -(-len(images) // self._batch_size))
        with self._compute.autocast():
            outputs = [predict(self._compute.pixels(images.images[batch])) for batch in batches]
        return tuple(torch.cat(values).cpu().double() for values in zip(*outputs, strict=True))  # type: ignore[return-value]


def class_means(embeddings: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Mean embedding of each class, of shape (classes, features); NaN for a class without images."""
    return torch.stack([embeddings[labels == label].mean(0) for label in range(classes)])


def stacked(found: Scores) -> np.ndarray:
    """Scores of shape (probes, scores), in the order in which the run's facts name them."""
    return np.stack(list(found.values()), axis=1).astype(np.float32)


def _largest(logits: Tensor) -> dict[str, Tensor]:
    """What of the logits is kept."""
    classes = logits.shape[1]
    top = logits.topk(min(TOP, classes), dim=1)
    return {
        "top_logits": top.values.float(),
        "top_classes": top.indices.to(torch.uint8 if classes <= 256 else torch.int32),
        "logsumexp": torch.logsumexp(logits, 1).float(),
    }


def _compact(embeddings: Tensor) -> Tensor:
    """Half precision, which keeps three digits, unless a value is too large for it."""
    largest = embeddings.abs().max() if len(embeddings) else torch.tensor(0.0)
    return embeddings.half() if largest < torch.finfo(torch.float16).max else embeddings.float()
