"""What is told of estimates: which is read first, how each is explained, what there must be to estimate on."""

from dataclasses import replace

import numpy as np
import pytest

from enigma.analysis.estimators.bundled import bundled
from enigma.analysis.estimators.estimate import Estimate, rank
from enigma.analysis.estimators.report import (
    calibrated_on,
    dissent,
    explained,
    extrapolating,
    first,
    fits,
    intervals,
    probes,
    table,
)
from enigma.spec.errors import InputError
from enigma.store.home import Home

CALIBRATION = bundled("resnet-bn")
ROWS = [
    Estimate("source", "COT", 0.4, 0.3, 0.5, 0.02, "outside the calibrated range"),
    Estimate("source", "DoC", 0.6, 0.5, 0.7, 0.03, ""),
    Estimate("source", "COTT", 0.9, 0.8, 1.0, 0.04, ""),
    Estimate("source", "AETTA", 0.55, 0.5, 0.6, 0.05, ""),
    Estimate("frame 0", "COT", 0.1, 0.0, 0.2, 0.01, "outside the calibrated range"),
    Estimate("frame 0", "DoC", 0.2, 0.1, 0.3, 0.02, "outside the calibrated range"),
]


def test_first_is_the_least_error_inside_its_range_or_the_least_of_all() -> None:
    assert first(ROWS, "source").estimator == "DoC"
    assert first(ROWS, "frame 0").estimator == "COT"
    assert first(ROWS, "frame 0").warning


def test_dissent_counts_the_next_best_that_the_interval_does_not_hold() -> None:
    assert dissent(ROWS, "source") == (1, 2)
    assert dissent(ROWS, "source", others=1) == (1, 1)
    assert dissent(ROWS, "frame 0") == (0, 0)


def test_every_estimator_of_a_calibration_is_explained_in_plain_words() -> None:
    for target, each in CALIBRATION.fits.items():
        for name in (*each, "combined"):
            told = explained(name)
            assert len(told.summary) > 20, (target, name)
            assert "`" not in told.summary + told.source
            assert "Source" not in told.summary
    assert explained("COT, fitted") == explained("COT")
    assert explained("COT").source.startswith("Lu et al. 2023")
    assert explained("label flips").source.startswith("Press et al. 2024")
    assert explained("an estimator of another version").summary == ""


def test_the_recommended_estimate_comes_first_and_extrapolating_ones_last() -> None:
    combined = Estimate("source", "combined", 0.5, 0.4, 0.6, 0.09, "")
    rows = sorted([*ROWS[:4], combined], key=rank)
    assert [row.estimator for row in rows] == ["combined", "DoC", "COTT", "AETTA", "COT"]
    assert first(rows, "source") is combined
    assert extrapolating(rows).startswith("1 estimate is extrapolated")
    assert extrapolating([combined]) == ""


def test_what_intervals_promise_is_said_and_that_old_calibrations_have_wide_ones() -> None:
    told = intervals(CALIBRATION, 120)
    assert "12 labelled splits of 4 corruptions" in told
    assert "So many promise levels up to 80 %" in told
    assert told.endswith("They include the draw of only 120 images.")
    assert "made before errors were kept split by split" in intervals(replace(CALIBRATION, errors={}), 1000)


def test_a_batch_must_be_full_and_no_more_images_are_asked_for_than_there_are() -> None:
    assert probes(CALIBRATION, 40) == 40
    assert probes(CALIBRATION, 5000) == 1000
    with pytest.raises(InputError, match=r"Expected at least 32 images, because .* in batches of 32, but got 31"):
        probes(CALIBRATION, 31)
    small = replace(CALIBRATION, provenance={**CALIBRATION.provenance, "spec": {"batch_size": 4}})
    with pytest.raises(InputError, match="Expected at least 10 images, for an estimate, but got 9"):
        probes(small, 9)


def test_run_of_other_settings_does_not_fit() -> None:
    run = Home.default().example()
    assert not fits(CALIBRATION, run)


def test_provenance_names_images_model_and_every_split() -> None:
    told = calibrated_on(CALIBRATION.provenance)
    assert told.startswith("Calibrated on 13 labelled splits of 1,000 images of fashion-mnist with resnet-bn, Tent")
    assert told.endswith("clean, " + ", ".join(CALIBRATION.provenance["splits"][1:]) + ".")


def test_table_holds_every_estimate_and_the_truth_only_where_it_is_known() -> None:
    found = table(ROWS, {"source": 0.5})
    assert list(found.accuracy) == [row.accuracy for row in ROWS]
    assert list(found.true_accuracy[:4]) == [0.5] * 4
    assert np.isnan(found.true_accuracy[4:]).all()
