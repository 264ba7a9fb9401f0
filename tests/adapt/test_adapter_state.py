"""The state of every adapter: it goes back to its source, goes on elsewhere, and is not changed by looking."""

import pytest
import torch
from safetensors.torch import load, save

from enigma import adapt
from tests.adapt.networks import PAIRS, build, few


@pytest.mark.parametrize(("name", "network_name"), PAIRS)
def test_reset_restores_weights_optimizer_and_method_state_exactly(name: str, network_name: str) -> None:
    adapter = build(name, network_name)
    outputs = []
    for _ in range(2):
        torch.manual_seed(3)
        outputs.append([adapter.step(batch) for batch in few(2)])
        adapter.reset()
    assert all(torch.equal(a, b) for a, b in zip(*outputs, strict=True))


@pytest.mark.parametrize(("name", "network_name"), PAIRS)
def test_checkpoint_lets_another_process_go_on_bit_for_bit(name: str, network_name: str) -> None:
    more = {"reset_every": 3} if name == "rdumb" else {}
    stream = few(4)
    torch.manual_seed(3)
    whole = build(name, network_name, **more)
    straight = [whole.step(batch) for batch in stream]
    torch.manual_seed(3)
    first = build(name, network_name, **more)
    broken = [first.step(batch) for batch in stream[:2]]
    # As `record` stores it: tensors in a file, with the state of torch's generator.
    content = save({key: value.detach().contiguous() for key, value in first.state().items()})
    random = torch.get_rng_state()
    torch.manual_seed(4)
    other = build(name, network_name, **more)
    other.load_state(load(content))
    torch.set_rng_state(random)
    broken += [other.step(batch) for batch in stream[2:]]
    assert all(torch.equal(a, b) for a, b in zip(straight, broken, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(whole.model.parameters(), other.model.parameters(), strict=True))


@pytest.mark.parametrize(("name", "network_name"), PAIRS)
def test_looking_at_an_adapter_changes_nothing(name: str, network_name: str) -> None:
    stream = few(3)
    outputs = []
    for looks in (False, True):
        torch.manual_seed(3)
        adapter = build(name, network_name)
        outputs.append([adapter.step(stream[0]), adapter.step(stream[1])])
        if looks:
            with torch.no_grad():
                embeddings, logits = adapt.predictor(adapter)(stream[2])
            assert len(embeddings) == len(logits) == 4
            assert not logits.requires_grad
        outputs[-1].append(adapter.step(stream[2]))
    assert all(torch.equal(a, b) for a, b in zip(*outputs, strict=True))
