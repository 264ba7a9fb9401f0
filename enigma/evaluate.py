"""What a frame holds: the probe and the reference seen by one state of the model."""

import numpy as np
import torch
from torch import Tensor, nn

from enigma.compute import Compute
from enigma.runs import Arrays
from enigma.sources.images import ImageSet
from enigma.sources.models import embed
from enigma.sources.prepare import Sources

# Enough logits for every score this project computes, whatever the number of classes: with ten
# classes all of them, with a thousand the ten that matter; `logsumexp` makes them probabilities.
TOP = 10


class Evaluator:
    """Evaluates fixed images in a fixed order and in equal batches, without a gradient (final).

    With batch statistics an image's prediction depends on the batch it is in, so the batches of an
    evaluation never change: as few as `batch_size` allows, all of the same size but for one image.
    """

    def __init__(self, compute: Compute, batch_size: int):
        self._compute = compute
        self._batch_size = batch_size

    def frame(self, model: nn.Module, sources: Sources) -> Arrays:
        """The arrays of one frame.

        Returns:
            embeddings (probes, features); top_logits and top_classes (probes, up to 10), largest first;
            logsumexp, entropies (nats), label_log_probabilities (probes); mean_prediction (classes);
            class_means (classes, features): reference means re-embedded by this state of the model.
        """
        embeddings, logits = self._outputs(model, sources.probe)
        reference, _ = self._outputs(model, sources.reference)
        log_p = torch.log_softmax(logits, 1)
        top = logits.topk(min(TOP, logits.shape[1]), dim=1)
        labels = torch.from_numpy(sources.probe.labels)
        classes = logits.shape[1]
        arrays = {
            "embeddings": _compact(embeddings),
            "top_logits": top.values.float(),
            "top_classes": top.indices.to(torch.uint8 if classes <= 256 else torch.int32),
            "logsumexp": torch.logsumexp(logits, 1).float(),
            "entropies": -(log_p.exp() * log_p).sum(1).float(),
            "label_log_probabilities": log_p[torch.arange(len(labels)), labels].float(),
            "mean_prediction": log_p.exp().mean(0).float(),
            "class_means": class_means(reference, torch.from_numpy(sources.reference.labels), classes).float(),
        }
        return {name: value.numpy() for name, value in arrays.items()}

    def source(self, model: nn.Module, images: ImageSet) -> Arrays:
        """Embeddings, predictions and confidences of the unadapted model with its stored statistics."""
        embeddings, logits = self._outputs(model.eval(), images)
        confidences, predictions = logits.softmax(1).max(1)
        return {
            "embeddings": _compact(embeddings).numpy(),
            "predictions": predictions.numpy(),
            "confidences": confidences.float().numpy(),
        }

    @torch.no_grad()
    def _outputs(self, model: nn.Module, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Embeddings and logits of all images, in float64 on the CPU."""
        batches = np.array_split(images.images, -(-len(images) // self._batch_size))
        with self._compute.autocast():
            outputs = [embed(model, self._compute.pixels(batch)) for batch in batches]
        embeddings, logits = zip(*outputs, strict=True)
        return torch.cat(embeddings).cpu().double(), torch.cat(logits).cpu().double()


def class_means(embeddings: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Mean embedding of each class, of shape (classes, features); NaN for a class without images."""
    return torch.stack([embeddings[labels == label].mean(0) for label in range(classes)])


def _compact(embeddings: Tensor) -> Tensor:
    """Half precision, which keeps three digits, unless a value is too large for it."""
    return embeddings.half() if embeddings.abs().max() < torch.finfo(torch.float16).max else embeddings.float()
