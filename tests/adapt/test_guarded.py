"""Methods that are stopped or reset by their stream."""

import copy

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from enigma import adapt
from enigma.adapt.guarded import Guarded
from enigma.functionals.stopping import LOOK, PATIENCE


@pytest.fixture
def batches() -> list[Tensor]:
    return list(torch.randn(60, 32, 3, 8, 8, generator=torch.Generator().manual_seed(1)))


def weights(adapter: adapt.Adapter) -> Tensor:
    return torch.cat([p.detach().flatten() for p in adapter.model.parameters() if p.requires_grad]).clone()


def collapsing(model: nn.Module, **options: str | int) -> Guarded:
    """Tent at a learning rate that ruins it within a few dozen steps."""
    return Guarded(adapt.build(model, "tent", lr=0.05), **options)  # type: ignore[arg-type]


def test_without_a_policy_it_is_the_method(model: nn.Module, batches: list[Tensor]) -> None:
    plain, guarded = adapt.build(model, "tent", lr=0.05), collapsing(model)
    for batch in batches[:8]:
        assert torch.equal(plain.step(batch), guarded.step(batch))
    assert torch.equal(weights(plain), weights(guarded))


def test_alarm_is_told_once(model: nn.Module, batches: list[Tensor]) -> None:
    guarded = collapsing(model)
    events = [guarded.step(batch) is not None and guarded.event for batch in batches]
    assert events.count("alarm") == 1


def test_suggested_stop_returns_to_the_weights_of_the_last_quiet_step(model: nn.Module, batches: list[Tensor]) -> None:
    plain, guarded = adapt.build(model, "tent", lr=0.05), collapsing(model, stop="suggested")
    seen = [weights(plain)]
    for batch in batches:
        plain.step(batch)
        seen.append(weights(plain))
        guarded.step(batch)
        if guarded.event == "stop":
            break
    assert guarded.event == "stop"
    assert guarded._watch is not None
    assert guarded._watch.step - guarded._watch.kept >= PATIENCE
    assert torch.equal(weights(guarded), seen[guarded._watch.kept])


def test_state_after_going_back_can_be_stored_as_a_checkpoint_is(model: nn.Module, batches: list[Tensor]) -> None:
    guarded = collapsing(model, stop="suggested")
    for batch in batches:
        guarded.step(batch)
    assert guarded.is_stopped
    assert guarded._watch is not None
    assert guarded._watch.kept
    # Tensors that share memory are refused, and one that moved would take what is kept with it.
    state = guarded.state()
    stored = load(save(state))
    assert all(torch.equal(stored[name], value) for name, value in state.items())


def test_a_model_that_favours_one_class_from_the_start_is_left_as_it_was(
    model: nn.Module, batches: list[Tensor]
) -> None:
    model[-1].bias.data[0] += 3
    source = weights(adapt.build(model, "tent", lr=0.05))
    guarded = collapsing(model, stop="suggested")
    for batch in batches[:LOOK]:
        guarded.step(batch)
    assert guarded.event == "stop"
    assert torch.equal(weights(guarded), source)


def test_after_a_stop_nothing_moves_and_predictions_go_on(model: nn.Module, batches: list[Tensor]) -> None:
    guarded = collapsing(model, stop=3)
    for batch in batches[:3]:
        guarded.step(batch)
    assert guarded.event == "stop"
    before, expected = weights(guarded), copy.deepcopy(guarded.model)(batches[3])
    assert torch.equal(guarded.step(batches[3]), expected)
    assert torch.equal(weights(guarded), before)
    assert (guarded.report.samples_used, guarded.event) == (0, "")


def test_reset_every_so_many_steps_is_what_rdumb_does(model: nn.Module, batches: list[Tensor]) -> None:
    rdumb = adapt.build(model, "rdumb", lr=0.05, reset_every=4)
    guarded = Guarded(adapt.build(model, "eta", lr=0.05), reset=4)
    for batch in batches[:10]:
        assert torch.equal(rdumb.step(batch), guarded.step(batch))


def test_reset_on_alarm_starts_from_the_source(model: nn.Module, batches: list[Tensor]) -> None:
    source = weights(adapt.build(model, "tent", lr=0.05))
    guarded = collapsing(model, reset="on-alarm")
    for batch in batches:
        guarded.step(batch)
        if guarded.event == "reset":
            break
    assert guarded.event == "reset"
    assert torch.equal(weights(guarded), source)
    guarded.step(batches[0])
    assert guarded.signals.flip_rate == 0


@pytest.mark.parametrize("options", [{}, {"stop": "suggested"}, {"reset": "on-alarm"}, {"stop": 7}, {"reset": 5}])
def test_state_goes_on_as_if_nothing_had_happened(
    model: nn.Module, batches: list[Tensor], options: dict[str, str | int]
) -> None:
    for cut in (0, 4, 11, 30):
        whole, other = collapsing(model, **options), collapsing(model, **options)
        for batch in batches[:cut]:
            whole.step(batch)
        other.load_state({name: value.clone() for name, value in whole.state().items()})
        for batch in batches[cut : cut + 12]:
            assert torch.equal(whole.step(batch), other.step(batch))
            assert (whole.event, whole.signals) == (other.event, other.signals)


def test_reset_restores_everything(model: nn.Module, batches: list[Tensor]) -> None:
    guarded = collapsing(model, stop="suggested")
    first = [guarded.step(batch) for batch in batches[:30]]
    guarded.reset()
    fresh = collapsing(model, stop="suggested")
    for batch, expected in zip(batches[:30], first, strict=True):
        assert torch.equal(guarded.step(batch), expected)
        fresh.step(batch)
        assert (guarded.signals, guarded._watch) == (fresh.signals, fresh._watch)


def test_after_a_reset_the_stream_is_followed_as_from_its_beginning(model: nn.Module, batches: list[Tensor]) -> None:
    """Every signal of the next steps is that of guards which have seen nothing before."""
    guarded = collapsing(model, reset="on-alarm")
    seen = next(index for index, batch in enumerate(batches) if (guarded.step(batch), guarded.event)[1] == "reset")
    fresh = collapsing(model, reset="on-alarm")
    for batch in batches[seen + 1 : seen + 5]:
        assert torch.equal(guarded.step(batch), fresh.step(batch))
        assert guarded.signals == fresh.signals
        assert guarded._watch == fresh._watch


class Noise(nn.Module):
    """Draws random numbers whenever it is asked."""

    def forward(self, images: Tensor) -> Tensor:
        return images + 0.1 * torch.randn_like(images)


def test_guards_draw_none_of_the_random_numbers_of_the_method(model: nn.Module, batches: list[Tensor]) -> None:
    noisy = nn.Sequential(Noise(), *model)
    found = []
    for adapter in (adapt.build(noisy, "tent", lr=0.05), collapsing(noisy)):
        torch.manual_seed(3)
        found.append([adapter.step(batch) for batch in batches[:4]])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_resets_are_as_far_apart_each_time_and_are_counted_anew_after_one_by_hand(
    model: nn.Module, batches: list[Tensor]
) -> None:
    guarded = collapsing(model, reset=4)
    events = [(guarded.step(batch), guarded.event)[1] for batch in batches[:13]]
    assert [step for step, event in enumerate(events, 1) if event == "reset"] == [4, 8, 12]
    guarded.reset()
    events = [(guarded.step(batch), guarded.event)[1] for batch in batches[:8]]
    assert [step for step, event in enumerate(events, 1) if event == "reset"] == [4, 8]


def test_state_holds_all_that_the_guards_know(model: nn.Module, batches: list[Tensor]) -> None:
    guarded, other = collapsing(model, stop="suggested"), collapsing(model, stop="suggested")
    for batch in batches[:3]:
        guarded.step(batch)
    other.load_state(load(save(guarded.state())))
    assert guarded._watch is not None
    assert guarded._watch._entropy % 1 > 0
    assert (other._watch, other._since_reset, other.is_stopped) == (guarded._watch, 3, False)
    # The method is given what is its own, and nothing of the guards.
    given: list[dict[str, Tensor]] = []
    other._adapter.load_state = given.append  # type: ignore[method-assign]
    other.load_state(guarded.state())
    assert given[0].keys() == guarded._adapter.state().keys()
