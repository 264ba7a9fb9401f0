"""What a frame holds, against the network as the checkpoint says it is."""

import numpy as np
import torch
from torch import nn

from enigma.images.sources import load_sources
from enigma.models import classifier
from enigma.recording.loop import record
from enigma.store.home import Home
from tests.conftest import TINY

SPEC = TINY.override(probes=14, references=20, batch_size=10, lr=0.05)


def embedded(network: nn.Module, images: np.ndarray) -> torch.Tensor:
    """What enters the last layer, in batches of ten."""
    found: list[torch.Tensor] = []
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    handle = last.register_forward_hook(lambda module, inputs, output: found.append(inputs[0]))
    for start in range(0, len(images), 10):
        network(torch.from_numpy(images[start : start + 10]).permute(0, 3, 1, 2) / 255)
    handle.remove()
    return torch.cat(found).detach()


def test_class_means_of_a_frame_are_those_of_the_model_as_it_has_become(home: Home) -> None:
    run = record(SPEC, home.runs, home.cache)
    reference = load_sources(SPEC.sources, home.cache).reference
    network = classifier.load("resnet-bn").module
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
    means = {}
    for step in (0, 8):
        if step:
            weights = run.read_arrays("checkpoint.safetensors")
            moved = {name.removeprefix("adapter/model/"): value for name, value in weights.items() if "/model/" in name}
            network.load_state_dict({name: torch.from_numpy(value) for name, value in moved.items()}, strict=False)
        found = embedded(network, np.asarray(reference.images[:])).numpy()
        means[step] = np.stack([found[reference.labels == label].mean(0) for label in range(10)])
        np.testing.assert_allclose(run.frame(step)["class_means"], means[step], rtol=1e-3, atol=1e-3)
    assert np.abs(means[8] - means[0]).max() > 0.1
