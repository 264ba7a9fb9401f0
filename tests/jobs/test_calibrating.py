"""Calibration and estimates on recorded runs, from specs to the command line."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from enigma.analysis.estimators.bundled import bundled, second_of
from enigma.analysis.estimators.calibration import Calibration, calibrate
from enigma.analysis.estimators.estimate import estimates
from enigma.analysis.estimators.measured import AGREEMENT, TARGETS, States, accuracies, measured
from enigma.analysis.estimators.outputs import temperature
from enigma.cli.main import cli
from enigma.images import image_set
from enigma.jobs.calibrating import calibrated, recorded, spec_for, splits
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run

TINY = {"method": "tent", "lr": 1e-3, "batch_size": 10, "steps": 2, "probes": 40, "references": 20, "device": "cpu"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("estimation"))


@pytest.fixture(scope="module")
def photos(home: Home) -> str:
    """100 of the bundled images in a file of their own, so that corrupting them takes no time."""
    data = image_set.bundled("test")
    np.savez(home.path / "photos.npz", images=data.images[:100], labels=data.labels[:100])
    return str(home.path / "photos.npz")


@pytest.fixture(scope="module")
def calibration(home: Home, photos: str) -> Calibration:
    specs = splits(RunSpec().override(**TINY, dataset=photos, frames=2), ("contrast", "gaussian_blur"), (1, 3, 5))
    with ThreadPoolExecutor(1) as executor:
        return calibrated(specs, home, executor, lambda outcome: None, monotone=True)


@pytest.fixture(scope="module")
def run(home: Home, photos: str, calibration: Calibration) -> Run:
    return recorded(spec_for(calibration, {"dataset": photos, "corruption": "brightness", "severity": 2}), home)


def test_temperature_scaling_reaches_every_estimator_and_is_kept(
    calibration: Calibration, home: Home, run: Run, tmp_path: Path
) -> None:
    fitted_on = [home.find(one) for one in calibration.provenance["runs"]]
    calibrate(fitted_on, scaled=True).save(tmp_path / "scaled.safetensors")
    scaled = Calibration.read(tmp_path / "scaled.safetensors")
    assert scaled.is_scaled
    assert not calibration.is_scaled
    plain, changed = (
        {one.estimator: one.accuracy for one in estimates(run, each) if one.target == "frame 0"}
        for each in (calibration, scaled)
    )
    chosen = temperature(scaled.clean.frame0)
    outputs = States.of(run).frame0
    assert chosen != pytest.approx(1, abs=0.01)
    assert changed["average confidence"] == pytest.approx(outputs.at(chosen).confidences.mean())
    assert plain["average confidence"] == pytest.approx(outputs.confidences.mean())


def test_calibration_is_one_clean_split_and_each_shift_at_each_severity() -> None:
    names = [(spec.corruption, spec.severity) for spec in splits(RunSpec(), ("fog", "snow"), (2, 4))]
    assert names == [("none", 1), ("fog", 2), ("fog", 4), ("snow", 2), ("snow", 4)]


def test_provenance_says_what_it_was_fitted_on(calibration: Calibration) -> None:
    told = calibration.provenance
    assert told["splits"][:3] == ["clean", "contrast 1", "contrast 3"]
    assert (told["images"], told["spec"]["steps"], len(told["runs"])) == (40, 2, 7)


def test_every_estimator_speaks_of_each_of_the_three_accuracies(run: Run, calibration: Calibration) -> None:
    found = estimates(run, calibration)
    names = {target: {one.estimator for one in found if one.target == target} for target in TARGETS}
    assert names["adapted"] == names["frame 0"] == names["source"] | {"AETTA", "AETTA, fitted"}
    assert {"COT", "COT, fitted", "DoC", "combined", "weighted flips, fitted", "MaNo, fitted"} <= names["source"]
    # Two corruptions promise no more than a level of one half, and a fit to one of them may lack splits.
    assert {one.level for one in found} == {0.0, 0.5}
    for one in found:
        assert math.isnan(one.low) if one.level == 0 else 0 <= one.low <= one.accuracy <= one.high <= 1
    assert all(one.level == 0.5 for one in found if one.is_recommended)


def test_published_estimators_are_left_as_they_are(run: Run, calibration: Calibration) -> None:
    found = {one.estimator: one for one in estimates(run, calibration) if one.target == "source"}
    scores = measured(States.of(run), calibration.clean, "source")
    assert found["COT"].accuracy == pytest.approx(scores["COT"])
    assert found["average confidence"].accuracy == pytest.approx(scores["average confidence"])


def test_estimates_look_at_no_label(run: Run, calibration: Calibration, tmp_path: Path) -> None:
    import shutil

    blind = Run(tmp_path / run.id)
    shutil.copytree(run.path, blind.path)
    arrays = blind.read_arrays("probe.safetensors")
    blind.write_arrays("probe.safetensors", arrays | {"labels": np.full_like(arrays["labels"], -1)})
    assert estimates(blind, calibration) == estimates(run, calibration)


def test_calibration_survives_its_file(run: Run, calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "a.safetensors")
    again = estimates(run, Calibration.read(tmp_path / "a.safetensors"))
    assert [(one.target, one.estimator) for one in again] == [
        (one.target, one.estimator) for one in estimates(run, calibration)
    ]
    # Logits are kept in single precision.
    np.testing.assert_allclose(
        [one.accuracy for one in again], [one.accuracy for one in estimates(run, calibration)], atol=1e-5
    )


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x00" * 64])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(InputError, match="to be a calibration that `enigma calibrate` wrote"):
        Calibration.read(tmp_path / "a.safetensors")


def test_a_run_of_another_method_is_refused(run: Run, calibration: Calibration) -> None:
    other = replace(calibration, provenance={**calibration.provenance, "spec": {**run.spec.to_dict(), "lr": 0.5}})
    with pytest.raises(
        InputError, match=r"Expected a run with lr 0\.5, as this calibration has, but run \w+ has 0\.001"
    ):
        estimates(run, other)


def test_calibrating_without_a_clean_run_is_refused(run: Run) -> None:
    with pytest.raises(InputError, match="one run on clean images and at least four"):
        calibrate([run] * 6)


def test_what_lies_outside_the_calibration_is_marked(run: Run, calibration: Calibration) -> None:
    fits = {target: {"COT, fitted": calibration.fits[target]["COT, fitted"]} for target in TARGETS}
    narrow = {
        target: {name: replace(fit, low=2.0, high=3.0) for name, fit in each.items()} for target, each in fits.items()
    }
    found = estimates(run, replace(calibration, fits=narrow))
    assert all("outside the calibrated range" in one.warning for one in found if one.estimator == "COT, fitted")


@pytest.mark.slow
def test_command_line_calibrates(home: Home, photos: str, calibration: Calibration, tmp_path: Path) -> None:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY, "dataset": photos}.items()]
    out = str(tmp_path / "tiny.safetensors")
    command = ["--home", str(home.path), "calibrate", *options, "--corruptions", "contrast,gaussian_blur"]
    result = CliRunner().invoke(cli, [*command, "--workers", "1", "--out", out, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = Calibration.read(Path(out))
    assert found.provenance["splits"][:3] == ["clean", "contrast 1", "contrast 3"]
    assert found.provenance["runs"] == calibration.provenance["runs"]


def test_command_line_estimates_and_prints_each_with_its_interval(
    home: Home, photos: str, calibration: Calibration, tmp_path: Path
) -> None:
    calibration.save(tmp_path / "tiny.safetensors")
    given = ["--home", str(home.path), "estimate", "--calibration", str(tmp_path / "tiny.safetensors")]
    given += ["--dataset", photos, "--corruption", "brightness"]
    result = CliRunner().invoke(cli, [*given, "--severity", "2"], catch_exceptions=False)
    assert "Calibrated on 7 splits of 40 images (clean, contrast 1" in result.output
    assert "Accuracy of the adapted model at the last frame" in result.output
    told = json.loads(CliRunner().invoke(cli, [*given, "--severity", "2", "--json"]).stdout)
    assert {row["target"] for row in told["estimates"]} == set(TARGETS)


@pytest.mark.slow
def test_a_second_model_adds_their_agreement(home: Home, photos: str, run: Run, tmp_path: Path) -> None:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY, "dataset": photos}.items()]
    out = str(tmp_path / "two.safetensors")
    command = ["--home", str(home.path), "calibrate", *options, "--corruptions", "contrast,gaussian_blur"]
    given = [*command, "--second-model", "vit-ln", "--workers", "1", "--out", out]
    assert CliRunner().invoke(cli, given, catch_exceptions=False).exit_code == 0
    found = Calibration.read(Path(out))
    assert found.second == {"model": "vit-ln", "weights": None}
    assert second_of(run, found, home) is None
    shown = CliRunner().invoke(cli, ["--home", str(home.path), "estimate", run.id, "--calibration", out, "--json"])
    rows = {(row["target"], row["estimator"]): row for row in json.loads(shown.stdout)["estimates"]}
    second = second_of(run, found, home)
    assert second is not None
    assert second.spec.to_dict() == run.spec.override(model="vit-ln").to_dict()
    for target, step in (("frame 0", 0), ("adapted", 2)):
        mine, theirs = (each.frame(step)["top_classes"][:, 0] for each in (run, second))
        assert rows[target, AGREEMENT]["accuracy"] == pytest.approx((mine == theirs).mean())
    assert {target for target, name in rows if name == f"{AGREEMENT}, fitted"} == set(TARGETS)
    # Without that run everything else is still told.
    assert {(one.target, one.estimator) for one in estimates(run, found)} == {
        key for key in rows if not key[1].startswith(AGREEMENT)
    }


def test_two_models_of_other_classes_are_refused(home: Home, run: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "unlabelled.npz", images=image_set.bundled("test").images[:100])
    unlabelled = RunSpec().override(**TINY, frames=2, dataset=str(tmp_path / "unlabelled.npz"))
    other = recorded(unlabelled.override(model="resnet-bn-softmax-8-classes", reference="none"), home)
    with pytest.raises(InputError, match="two models of the same classes, but resnet-bn and resnet-bn-softmax-8"):
        States.of(run, other)


def test_weights_of_a_second_model_need_its_architecture(home: Home, tmp_path: Path) -> None:
    command = ["--home", str(home.path), "calibrate", "--second-weights", "a.pt", "--out", str(tmp_path / "a")]
    assert "Expected --second-weights with --second-model" in str(CliRunner().invoke(cli, command).exception)


def test_run_and_options_at_once_are_refused(home: Home, run: Run) -> None:
    result = CliRunner().invoke(cli, ["--home", str(home.path), "estimate", run.id, "--corruption", "fog"])
    assert isinstance(result.exception, InputError)
    assert f"but got run {run.id} and corruption" in str(result.exception)


def test_a_model_without_a_calibration_says_how_to_make_one() -> None:
    with pytest.raises(InputError, match="`enigma calibrate` makes one"):
        bundled("torchvision:resnet50")


def test_true_accuracies_are_those_of_the_frames(run: Run) -> None:
    truth = accuracies(States.of(run))
    labels = run.read_arrays("probe.safetensors")["labels"]
    assert truth["adapted"] == (run.frame(2)["top_classes"][:, 0] == labels).mean()


@pytest.mark.slow
def test_a_spec_file_is_calibrated_as_it_says(home: Home, photos: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(RunSpec().override(**{**TINY, "dataset": photos, "frames": 2, "lr": 5e-4, "steps": 3}).to_json())
    out = tmp_path / "own.safetensors"
    command = ["--home", str(home.path), "calibrate", "--spec", str(spec), "--corruptions", "contrast,gaussian_blur"]
    result = CliRunner().invoke(cli, [*command, "--workers", "1", "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    told = Calibration.read(out).provenance["spec"]
    assert (told["lr"], told["steps"], told["batch_size"]) == (5e-4, 3, 10)
