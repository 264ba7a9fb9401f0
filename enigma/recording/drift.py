"""How far a model's adapted parameters have drifted from those of the source."""

import json
import math

import numpy as np
import torch
from torch import Tensor, nn

from enigma.store.run_folder import Arrays


class Drift:
    """Remembers the adapted parameters of a model as they are now, and tells later how far they have moved (final)."""

    def __init__(self, model: nn.Module):
        self._source = {name: parameter.detach().clone() for name, parameter in _adapted(model).items()}

    def total(self, model: nn.Module) -> float:
        """Euclidean distance of all adapted parameters together."""
        now = _adapted(model)
        return math.sqrt(sum((now[name] - before).square().sum().item() for name, before in self._source.items()))

    def each(self, model: nn.Module) -> tuple[Arrays, dict[str, str]]:
        """What a frame keeps: the drift of every adapted tensor, and the tensors' names as JSON.

        Returns:
            parameter_drift (2, tensors): Euclidean norm of θ - θ₀, and of θ₀; zero for a tensor that starts at zero.
        """
        now = _adapted(model)
        norms = [[_norm(now[name] - before), _norm(before)] for name, before in self._source.items()]
        drift = np.array(norms, np.float32).reshape(-1, 2).T
        return {"parameter_drift": drift}, {"parameters": json.dumps(list(self._source))}


def _adapted(model: nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}


def _norm(tensor: Tensor) -> float:
    return torch.linalg.vector_norm(tensor).item()
