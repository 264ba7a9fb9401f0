"""How classes mix: by hand, and on the bundled run, whose default picture hides it and says so."""

import numpy as np
import pytest

from enigma.analysis.projection.faithfulness import EXAGGERATED, HIDDEN, SHOWN, _mixing
from enigma.analysis.projection.mixing import NEIGHBORS, own_class_share
from enigma.analysis.reading import trajectory
from enigma.spec.assets import asset
from enigma.store import collection


def test_share_is_one_where_classes_lie_apart_and_chance_where_they_mix() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 3
    apart = np.eye(3)[labels] * 100 + rng.normal(size=(600, 3))
    assert own_class_share(apart, labels) == 1
    assert own_class_share(rng.normal(size=(600, 3)), labels) == pytest.approx(1 / 3, abs=0.03)


def test_share_by_counting() -> None:
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(80, 4)), rng.integers(0, 4, 80)
    shares = []
    for index in range(80):
        order = np.argsort(np.linalg.norm(points - points[index], axis=1))
        shares.append(np.mean(labels[order[1 : NEIGHBORS + 1]] == labels[index]))
    assert own_class_share(points, labels) == pytest.approx(np.mean(shares))


def test_images_of_unknown_class_are_left_out_and_few_say_nothing() -> None:
    labels = np.where(np.arange(100) < 20, np.arange(100) % 2, -1)
    assert np.isnan(own_class_share(np.zeros((100, 2)), labels))


def test_words_of_the_shares() -> None:
    assert [_mixing(0.6, drawn) for drawn in (0.55, 0.8, 0.95, 0.4, np.nan)] == [
        SHOWN, "partly shown", HIDDEN, EXAGGERATED, "",
    ]  # fmt: skip


def test_bundled_run_says_that_true_distances_hide_mixing_and_umap_shows_it() -> None:
    (run,) = collection.listed(asset("runs"))
    default, umap = trajectory(run), trajectory(run, "umap")
    assert default.faithfulness.mixing == HIDDEN
    assert umap.faithfulness.mixing == SHOWN
    told = " ".join(default.faithfulness.told(default.course))
    assert "67 % have its class in embedding space and 96 % on the picture" in told
