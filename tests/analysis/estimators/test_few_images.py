"""The estimate of few images: its bias is taken, and its interval is as wide as what was measured on as many."""

from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.estimators import gain
from enigma.analysis.estimators.bundled import all_bundled, bundled
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import by_corruption, half_width
from enigma.analysis.estimators.estimate import corrected, interval
from enigma.analysis.estimators.few_images import bias, draws, width

GROUPS = ["clean", "fog", "fog", "snow", "rain", "frost"]
ALL = np.array([0.5, 0.02, -0.02, 0.01, 0.03, -0.04])[:, None]
# A tenth too low on 100 images, whatever the corruption, and clean images count for nothing.
FEW = {1000: ALL, 100: np.hstack([ALL, ALL]) - 0.1}


def test_what_few_images_add_to_one_side_is_taken_and_does_not_widen_the_interval() -> None:
    assert bias(FEW, GROUPS, 100) == pytest.approx(-0.1)
    assert bias(FEW, GROUPS, 1000) == bias(FEW, GROUPS, 5000) == 0
    assert bias(FEW, GROUPS, 10) == pytest.approx(-0.1)
    # Halfway between 1 / sqrt(1000) and 1 / sqrt(100).
    halfway = round((2 / (1000**-0.5 + 100**-0.5)) ** 2)
    assert bias(FEW, GROUPS, halfway) == pytest.approx(-0.05, abs=1e-3)
    expected = half_width(by_corruption(ALL, GROUPS), 0.8)
    assert width(FEW, GROUPS, 100, 0.8) == pytest.approx(expected)


def test_draws_are_the_same_for_all_and_never_hold_an_image_twice() -> None:
    found = draws(100)
    assert set(found) == {16, 32, 64}
    assert all(len(set(each.tolist())) == size for size, drawn in found.items() for each in drawn)
    assert [each.tolist() for each in draws(100)[16]] == [each.tolist() for each in found[16]]


@pytest.mark.parametrize("name", ["resnet-bn", "resnet-bn-scaled", "resnet-gn", "resnet-gn-scaled"])
def test_every_bundled_calibration_tells_the_change_with_an_interval(name: str) -> None:
    calibration = Calibration.read(all_bundled()[name])
    for images in (1000, 120, 16):
        low, high = gain.interval(calibration, 0.1, 0.3, images, 0.9)
        assert -1 <= low < 0.1 < high <= 1
    for target in ("source", "frame 0", "adapted"):
        sizes = calibration.by_size[target]
        np.testing.assert_allclose(sizes[1000][:, 0], calibration.errors[target][COMBINED], atol=1e-6)


def test_the_estimate_of_fewer_images_is_corrected_and_its_interval_wider(tmp_path: Path) -> None:
    kept = bundled("resnet-bn")
    kept.save(tmp_path / "again.safetensors")
    again = Calibration.read(tmp_path / "again.safetensors")
    error = kept.combinations["adapted"].error
    widths = []
    for images in (1000, 120, 32):
        low, high = interval(kept, "adapted", COMBINED, error, 0.5, images, 0.8)
        widths.append(high - low)
        assert corrected(again, "adapted", 0.5, images) == corrected(kept, "adapted", 0.5, images) >= 0.5
    assert widths[0] < widths[1] < widths[2]
