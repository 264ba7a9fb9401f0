"""Streams: every image once a pass, the same at the same step, and the stated correlation."""

import numpy as np
import pytest

from enigma.images.corruption_sequence import corruption_sequence
from enigma.images.stream import Stream, StreamOrder, imbalanced
from enigma.spec.errors import InputError
from enigma.spec.images_spec import ImagesSpec

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 100))


def classes_a_batch(concentration: float) -> float:
    order = StreamOrder(LABELS, "correlated", 50, 0, concentration)
    return float(np.mean([len(np.unique(LABELS[order.batch(step)])) for step in range(20)]))


@pytest.mark.parametrize("order", ["shuffled", "sorted", "sequential", "correlated"])
def test_each_pass_has_every_image_once_and_a_step_is_the_same_whenever_it_is_asked_for(order: str) -> None:
    stream = StreamOrder(LABELS, order, 50, 3)
    passes = [np.concatenate([stream.batch(step) for step in range(20 * k, 20 * k + 20)]) for k in range(2)]
    for positions in passes:
        assert np.sort(positions).tolist() == list(range(1000))
    again = StreamOrder(LABELS, order, 50, 3)
    np.testing.assert_array_equal(again.batch(37), stream.batch(37))
    if order != "sequential":
        assert (passes[0] != passes[1]).any()
        assert (StreamOrder(LABELS, order, 50, 4).batch(0) != stream.batch(0)).any()


def test_correlated_stream_goes_from_sorted_to_shuffled_as_the_concentration_grows() -> None:
    measured = [classes_a_batch(concentration) for concentration in (0.001, 0.1, 1.0, 1000.0)]
    assert measured == sorted(measured)
    assert measured[0] < 3
    # 50 of 10 classes drawn without replacement miss one with probability about 0.9^50 = 0.5 %.
    assert measured[-1] > 9.8


def test_imbalance_is_the_stated_ratio_along_an_exponential() -> None:
    kept = imbalanced(LABELS, 50.0, 0)
    counts = np.bincount(LABELS[kept])
    np.testing.assert_array_equal(counts, np.round(100 * 50.0 ** (-np.arange(10) / 9)))


def test_continual_stream_stays_with_a_corruption_for_a_period_and_comes_back_to_where_it_left() -> None:
    orders = tuple(StreamOrder(LABELS, "shuffled", 100, seed) for seed in range(3))
    stream = Stream(tuple(np.arange(1000) + 1000 * part for part in range(3)), orders, (0, 1, 2), 4)
    owners = [np.unique(stream.batch(step) // 1000).tolist() for step in range(24)]
    assert owners == [[part] for _ in range(2) for part in range(3) for _ in range(4)]
    first = np.concatenate([stream.batch(step) for step in (0, 1, 2, 3, 12, 13, 14, 15, 24, 25)])
    assert np.sort(first).tolist() == list(range(1000))


def test_gradual_sequence_rises_to_the_severity_and_falls_again() -> None:
    plan = corruption_sequence(ImagesSpec(corruption="fog,snow", severity=3, sequence="gradual"))
    shown = [plan.kinds[place] for place in plan.sequence]
    assert [level for _, level in shown] == [1, 2, 3, 2, 1] * 2
    assert [name for name, _ in shown] == ["fog"] * 5 + ["snow"] * 5


def test_stream_without_some_images_never_shows_them() -> None:
    stream = Stream((np.arange(1000),), (StreamOrder(LABELS, "shuffled", 50, 0),))
    excluded = np.arange(0, 1000, 3)
    left = stream.without(excluded)
    seen = np.concatenate([left.batch(step) for step in range(40)])
    assert set(seen) == set(range(1000)) - set(excluded.tolist())
    with pytest.raises(InputError, match="batch of 50.*only 30"):
        stream.without(np.arange(970))


def test_orders_that_need_labels_say_so() -> None:
    unknown = np.full(100, -1)
    for order in ("sorted", "correlated"):
        with pytest.raises(InputError, match=f"labels.*{order}"):
            StreamOrder(unknown, order, 10, 0)
    with pytest.raises(InputError, match="`imbalance`"):
        imbalanced(unknown, 10.0, 0)
    assert StreamOrder(unknown, "shuffled", 10, 0).batch(3).shape == (10,)
