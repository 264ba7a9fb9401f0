"""Comparing runs: hand cases for the table, the differences, folded seeds and the verdict."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enigma.analysis.comparing.differences import differences, effective, in_words, names
from enigma.analysis.comparing.lead import Leads, leads
from enigma.analysis.comparing.runs import (
    Compared,
    compared,
    environment,
    labels,
    other_images,
    same_images,
    seed_groups,
    series,
)
from enigma.analysis.comparing.table import columns, lacking, largest_fall, rows
from enigma.analysis.comparing.verdict import verdict
from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.registry import METRICS
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run, frame_name


def made(run_id: str, accuracy: list[float], steps: list[int] | None = None, **spec: Any) -> Compared:
    """A run of this accuracy on 1,000 images, and of that entropy of its mean prediction; other metrics are zero."""
    metrics = {name: np.zeros(len(accuracy)) for name in METRICS}
    metrics |= {"accuracy": np.array(accuracy), "prediction_entropy": np.array(accuracy)}
    return Compared(
        run_id=run_id,
        spec=RunSpec.parse(spec),
        steps=np.array(steps or range(len(accuracy))),
        metrics=metrics,
        source_accuracy=0.2,
        seconds=float("nan"),
        probe_images=(1, 2, 3),
        facts={"versions": {"torch": "2"}, "hardware": {"device": "cpu"}, "digests": {"test": "t", "model": "m"}},
        hits={time: right(share) for time, share in (("best", max(accuracy)), ("final", accuracy[-1]))},
    )


def right(share: float) -> np.ndarray:
    """So many of 1,000 images, the easiest first: what a worse run has right, a better one has too."""
    return np.arange(1000) < 1000 * share


TENT = made("aaa", [0.6, 0.7, 0.5], [0, 10, 100])
RDUMB = made("bbb", [0.6, 0.66, 0.65], [0, 20, 100], method="rdumb")
NORM = made("ccc", [0.6, 0.6, 0.6], [0, 10, 100], method="norm")


def test_row_has_best_final_and_regret_in_points() -> None:
    row = rows([TENT, RDUMB])[1]
    assert (row.first, row.best, row.best_step, row.final, row.final_step) == (0.6, 0.66, 20, 0.65, 100)
    assert row.regret == pytest.approx(1.0)
    assert row.regret_overall == pytest.approx(5.0)
    assert row.fall == pytest.approx(1.0)
    assert row.prediction_entropy == 0.65


def test_regret_against_all_runs_is_never_below_ones_own() -> None:
    for row in rows([TENT, RDUMB, NORM]):
        assert row.regret_overall >= row.regret >= 0


def test_largest_fall_equals_brute_force() -> None:
    accuracy = np.random.default_rng(0).random(30)
    expected = max(accuracy[i] - accuracy[j] for i in range(30) for j in range(i, 30))
    assert largest_fall(accuracy) == pytest.approx(100 * expected)


def test_only_fields_that_differ_are_listed_and_the_method_first() -> None:
    found = differences([RunSpec(), RunSpec(lr=1e-3, seed=1), RunSpec(method="eta", lr=3e-3)])
    assert [unlike.field for unlike in found] == ["method", "lr", "seed"]
    assert found[1].values == ("0.003", "0.001", "0.003")


def test_defaults_that_are_written_out_are_no_difference() -> None:
    assert differences([RunSpec(), RunSpec(settings={"betas": (0.9, 0.999), "weight_decay": 0.0})]) == []


def test_setting_of_some_methods_only_is_listed_once_it_leaves_its_default() -> None:
    rdumb = RunSpec(method="rdumb", settings={"reset_every": 50})
    found = differences([RunSpec(method="norm"), rdumb])
    assert [(unlike.title, unlike.values) for unlike in found][1:] == [("reset every", ("–", "50"))]


def test_field_without_effect_is_no_difference() -> None:
    assert differences([RunSpec(method="norm"), RunSpec(method="norm", lr=1.0)]) == []
    assert differences([RunSpec(corruption="none"), RunSpec(corruption="none", severity=1)]) == []
    assert effective(RunSpec(optimizer="sgd"))["momentum"] == "0.9"
    assert "momentum" not in effective(RunSpec())


@pytest.mark.parametrize(
    ("specs", "words"),
    [
        ([RunSpec(), RunSpec(seed=1)], "Nothing but the seed differs."),
        ([RunSpec(), RunSpec()], "The specs are the same."),
        ([RunSpec(), RunSpec(stop="suggested")], "Nothing but the rule for stopping differs."),
        ([RunSpec(), RunSpec(lr=1.0, seed=1)], "2 fields of the specs differ: learning rate and seed."),
    ],
)
def test_differences_are_said_in_words(specs: list[RunSpec], words: str) -> None:
    assert in_words(differences(specs)) == words


def test_names_hold_no_more_than_tells_runs_apart() -> None:
    specs = [RunSpec(), RunSpec(lr=3e-4), RunSpec(lr=3e-4, seed=1), RunSpec(method="norm", seed=7)]
    assert names(specs, list("abcd")) == ["Tent lr 0.003", "Tent lr 0.0003 seed 0", "Tent lr 0.0003 seed 1", "Norm"]
    assert names([RunSpec(), RunSpec()], ["a", "b"]) == ["Tent a", "Tent b"]
    shifts = [RunSpec(), RunSpec(corruption="fog")]
    assert names(shifts, ["a", "b"]) == ["Tent Impulse noise", "Tent Fog"]


def test_runs_that_differ_in_the_seed_alone_are_grouped() -> None:
    seeds = [made("a", [0.1], seed=0), made("b", [0.1], seed=0, lr=1.0), made("c", [0.1], seed=3)]
    assert seed_groups(seeds) == [[0, 2], [1]]


def test_folded_seeds_are_mean_and_sample_deviation_at_common_steps() -> None:
    first = made("a", [0.5, 0.6, 0.7], [0, 1, 5])
    second = made("b", [0.7, 0.9, 0.8], [0, 5, 9], seed=1)
    folded, other = series([first, second, NORM], fold=True)
    assert folded.run_ids == ("a", "b")
    assert folded.name == "Tent · 2 seeds"
    assert folded.steps.tolist() == [0, 5]
    np.testing.assert_allclose(folded.metrics["accuracy"], [0.6, 0.8])
    np.testing.assert_allclose(folded.spread["accuracy"], [0.2 / 2**0.5, 0.2 / 2**0.5])
    assert other.spread == {}
    assert len(series([first, second, NORM])) == 3


def test_versions_and_hardware_that_differ_are_listed() -> None:
    other = replace(NORM, facts={**TENT.facts, "versions": {"torch": "3"}, "hardware": {"device": "cuda"}})
    assert [(unlike.title, unlike.values) for unlike in environment([TENT, other])] == [
        ("torch", ("2", "3")),
        ("device", ("cpu", "cuda")),
    ]
    assert environment([TENT, NORM]) == []


def test_other_probe_images_are_noticed() -> None:
    assert same_images([TENT, NORM])
    assert not same_images([TENT, replace(NORM, probe_images=(1, 2, 4))])


def test_it_is_said_in_what_the_images_differ() -> None:
    shifted = replace(NORM, facts=NORM.facts | {"digests": {"test": "of another shift"}})
    assert other_images([TENT, NORM]) == ""
    assert other_images([TENT, replace(NORM, probe_images=(1, 2, 4))]) == "a seed that picks other probe images"
    assert other_images([TENT, replace(NORM, probe_images=(1, 2))]) == "2 probe images against 3"
    assert other_images([TENT, shifted]) == "another dataset, shift or severity"
    both = other_images([TENT, replace(shifted, probe_images=(1,))])
    assert both == "another dataset, shift or severity and 1 probe images against 3"


def told(runs: list[Compared], probes: int) -> list[str]:
    return verdict(rows(runs), leads(runs), probes)


def test_verdict_names_the_best_at_both_times_and_the_collapse() -> None:
    words = told([TENT, RDUMB, NORM], 1000)
    assert words[0] == "At the best step, Tent is best with 70.0 % (step 10); at the end, RDumb is best with 65.0 %."
    # 40 images that only Tent has right: 4 points, and 1.96 x sqrt(41) / 10 = 1.3; 50 that only RDumb has at the end.
    assert words[1] == (
        "At the best step, Tent is 4.0 points ahead of RDumb (95 % interval 2.7 to 5.3); at the end, RDumb is 5.0 "
        "points ahead of Norm (95 % interval 3.6 to 6.4): on the same images."
    )
    assert (
        words[2] == "Tent peaks at 70.0 % (step 10) and ends at 50.0 %, below its own frame 0 (60.0 %): it collapses."
    )
    assert words[3] == "RDumb peaks at 66.0 % (step 20) and ends at 65.0 %, 1.0 points below its best."
    assert words[4] == "Norm stays at 60.0 % throughout."
    # sqrt(0.65 x 0.35 / 1000) = 0.01508
    assert words[5] == "With 1,000 probe images, one accuracy has a standard error of 1.5 points."


def test_verdict_on_a_steady_run_bounds_its_fall_from_above() -> None:
    steady = made("a", [0.6, 0.66, 0.6475, 0.655], method="rdumb")
    assert told([steady], 10) == ["RDumb never falls more than 1.3 points below its best so far, ending at 65.5 %."]


def test_verdict_on_a_run_that_has_only_begun() -> None:
    assert told([made("a", [0.6])], 10) == ["Tent has only frame 0 so far, at 60.0 %."]


def test_verdict_on_one_best_run_says_it_once() -> None:
    better = made("a", [0.6, 0.8], lr=1.0)
    words = told([better, made("b", [0.6, 0.7], lr=0.1)], 100)
    assert words[0] == "Tent lr 1 is best both at the best step, with 80.0 % (step 1), and at the end, with 80.0 %."


def test_verdict_says_that_runs_end_at_different_steps() -> None:
    words = told([TENT, made("a", [0.6, 0.7], [0, 10], method="norm")], 100)
    assert words[-2] == "The ends are not at one step: the runs go to between 10 and 100 steps."


def test_verdict_on_many_runs_counts_them() -> None:
    many = [replace(TENT, run_id=f"t{i}", spec=RunSpec(seed=i)) for i in range(3)] + [RDUMB, NORM]
    words = told(many, 1000)
    assert words[2] == "3 of 5 end below their own frame 0 (collapse): Tent seed 0, Tent seed 1 and Tent seed 2."
    assert words[3] == "1 of 5 ends a point or more below the best, but not below frame 0: RDumb."
    assert words[4] == "1 of 5 ends within a point of the best: Norm."


def test_recorded_run_is_read_for_comparison(tiny_run: Run) -> None:
    run = compared(tiny_run)
    assert run.steps.tolist() == [0, 1, 3, 8]
    assert run.source_accuracy == tiny_run.facts["source_accuracy"]
    assert 0 <= run.seconds < 600
    assert labels([run]) == ["Tent"]
    assert rows([run])[0].best == run.metrics["accuracy"].max()


def unlabelled(run_id: str, **spec: Any) -> Compared:
    """A run of which nothing is known that needs labels."""
    run = made(run_id, [np.nan] * 3, [0, 10, 100], **spec)
    known = {
        "entropy": np.array([1.25, 0.5, 0.25]),
        "prediction_entropy": np.array([2.25, 2.0, 1.5]),
        "label_flips": np.array([0.0, 8.0, 34.0]),
    }
    return replace(run, metrics={**run.metrics, **known}, source_accuracy=float("nan"), hits={})


def test_runs_without_labels_are_told_of_by_what_needs_none() -> None:
    table = rows([unlabelled("u"), unlabelled("v", method="norm")])
    words = verdict(table, Leads(), 100)
    assert words[0] == "Without labels there is no accuracy: which run is best cannot be told."
    assert words[1] == (
        "Tent has no labels: by step 100, entropy went from 1.25 to 0.25 nats and that of the mean prediction from "
        "2.25 to 1.50; 34 predictions flipped."
    )
    assert "nan" not in " ".join(words)
    assert columns(table) == ("final_step", "entropy", "flips", "prediction_entropy", "seconds")
    assert "no labels" in lacking(table)
    assert table[0].best_step == -1


def test_a_run_without_labels_takes_nothing_from_those_with() -> None:
    runs = [unlabelled("u"), TENT, RDUMB]
    mixed, alone = rows(runs), rows(runs[1:])
    assert [row.regret_overall for row in mixed[1:]] == [row.regret_overall for row in alone]
    words = verdict(mixed, leads(runs), 1000)
    renamed = [replace(row, name=one.name) for row, one in zip(alone, mixed[1:], strict=True)]
    assert words[:-1] == verdict(renamed, leads(runs), 1000)
    assert words[-1].startswith(f"{mixed[0].name} has no labels")
    assert leads(runs).winner("best") == "aaa"
    assert {"best", "entropy", "flips"} <= set(columns(mixed))
    assert lacking(mixed) == f"–: the test images of {mixed[0].name} have no labels, so there is no accuracy."


def test_columns_are_those_of_accuracy_where_all_runs_have_labels() -> None:
    table = rows([TENT, NORM])
    assert not {"entropy", "flips"} & set(columns(table))
    assert lacking(table) == ""


def test_run_that_grows_while_it_is_read_is_read_as_of_one_moment(
    tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(Path(shutil.copytree(tiny_run.path, tmp_path / tiny_run.id)))
    last = run.path / frame_name(run.frame_steps[-1])
    last.rename(tmp_path / "last")
    shutil.rmtree(run.path / "derived")

    def measured(now: Run) -> dict[str, np.ndarray]:
        found = run_metrics(now)
        shutil.copy(tmp_path / "last", last)
        return found

    monkeypatch.setattr("enigma.analysis.comparing.runs.run_metrics", measured)
    found = compared(run)
    assert len(run.frame_steps) == len(found.steps) + 1
    assert len(found.metrics["accuracy"]) == len(found.steps)
