"""What is drawn once a class, against counting and against numbers worked out by hand."""

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import animation_stage, classes, inline, multiples, saving
from enigma.figures.print.publication import publication_figure
from enigma.figures.print.run import projection_paper
from enigma.figures.shared import classes as content
from enigma.figures.shared.groups import Limits
from enigma.figures.shared.overlay import DARK
from tests import factories


@pytest.fixture(scope="module")
def true(trajectory: Trajectory) -> Trajectory:
    """The made-up run, told that one unit of distance is half a unit of its picture."""
    return replace(trajectory, projection=replace(trajectory.projection, scale=0.5))


def named(axes: Axes, gid: str) -> list:
    return [one for one in axes.get_children() if one.get_gid() == gid]


@pytest.mark.parametrize("share", content.SHARES)
def test_a_contour_holds_its_share_of_the_images(share: float) -> None:
    points = np.random.default_rng(0).normal(0, (3, 1), (20_000, 2))
    cloud = content.cloud(points, 0.01)
    level = cloud.levels[content.SHARES.index(share)]
    nearest = [np.abs(axis[:, None] - points[:, index]).argmin(axis=0) for index, axis in enumerate((cloud.x, cloud.y))]
    inside = cloud.density[nearest[1], nearest[0]] >= level
    # The blur makes a cloud a little wider than its points, by less than a tenth of their deviation.
    assert inside.mean() == pytest.approx(share, abs=0.04)
    assert cloud.density[cloud.density >= level].sum() == pytest.approx(share * len(points), rel=0.01)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_cloud_keeps_every_image_and_lies_where_they_do(count: int) -> None:
    points = np.random.default_rng(count).normal(1e4, 2, (count, 2))
    cloud = content.cloud(points, 0.5)
    assert cloud.density.sum() == pytest.approx(count, rel=1e-4)
    middle = [
        np.average(cloud.x, weights=cloud.density.sum(axis=0)),
        np.average(cloud.y, weights=cloud.density.sum(axis=1)),
    ]
    # An image is counted at the middle of its cell.
    np.testing.assert_allclose(middle, points.mean(axis=0), atol=cloud.x[1] - cloud.x[0])
    assert list(cloud.levels) == sorted(cloud.levels)


def test_a_class_without_training_images_has_no_cloud_and_no_rings(true: Trajectory) -> None:
    without = replace(true, reference_labels=np.where(true.reference_labels == 1, -1, true.reference_labels))
    assert [cloud is None for cloud in content.clouds(without)] == [False, True, False]
    assert np.isfinite(content.rings(without)).all(axis=1).tolist() == [True, False, True]


def test_centroids_are_means_of_the_test_images(trajectory: Trajectory) -> None:
    places = trajectory.projection.probes[3]
    found = content.centroids(places, trajectory.distance_classes[3], 3)
    for index in range(3):
        np.testing.assert_allclose(found[index], places[trajectory.labels == index].mean(axis=0), rtol=1e-5)


def test_rings_are_percentiles_at_the_scale_of_the_picture(true: Trajectory, trajectory: Trajectory) -> None:
    own = np.sort(true.reference_distances[true.reference_labels == 2])
    np.testing.assert_allclose(content.rings(true)[2, 1], 0.5 * np.median(own), rtol=1e-6)
    inner, _, outer = content.rings(true)[2]
    assert np.mean((own > 2 * inner) & (own < 2 * outer)) == pytest.approx(0.8, abs=2 / len(own))
    assert np.isnan(content.rings(trajectory)).all()


@pytest.mark.parametrize("scale", [1e-7, 0.3, 1.0, 42.0, 6e5])
@pytest.mark.parametrize("longest", [0.1, 0.99, 2.0, 7.3])
def test_a_scale_bar_is_the_longest_of_a_round_distance(scale: float, longest: float) -> None:
    distance, length = content.scale_bar(scale, longest)
    assert f"{distance:.0e}"[0] in "125"
    assert float(f"{distance:.0e}") == pytest.approx(distance)
    assert length == pytest.approx(distance * scale)
    # The next round distance is at most two and a half times as long.
    assert longest / 2.5 < length * (1 + 1e-9)
    assert length <= longest * (1 + 1e-9)


@pytest.mark.parametrize("count", [1, 3, 10, 100])
def test_names_stand_inside_and_apart(count: int) -> None:
    names = tuple(f"class {index}" for index in range(count))
    run = factories.trajectory(200, references=400, classes=names)
    sizes, limits = np.tile([1.2, 0.4], (count, 1)), Limits((-9.0, 9.0), (-9.0, 9.0))
    found = content.names(run, sizes, limits)
    assert len(found) == count or count == 100
    for place, name in enumerate(found):
        assert limits.x[0] <= name.x - 0.6 <= name.x + 0.6 <= limits.x[1]
        assert limits.y[0] <= name.y - 0.2 <= name.y + 0.2 <= limits.y[1]
        assert all(abs(name.x - other.x) >= 1.2 or abs(name.y - other.y) >= 0.4 for other in found[:place])


def test_arrows_lead_from_the_means_to_the_centroids(true: Trajectory) -> None:
    axes = projection_paper(true, 100, "label").axes[0]
    ends = content.centroids(true.projection.probes[4], true.distance_classes[4], 3)
    for arrow, start, end in zip(named(axes, "arrow"), true.projection.means, ends, strict=True):
        np.testing.assert_allclose(arrow.get_path().vertices[[0, 1, 3]], [start, end, end], rtol=1e-6)


def test_the_scale_bar_of_a_figure_is_as_long_as_it_says(true: Trajectory, trajectory: Trajectory) -> None:
    axes = projection_paper(true, 0, "label").axes[0]
    (bar,) = named(axes, "scale")
    (words,) = [text.get_text() for text in axes.texts if text.get_text().startswith("distance ")]
    assert np.ptp(bar.get_xdata()) == pytest.approx(0.5 * float(words.removeprefix("distance ")))
    assert not named(projection_paper(trajectory, 0, "label").axes[0], "scale")


def test_words_are_in_a_figure_only_where_they_can_be_read(true: Trajectory) -> None:
    for width, count in ((6.75, 3), (3.25, 0)):
        axes = publication_figure(true, (0, 10, 100), "label", width).axes[0]
        assert len(named(axes, "name")) == count
        assert min(text.get_fontsize() for text in axes.texts if text.get_text()) >= 5


def bare(trajectory: Trajectory) -> Trajectory:
    """No labels, no training images and therefore no means."""
    projection = replace(
        trajectory.projection, references=np.empty((0, 2), "f4"), means=np.full((3, 2), np.nan, "f4"), scale=0.5
    )
    return replace(
        trajectory, labels=np.full_like(trajectory.labels, -1), distances=np.full_like(trajectory.distances, np.nan),
        distance_classes=np.full_like(trajectory.distance_classes, -1), reference_labels=np.empty(0, int),
        reference_distances=np.empty(0, "f4"), projection=projection,
    )  # fmt: skip


def test_every_figure_draws_a_run_without_labels_or_training_images(trajectory: Trajectory) -> None:
    run = bare(trajectory)
    assert projection_paper(run, 10, "label")
    assert publication_figure(run, (0, 10), "label", 6.75)
    assert inline.projection(run, 10, "label", "a run").startswith("<svg")
    (cells,) = multiples.grid([run], ["run"], [[0]], "label", shared=False)
    assert multiples.picture(cells[0])
    assert list(animation_stage.Stage(run, "label").at(0.5))


def test_dark_pictures_take_the_colors_of_their_scheme(true: Trajectory) -> None:
    (cells,) = multiples.grid([true], ["run"], [[4]], "label", shared=False)
    light, dark = (Image.open(io.BytesIO(multiples.picture(cells[0], *scheme))) for scheme in ((), (DARK,)))
    assert light.tobytes() != dark.tobytes()
    assert classes.Look(8.0, DARK.ink, DARK.paper).readable("#000000") != (0, 0, 0)


def test_arrows_of_an_animation_do_not_stay(true: Trajectory) -> None:
    with saving.settings():
        stage = animation_stage.Stage(true, "label")
        drawn = [one.get_gid() for one in stage.at(1.5)]
    assert drawn.count("arrow") == 3
    assert not named(stage.panel, "arrow")


def test_a_picture_in_running_text_has_no_paper(true: Trajectory) -> None:
    figure = Figure()
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-9, 9), ylim=(-9, 9))
    classes.draw_classes(axes, true, 4, classes.Look(8.0, "#010203", "none"))
    assert not any(one.get_path_effects() for one in axes.get_children())
