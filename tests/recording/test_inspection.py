"""What is said before a run: accuracies with intervals, guessing told by a test, examples, time and room."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, norm

from enigma.adapt.building_blocks import with_batch_statistics
from enigma.images.sources import load_sources
from enigma.models.classifier import embed
from enigma.recording.device import Compute
from enigma.recording.inspection import inspect
from enigma.recording.loop import record
from enigma.recording.measured_accuracy import Accuracy
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.conftest import TINY
from tests.images import layouts


def accuracy(right: int, images: int, classes: int) -> Accuracy:
    predictions = np.zeros(images, int)
    labels = np.where(np.arange(images) < right, 0, 1)
    found = Accuracy.of(np.append(predictions, 3), np.append(labels, -1), classes)
    assert found is not None
    return found


@pytest.mark.parametrize(("right", "images"), [(80, 400), (0, 30), (30, 30), (61, 500)])
def test_interval_is_wilsons_and_images_without_a_label_do_not_count(right: int, images: int) -> None:
    found, z, share = accuracy(right, images, 10), norm.ppf(0.975), right / images
    centre = (share + z**2 / (2 * images)) / (1 + z**2 / images)
    half = z / (1 + z**2 / images) * np.sqrt(share * (1 - share) / images + z**2 / (4 * images**2))
    np.testing.assert_allclose((found.low, found.high), (centre - half, centre + half), atol=1e-12)
    assert (found.value, found.images) == (share, images)


def test_chance_is_told_by_an_exact_test_and_not_by_how_large_an_accuracy_looks() -> None:
    # 20 % of 400 images is 6.7 standard errors above the 10 % of guessing among ten classes.
    assert not accuracy(80, 400, 10).is_chance
    assert accuracy(6, 30, 10).is_chance
    assert accuracy(48, 400, 10).is_chance
    # 1 % is far above guessing among a thousand classes.
    assert not accuracy(5, 500, 1000).is_chance
    for right, images, classes in ((80, 400, 10), (48, 400, 10), (0, 9, 2)):
        expected = binom.sf(right - 1, images, 1 / classes)
        assert accuracy(right, images, classes).p_value == pytest.approx(expected, rel=1e-9)
    assert Accuracy.of(np.array([1]), np.array([-1]), 10) is None


def test_accuracies_and_examples_are_those_of_the_model(home: Home) -> None:
    spec = TINY.override(corruption="contrast", severity=3, probes=60, batch_size=30)
    found = inspect(spec, home.cache)
    sources, compute = load_sources(spec.sources, home.cache), Compute.of("cpu", "float32")
    module = compute.place(sources.model.module)
    batches = [compute.pixels(sources.probe.images[first : first + 30]) for first in (0, 30)]
    for model, measured in ((module, found.source_accuracy), (with_batch_statistics(module), found.batch_accuracy)):
        predicted = np.concatenate([embed(model, batch)[1].argmax(1).numpy() for batch in batches])
        assert measured.value == (predicted == sources.probe.labels).mean()
    assert [example.label for example in found.examples] == [
        sources.model.classes[label] for label in sources.probe.labels[:8]
    ]
    shares = embed(module, batches[0])[1][:8].detach().softmax(1).max(1)
    assert [e.predicted for e in found.examples] == [sources.model.classes[place] for place in shares.indices]
    np.testing.assert_allclose([e.confidence for e in found.examples], shares.values.numpy(), rtol=1e-4)
    assert f"{found.batch_accuracy.value * 100:.1f} %" in found.to_text()


def test_room_that_is_told_is_what_the_run_takes(home: Home) -> None:
    spec = RunSpec(steps=3, frames=4, probes=700, references=300, batch_size=50, corruption="none", device="cpu")
    found = inspect(spec, home.cache)
    run = record(spec, home.runs, home.cache)
    taken = sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
    assert taken / found.cost.megabytes / 1e6 == pytest.approx(1, abs=0.15)
    assert found.cost.seconds == pytest.approx(3 * found.cost.step_seconds + 4 * found.cost.frame_seconds)
    assert min(found.cost.step_seconds, found.cost.frame_seconds) > 0


def test_images_that_are_shifted_already_are_not_called_clean_and_their_model_is_not_at_chance(
    home: Home, tmp_path: Path
) -> None:
    pictures, labels = layouts.bundled(400)
    # As far too dark as a broken camera makes them.
    np.savez(tmp_path / "dark.npz", images=(pictures * 0.2).astype(np.uint8), labels=labels)
    found = inspect(RunSpec(dataset=str(tmp_path / "dark.npz"), steps=1, frames=2, device="cpu"), home.cache)
    assert found.clean_accuracy is None
    assert found.batch_accuracy.low > found.source_accuracy.high
    assert not [warning for warning in found.warnings if "chance" in warning]
    assert "clean accuracy" not in found.to_text()


def test_images_without_labels_have_examples_but_no_accuracy(home: Home, tmp_path: Path) -> None:
    spec = RunSpec(dataset=str(layouts.flat(tmp_path / "photos")), reference="none", steps=1, frames=2, device="cpu")
    found = inspect(spec, home.cache)
    assert (found.source_accuracy, found.batch_accuracy) == (None, None)
    assert {example.label for example in found.examples} == {None}
    assert "source accuracy   not known" in found.to_text()
