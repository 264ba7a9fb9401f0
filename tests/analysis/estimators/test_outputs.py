"""What estimators see of a run."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from enigma.analysis.estimators.outputs import Outputs, frame_outputs, source_outputs, temperature
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run


def test_logits_of_a_frame_give_its_entropies(bundled_run: Run) -> None:
    outputs = frame_outputs(bundled_run, 13)
    frame = bundled_run.frame(13)
    entropies = -(outputs.probabilities * outputs.log_probabilities).sum(1)
    np.testing.assert_allclose(entropies, frame["entropies"], atol=1e-5)
    np.testing.assert_allclose(outputs.probabilities.mean(0), frame["mean_prediction"], atol=1e-6)
    np.testing.assert_array_equal(outputs.predictions, frame["top_classes"][:, 0])


def test_source_logits_give_the_source_accuracy(tiny_run: Run) -> None:
    outputs = source_outputs(tiny_run)
    assert outputs.accuracy == tiny_run.facts["source_accuracy"]
    np.testing.assert_allclose(
        outputs.confidences, tiny_run.read_arrays("probe.safetensors")["source_confidences"], atol=1e-6
    )


def test_a_run_from_before_says_what_to_do(copied: Run) -> None:
    probe = copied.read_arrays("probe.safetensors")
    copied.write_arrays("probe.safetensors", {name: probe[name] for name in probe if not name.startswith("source_")})
    with pytest.raises(InputError, match="record it again"):
        source_outputs(copied)


def test_many_classes_keep_the_ten_largest_and_all_of_the_probability(tmp_path) -> None:
    from enigma.analysis.estimators.outputs import _logits

    logits = np.random.default_rng(0).standard_normal((20, 50)) * 3
    top = np.argsort(-logits, axis=1)[:, :10]
    kept = {
        "top_logits": np.take_along_axis(logits, top, 1),
        "top_classes": top,
        "logsumexp": np.log(np.exp(logits).sum(1)),
    }
    outputs = Outputs(_logits(kept, 50), np.full(20, -1))
    true = np.exp(log_softmax(logits, axis=1))
    np.testing.assert_allclose(outputs.probabilities.sum(1), 1)
    np.testing.assert_allclose(np.take_along_axis(outputs.probabilities, top, 1), np.take_along_axis(true, top, 1))


def test_temperature_undoes_one(made) -> None:
    outputs = made(1.0)
    honest = temperature(outputs)
    assert temperature(outputs.at(1 / 3)) == pytest.approx(3 * honest, rel=1e-3)


def test_temperature_is_the_likeliest(made) -> None:
    outputs = made(1.5)

    def loss(value: float) -> float:
        return -log_softmax(outputs.logits / value, axis=1)[np.arange(600), outputs.labels].mean()

    assert temperature(outputs) == pytest.approx(minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x, rel=1e-3)
