"""The watch on streams made by hand."""

import math

import pytest

from enigma.functionals.stopping import BIASED, COLLAPSE, ENOUGH, FIRST, LEFT, LOOK, PATIENCE, QUIET, Watch, watched

FAR = {"diversity": 1.0, "initial_diversity": 2.25, "entropy": 1.0}


def after(shifts: list[float], **values: float) -> Watch:
    watch = Watch(10, 32)
    for shift in shifts:
        watch.update(shift, **{**FAR, **values})
    return watch


def test_a_stream_that_stays_is_never_stopped() -> None:
    watch = after([0.0, QUIET] * 100)
    assert (watch.kept, watch.stop_at, watch.alarm_at) == (200, 0, 0)


def test_stop_goes_back_to_the_last_quiet_step() -> None:
    watch = after([0.0] * 20 + [0.015] * 5 + [LEFT + 0.01] * 10)
    assert (watch.kept, watch.stop_at, watch.alarm_at) == (20, 25 + PATIENCE, 0)


def test_one_odd_batch_stops_nothing() -> None:
    watch = after(([0.0] * 5 + [0.2] * (PATIENCE - 1)) * 10)
    assert watch.stop_at == 0


def test_alarm_needs_more_than_a_stop() -> None:
    watch = after([LEFT * 2] * 50 + [COLLAPSE + 0.01] * 10)
    assert (watch.stop_at, watch.alarm_at) == (PATIENCE, 50 + PATIENCE)


def test_predictions_that_become_more_diverse_have_not_collapsed() -> None:
    watch = after([1.0] * 50, diversity=2.28, initial_diversity=2.25)
    assert (watch.kept, watch.stop_at, watch.alarm_at) == (50, 0, 0)


def test_a_confident_stream_has_had_enough() -> None:
    sure = 0.17 * math.log(10) - 0.01
    assert after([0.0] * 100, entropy=sure).stop_at == ENOUGH
    assert after([0.0] * 100, entropy=sure + 0.02).stop_at == 0
    assert after([0.0] * (FIRST - 1), entropy=sure).stop_at == 0


def test_predictions_that_favour_few_classes_from_the_start_are_not_adapted() -> None:
    watch = after([0.0] * 50, initial_diversity=BIASED * math.log(10) - 0.01)
    assert (watch.kept, watch.stop_at) == (0, LOOK)
    assert after([0.0] * 50, initial_diversity=BIASED * math.log(10) + 0.01).stop_at == 0


def test_too_few_images_cannot_tell_a_bias() -> None:
    few = Watch(10, 10)
    for _ in range(20):
        few.update(0.0, 1.0, 1.0, 1.0)
    assert few.stop_at == 0


def test_number_of_classes_scales_what_confident_means() -> None:
    many = Watch(1000, 32)
    for _ in range(ENOUGH):
        many.update(0.0, 6.0, 6.5, 1.0)
    assert many.stop_at == ENOUGH


def test_memory_is_constant() -> None:
    assert after([0.0] * 5).state().keys() == after([0.5] * 500).state().keys()


def test_runs_from_before_are_not_watched() -> None:
    import numpy as np

    assert watched({"step": np.arange(3), "entropy": np.ones(3)}, 10, 32) is None


@pytest.mark.parametrize("count", [1, 40])
def test_watched_is_the_watch_after_every_row(count: int) -> None:
    import numpy as np

    shifts = np.linspace(0, 0.5, count)
    columns = {
        "step": 1.0 + np.arange(count),
        "diversity": np.ones(count),
        "initial_diversity": np.full(count, 2.25),
        "entropy": np.ones(count),
    }
    assert watched({"histogram_shift": shifts, **columns}, 10, 32) == after(shifts.tolist())


def test_steps_of_which_the_stream_was_not_recorded_are_passed_over() -> None:
    import numpy as np

    shifts = np.linspace(0, 0.5, 40)
    columns = {"diversity": np.ones(40), "initial_diversity": np.full(40, 2.25), "entropy": np.ones(40)}
    expected, sparse = after(shifts.tolist()), {}
    # The same rows at every tenth step, and none between.
    for name, values in {"histogram_shift": shifts, **columns}.items():
        sparse[name] = np.full(400, np.nan)
        sparse[name][9::10] = values
    found = watched({"step": 1.0 + np.arange(400), **sparse}, 10, 32)
    assert found is not None
    assert (found.kept, found.stop_at, found.alarm_at) == tuple(
        10 * step for step in (expected.kept, expected.stop_at, expected.alarm_at)
    )


def test_at_a_threshold_nothing_has_happened_yet() -> None:
    assert after([LEFT] * 10).stop_at == 0
    assert after([math.nextafter(LEFT, 1)] * 10).stop_at == PATIENCE
    assert after([COLLAPSE] * 10).alarm_at == 0
    assert after([math.nextafter(COLLAPSE, 1)] * 10).alarm_at == PATIENCE
    # Predictions that are as diverse as before have not moved.
    assert (after([1.0] * 10, diversity=2.25).stop_at, after([1.0] * 10, diversity=2.25).kept) == (0, 10)


def test_enough_images_are_ten_a_class_and_a_bias_is_below_its_share_of_the_most() -> None:
    for batch_size, bias, stopped in ((20, 1.0, LOOK), (19, 1.0, 0), (20, BIASED * math.log(10), 0)):
        watch = Watch(10, batch_size)
        for _ in range(LOOK):
            watch.update(0.0, diversity=bias, initial_diversity=bias, entropy=1.0)
        assert watch.stop_at == stopped
