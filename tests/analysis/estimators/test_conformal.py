"""Intervals as wide as errors on left-out corruptions, and none where too little is known."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from scipy.stats import binom
from scipy.stats import t as student

from enigma.analysis.estimators import gain
from enigma.analysis.estimators.bundled import bundled
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.conformal import (
    LEVELS,
    by_corruption,
    half_width,
    highest_level,
    left_out,
    quantile,
    sampling,
    variance,
    wide,
)
from enigma.analysis.estimators.estimate import Estimate, interval, offered
from enigma.analysis.estimators.fit import fit, refitted

OLD = replace(bundled("resnet-bn"), errors={}, by_size={})
"""As a file of before errors were kept split by split."""
SPLITS = len(OLD.provenance["splits"])


def apart(errors: Sequence[float]) -> list[np.ndarray]:
    """Each error of a corruption of its own."""
    return [np.array([error]) for error in errors]


@pytest.mark.parametrize("level", LEVELS[:3])
def test_quantile_of_exchangeable_errors_covers_at_least_as_often_as_it_says(level: float) -> None:
    random = np.random.default_rng(0)
    errors = random.standard_t(3, (4000, 14))
    inside = [abs(each[-1]) <= quantile(apart(each[:-1]), level) for each in errors]
    assert level - 0.03 <= np.mean(inside) <= level + 1 / 14 + 0.03


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_severities_that_err_alike_do_not_make_an_interval_too_narrow(level: float) -> None:
    random = np.random.default_rng(0)
    # Four corruptions, and the fifth in question, with three severities each that share most of their error.
    errors = random.standard_normal((4000, 5, 1)) + 0.1 * random.standard_normal((4000, 5, 3))
    inside = [abs(each[-1, 0]) <= quantile(list(each[:-1]), level) for each in errors]
    assert level - 0.03 <= np.mean(inside) <= level + 0.2 + 0.03


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_beyond_what_so_few_promise_normal_errors_are_held_as_often_as_said(level: float) -> None:
    errors = np.random.default_rng(1).standard_normal((4000, 5))
    assert math.isnan(quantile(apart(errors[0, :-1]), level))
    inside = [abs(each[-1]) <= half_width(apart(each[:-1]), level) for each in errors]
    assert level - 0.02 <= np.mean(inside) <= level + 0.05


def test_a_level_that_so_few_corruptions_cannot_promise_has_no_interval() -> None:
    assert quantile(apart([0.1] * 9), 0.9) == 0.1
    assert math.isnan(quantile(apart([0.1] * 8), 0.9))
    # No level is possible where no error is known, and none is made up.
    unknown = by_corruption([math.nan] * 3, ["fog", "snow", "rain"])
    assert highest_level(unknown) == 0
    assert math.isnan(half_width(unknown, 0.0))
    assert math.isnan(half_width(apart([0.1, 0.2]), 0.9))
    assert highest_level(apart([0.1] * 2)) == 0.5
    # An error that could not be measured counts for none, nor does one on clean images.
    told = by_corruption([0.1, math.nan, 0.2, 0.9], ["fog", "fog", "snow", "clean"])
    assert [each.tolist() for each in told] == [[0.1], [0.2]]


def test_errors_are_of_fits_that_saw_nothing_of_the_corruption() -> None:
    groups = ["clean", *["fog"] * 3, *["snow"] * 3]
    scores, truth = np.arange(7.0), np.array([0.9, 0.8, 0.75, 0.5, 0.45, 0.4, 0.1])
    one = fit(scores, truth, "linear")
    found = left_out(groups, truth, lambda others, split: refitted(one, scores, truth, others, split), 3)
    others = np.array(groups) != "snow"
    line = np.polyfit(scores[others], truth[others], 1)
    assert found[5] == pytest.approx(np.clip(np.polyval(line, 5.0), 0, 1) - 0.4)


def test_two_corruptions_leave_too_few_splits_to_fit_and_no_error() -> None:
    groups = ["fog", "fog", "snow", "snow"]
    found = left_out(groups, np.ones(4), lambda others, split: pytest.fail("It was fitted."), 3)
    assert all(map(math.isnan, found))
    assert highest_level(by_corruption(found, groups)) == 0


@pytest.mark.parametrize("images", [100, 400])
def test_sampling_is_the_quantile_of_a_binomial(images: int) -> None:
    expected = binom.ppf(0.95, images, 0.5) / images - 0.5
    assert sampling(0.25, images, 10**9, 0.9) == pytest.approx(expected, abs=1 / images)
    assert sampling(0.25, images, images, 0.9) == 0
    assert variance(1.0, images) > 0


def test_old_calibration_is_read_and_its_interval_is_wider_than_it_was() -> None:
    assert not OLD.errors
    error = OLD.combinations["adapted"].error
    low, high = interval(OLD, "adapted", "combined", error, 0.5, 1000, 0.9)
    before = error.interval(
        (0.5 - error.coefficients[0]) / error.coefficients[1] * (error.high - error.low) + error.low
    )
    assert low < before[0] < before[1] < high
    assert offered(OLD, "adapted", "combined") == 0.9
    assert wide(error, 5, 0.9) < wide(error, 2, 0.9)


def known(*errors: float) -> Calibration:
    """A calibration of before errors of fewer images were kept, whose combined estimate errs so on its splits."""
    both = {target: {"combined": tuple(errors)} for target in ("source", "frame 0", "adapted")}
    return replace(OLD, errors=both)


def test_fewer_images_widen_an_interval() -> None:
    calibration = known(*[0.02] * SPLITS)
    error = calibration.combinations["adapted"].error
    widths = [np.ptp(interval(calibration, "adapted", "combined", error, 0.5, n, 0.8)) for n in (2000, 1000, 120, 40)]
    assert widths[0] == widths[1] == pytest.approx(0.04)
    assert widths[1] < widths[2] < widths[3]


def rows(frame0: dict[str, float], adapted: dict[str, float]) -> list[Estimate]:
    named = (("frame 0", frame0), ("adapted", adapted))
    return [
        Estimate(cast("gain.Any", target), name, value, 0.0, 1.0, 0.1, "")
        for target, each in named
        for name, value in each.items()
    ]


def test_change_beyond_its_interval_on_which_all_agree_is_told() -> None:
    errors = [{"frame 0": 0.0, "adapted": 0.01}] * SPLITS
    both = {target: {"combined": tuple(one[target] for one in errors)} for target in ("frame 0", "adapted")}
    calibration = replace(OLD, errors=cast("gain.Any", both))
    told = gain.of_estimates(
        rows({"combined": 0.5, "COT": 0.5}, {"combined": 0.6, "COT": 0.55}), calibration, flipped=0.3, images=1000
    )
    assert (told.direction, told.reason) == ("gained", "")
    half = student.ppf(0.95, 4) * 0.01
    assert (told.low, told.high) == pytest.approx((0.1 - half, 0.1 + half))
    few = gain.of_estimates(
        rows({"combined": 0.5, "COT": 0.5}, {"combined": 0.6, "COT": 0.55}), calibration, flipped=0.3, images=40
    )
    assert (few.direction, few.reason) == ("cannot tell", "the interval holds zero")


def test_change_on_which_estimators_disagree_cannot_be_told() -> None:
    calibration = known(*[0.01] * SPLITS)
    told = gain.of_estimates(
        rows({"combined": 0.5, "COT": 0.5}, {"combined": 0.6, "COT": 0.45}), calibration, flipped=0.1, images=1000
    )
    assert told.direction == "cannot tell"
    assert told.reason == "the estimators disagree: COT on the other side"


def test_change_without_errors_by_split_cannot_be_told() -> None:
    told = gain.of_estimates(rows({"combined": 0.5}, {"combined": 0.9}), OLD, flipped=0.1, images=1000)
    assert told.direction == "cannot tell"
    assert math.isnan(told.low)
    assert told.to_dict()["low"] is None
