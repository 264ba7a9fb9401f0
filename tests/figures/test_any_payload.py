"""Whatever a run holds: unpacked, its numbers are those that were packed, within half a level."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from enigma.analysis.trajectory import Trajectory
from enigma.figures.web.scrubber.body import (
    COORDINATE_LEVELS,
    DISTANCE_LEVELS,
    LEVELS,
    UNKNOWN_CLASS,
    UNKNOWN_DISTANCE,
    UNKNOWN_PLACE,
    WIDEST_DISTANCES,
)
from enigma.figures.web.scrubber.pack import View, pack
from tests import factories
from tests.figures.unpacking import unpack

SMALL = factories.small()


@some.composite
def numbers(draw: some.DrawFn) -> dict:
    """What a run holds, any numbers: points far out, means nowhere, labels of no class."""
    frames, probes, references = (draw(some.integers(1, most)) for most in (6, 12, 8))
    count = draw(some.sampled_from([1, 3, 256, 257, 1000]))
    place = some.floats(-1e6, 1e6, width=32)
    share, size = some.floats(0, 1, width=32), some.floats(0, 1e4, width=32)
    return {
        "projection": {
            "probes": draw(arrays(np.float32, (frames, probes, 2), elements=place)),
            "references": draw(arrays(np.float32, (references, 2), elements=place)),
            "means": draw(arrays(np.float32, (count, 2), elements=place | some.just(np.nan))),
        },
        "labels": draw(arrays(np.int64, probes, elements=some.integers(-1, count))),
        "reference_labels": draw(arrays(np.int64, references, elements=some.integers(-1, count))),
        "predictions": draw(arrays(np.int64, (frames, probes), elements=some.integers(0, count - 1))),
        "confidences": draw(arrays(np.float32, (frames, probes), elements=share)),
        "entropies": draw(arrays(np.float32, (frames, probes), elements=size)),
        "distances": draw(arrays(np.float32, (frames, probes), elements=size | some.just(np.nan))),
        "distance_classes": draw(arrays(np.int32, (frames, probes), elements=some.integers(-1, count))),
        "reference_distances": draw(arrays(np.float32, references, elements=size | some.just(np.nan))),
    }


def made_up(found: dict) -> Trajectory:
    """Not made inside the strategy: types are checked at random places, which hypothesis does not allow there."""
    steps = np.arange(len(found["predictions"]))
    projection = replace(SMALL.projection, steps=steps, **found["projection"])
    classes = tuple(map(str, range(len(projection.means))))
    measured = SMALL.evidence.of_frames(steps % len(SMALL.steps))
    other = {"projection": projection, "steps": steps, "classes": classes, "metrics": {}, "evidence": measured}
    return replace(SMALL, **(found | other))


@given(numbers())
def test_every_number_comes_back_within_half_a_level(values: dict) -> None:
    run = made_up(values)
    header, found, thumbnails = unpack(pack(run, View()))
    left, bottom, side = header["axes"]
    # What single precision can tell of numbers this large.
    exactness = 1e-6 * max(abs(left), abs(bottom), side)
    for names, points in (
        (("x", "y"), run.projection.probes),
        (("referenceX", "referenceY"), run.projection.references),
    ):
        for axis, (name, origin) in enumerate(zip(names, (left, bottom), strict=True)):
            restored = origin + found[name] / COORDINATE_LEVELS * side
            assert np.abs(restored - points[..., axis]).max() <= side / COORDINATE_LEVELS / 2 + exactness
    scales = (
        ("confidences", run.confidences, LEVELS, 1.0),
        ("entropies", run.entropies, LEVELS, header["largestEntropy"]),
    )
    for name, packed, levels, largest in scales:
        assert np.abs(found[name] / levels * largest - packed).max() <= largest / levels / 2 * (1 + 1e-6) + 1e-12
    assert thumbnails == run.thumbnails


@given(numbers())
def test_distances_come_back_within_half_a_level_of_their_logarithm(values: dict) -> None:
    run = made_up(values)
    header, found, _ = unpack(pack(run, View()))
    smallest, largest = header["smallestDistance"], header["largestDistance"]
    for name, packed in (("distances", run.distances), ("referenceDistances", run.reference_distances)):
        known = np.isfinite(packed)
        np.testing.assert_array_equal(found[name] == UNKNOWN_DISTANCE, ~known)
        restored = smallest * (largest / smallest) ** (found[name][known] / DISTANCE_LEVELS)
        factor = (largest / smallest) ** (0.5 / DISTANCE_LEVELS)
        assert factor < 1.03
        lifted = np.maximum(packed[known].astype(np.float64), largest / WIDEST_DISTANCES)
        assert (np.maximum(restored / lifted, lifted / restored) <= factor * (1 + 1e-6)).all()


@given(numbers())
def test_classes_come_back_exactly_and_what_nobody_knows_is_marked(values: dict) -> None:
    run = made_up(values)
    _, found, _ = unpack(pack(run, View()))
    np.testing.assert_array_equal(found["predictions"], run.predictions)
    every = np.broadcast_to(run.labels, run.distance_classes.shape)
    if "distanceClasses" not in found:
        np.testing.assert_array_equal(run.distance_classes, every)
    measured = ("distanceClasses", run.distance_classes)
    named = (("labels", run.labels), ("referenceLabels", run.reference_labels))
    for name, labels in (*named, measured) if "distanceClasses" in found else named:
        outside = (labels < 0) | (labels >= len(run.classes))
        np.testing.assert_array_equal(found[name], np.where(outside, UNKNOWN_CLASS, labels))
    missing = ~np.isfinite(run.projection.means).all(1)
    np.testing.assert_array_equal(found["meanX"] == UNKNOWN_PLACE, missing)
    np.testing.assert_array_equal(found["meanY"] == UNKNOWN_PLACE, missing)
