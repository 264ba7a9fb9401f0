"""What a picture draws too near or too far, by hand and on stored projections of the bundled run."""

from dataclasses import replace

import numpy as np
import pytest

from enigma.analysis.projection.doubt import doubt
from enigma.analysis.reading import trajectory
from enigma.store.home import Home
from tests import factories


def by_hand():
    """Training images drawn 10 a unit; test images of class 0 at (0, 0), class 1 at (100, 0), class 2 nowhere."""
    run = factories.small()
    means = np.array([[0, 0], [100, 0], [np.nan, np.nan]], np.float32)
    references = np.array([[40, 0], [100, 20], [0, 15]], np.float32)
    probes = np.array([[[20, 0], [100, 40], [5, 0], [3, 3]]], np.float32)
    projection = replace(
        run.projection, means=means, references=references, probes=probes, steps=np.array([0]), scale=np.nan
    )
    return replace(
        run, predictions=run.predictions[:1, :4], confidences=run.confidences[:1, :4], entropies=run.entropies[:1, :4],
         steps=np.array([0]), projection=projection, labels=np.array([0, 1, -1, 2]),
        reference_labels=np.array([0, 1, 0]), reference_distances=np.array([4, 2, 3], np.float32),
        distances=np.array([[1, 8, 0.5, np.nan]], np.float32), distance_classes=np.array([[0, 1, 0, 2]], np.int32),
    )  # fmt: skip


def test_doubt_is_the_power_of_two_by_which_an_image_is_drawn_too_far_beside_the_training_images() -> None:
    # 10 a unit, 10 and 5: the median is 10. Images are drawn 20, 5 and 10 a unit, the last one nowhere.
    np.testing.assert_allclose(doubt(by_hand())[0], [1, -1, 0, np.nan])


def test_without_training_images_everything_is_unknown() -> None:
    run = by_hand()
    assert np.isnan(doubt(replace(run, reference_distances=np.full(3, np.nan, np.float32)))).all()


@pytest.mark.parametrize(("name", "least", "most"), [("true-distances", -0.01, 0.01), ("pca", 0.2, 0.8)])
def test_a_picture_with_true_distances_leaves_no_doubt_and_pca_draws_test_images_too_far(name, least, most) -> None:
    found = doubt(trajectory(Home.default().example(), name))
    assert least < np.median(found[0]) < most
    if name == "true-distances":
        assert np.nanmax(np.abs(found)) < 0.01
