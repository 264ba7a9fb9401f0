"""Verdicts follow from the numbers: made-up data with a known answer, for and against each criterion."""

import numpy as np
import pandas as pd
import pytest

from enigma.reproduce import dynamics, estimators, excluded, limited, mixture
from enigma.reproduce.evidence import correlation
from enigma.reproduce.judging import judged, overall
from enigma.reproduce.result import Finding, Result
from enigma.spec.errors import InputError

RUNS = 12


def verdicts(name: str, result: Result) -> list[str]:
    """What becomes of each criterion, in the order of the file."""
    return [one.verdict for one in judged(name, result.units)]


def frames(silhouette_slope: float, shift_slope: float) -> pd.DataFrame:
    """Runs of three frames whose changes in phase 1 and 2 are proportional to those of accuracy."""
    rows = []
    for run in range(RUNS):
        gain, loss = 0.01 * (run + 1), 0.02 * (run + 1)
        steps = {
            0: (0.2, 1.0, 0.5),
            10: (0.2 + silhouette_slope * gain, 1.0, 0.5 + gain),
            20: (0.5, 1.0 + shift_slope * loss, 0.5 + gain - loss),
        }
        for step, (silhouette, shift, accuracy) in steps.items():
            rows.append(
                {"run": f"{run}", "split": f"shift{run} {1 + 2 * (run % 3)}", "corruption": "fog",
                 "severity": 1 + 2 * (run % 3), "step": step, "silhouette": silhouette,
                 "shift_distance": shift, "accuracy": accuracy, "label_flips": 0.0, "source_accuracy": 0.5}
            )  # fmt: skip
    return pd.DataFrame(rows)


def test_two_phases_as_the_paper_has_them_agree() -> None:
    result = dynamics.two_phases(frames(1.0, 5.0))
    # In phase 2 the silhouette score correlates exactly as strongly as the shift distance.
    assert verdicts("figure-4", result) == ["agrees", "agrees", "undecided", "agrees", "agrees"]
    assert "Spearman +1.00, Pearson +1.00 (n = 12, p < 0.001; paper +0.70)" in result.findings[0].text
    assert "Spearman -1.00" in result.findings[1].text
    assert (result.table["phase"] == 1).sum() == (result.table["phase"] == 2).sum() == RUNS


def test_two_phases_the_other_way_round_do_not_agree() -> None:
    result = dynamics.two_phases(frames(-1.0, -5.0))
    first, _, rising, _ = result.findings
    assert verdicts("figure-4", result) == ["does not agree", "does not agree", "undecided", *["does not agree"] * 2]
    assert "opposite direction" in first.text
    assert "0 % of 12 runs in phase 1" in rising.text


def test_a_run_that_only_loses_has_no_phase_1() -> None:
    table = frames(1.0, 5.0)
    table.loc[table["step"] == 10, "accuracy"] = 0.4
    table.loc[table["step"] == 20, "accuracy"] = 0.3
    assert set(dynamics.changes(table)["phase"]) == {2}


def test_through_time_gives_mean_and_deviation_of_each_severity() -> None:
    table = frames(1.0, 5.0)
    result = dynamics.through_time(table)
    row = result.table.query("severity == 3 and step == 10").iloc[0]
    among = table.query("severity == 3 and step == 10")["accuracy"]
    assert row["accuracy_mean"] == pytest.approx(np.mean(among))
    assert row["accuracy_std"] == pytest.approx(np.std(among, ddof=1))
    units = result.units
    assert units is not None
    moved = dynamics.changes(table)
    expected = moved.groupby("split")["shift_distance"].sum()
    assert units.set_index("split")["shift_distance"].to_dict() == pytest.approx(expected.to_dict())
    assert (units["rise"] > 0).all()
    assert (units["fall"] < 0).all()


def told_in_legends(result: Result) -> set[str]:
    """Every entry of the legends of a figure."""
    figure = result.draw()
    legends = [*figure.legends, *(legend for axes in figure.axes if (legend := axes.get_legend()))]
    return {text.get_text() for legend in legends for text in legend.get_texts()}


def test_every_color_star_and_band_of_a_figure_is_in_its_legend() -> None:
    assert told_in_legends(mixture.figure_8([])) == {*(f"class {k}" for k in range(1, 6)), "centre of a component"}
    band = "band: 1 deviation of corruptions"
    assert told_in_legends(dynamics.through_time(frames(1.0, 5.0))) == {"severity 1", "severity 3", "severity 5", band}
    flips = np.linspace(5, 400, 12)
    drawn = limited.few_datasets(flips, parabola(flips), parabola(flips), np.repeat([f"c{i}" for i in range(4)], 3))
    assert told_in_legends(drawn) == {"weighted flips", "COT", "band: 1 deviation of 50 draws"}


def test_more_flips_where_clusters_are_loose_agree() -> None:
    table = frames(1.0, 5.0)
    order = table["run"].astype(int)
    table["silhouette"] = 0.1 + 0.02 * order
    table["source_accuracy"] = table["accuracy"] = 0.3 + 0.04 * order
    table["label_flips"] = 500.0 - 30 * order
    assert overall(verdicts("figure-5", dynamics.silhouette_and_flips(table))) == "agrees"
    table["label_flips"] = 100.0 + 30 * order
    assert overall(verdicts("figure-5", dynamics.silhouette_and_flips(table))) == "agrees in part"


def test_a_correlation_that_chance_explains_is_not_significant() -> None:
    x = np.arange(4.0)
    finding = correlation("a with b", x, np.array([0.0, 2.0, 1.0, 3.0]), "+0.70", positive=True)
    assert "same direction, not significant" in finding.text


def test_nothing_to_correlate_says_so() -> None:
    assert "too few different values" in correlation("a", np.ones(5), np.arange(5.0), "+1", positive=True).text


def parabola(flips: np.ndarray) -> np.ndarray:
    return 0.9 - 3e-3 * flips + 3e-6 * flips**2


@pytest.mark.parametrize(("cot_error", "verdict"), [(0.05, "agrees"), (0.0, "does not agree")])
def test_f_of_an_exact_parabola_errs_by_nothing_whatever_it_is_fitted_on(cot_error: float, verdict: str) -> None:
    flips = np.linspace(5, 400, 18)
    true = parabola(flips)
    result = limited.few_datasets(flips, true, true + cot_error, np.repeat([f"c{i}" for i in range(6)], 3))
    assert result.table["error"].max() == pytest.approx(0, abs=1e-6)
    assert sorted(result.table["datasets"].unique()) == [3, 4, 5]
    assert (result.table.groupby("datasets").size() == limited.SUBSETS).all()
    assert verdicts("figure-7", result) == [verdict]


def test_the_interval_of_few_datasets_is_over_corruptions_however_often_each_was_drawn() -> None:
    flips, groups = np.linspace(5, 400, 12), np.repeat([f"c{i}" for i in range(4)], 3)
    wrong = np.repeat([0.01, 0.02, 0.03, 0.04], 3)
    units = limited.few_datasets(flips, parabola(flips), parabola(flips) + wrong, groups).units
    assert units is not None
    # f of an exact parabola errs by nothing, so that what is left is COT's error on the corruption itself.
    expected = {(3, f"c{i}"): -(i + 1.0) for i in range(4)}
    assert units.set_index(["datasets", "group"])["difference"].to_dict() == pytest.approx(expected, abs=1e-6)


def errors(**means: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"target": "source", "corruption": corruption, "split": f"{corruption} {severity}", "estimator": name,
             "error": mean + shift}
            for name, mean in means.items()
            for corruption, shift in (("fog", -1.0), ("frost", 0.0), ("snow", 1.0))
            for severity in (1, 3)
        ]
    )  # fmt: skip


def named(flips: float, cot: float) -> pd.DataFrame:
    values = {estimators.WEIGHTED: flips, "COT": cot, "ATC, confidence": 12.0, "DoC": 20.0, "average confidence": 30.0}
    return errors(**values)


def test_table_in_the_papers_order_agrees() -> None:
    result = estimators.compared(named(5.0, 8.0))
    assert overall(verdicts("table-1", result)) == "agrees"
    assert "err by 5.0 points in the mean and by 6.0 on the worst corruption" in result.findings[0].text
    assert "Spearman +1.00" in result.findings[2].text


def test_table_that_another_estimator_leads_agrees_in_part() -> None:
    result = estimators.compared(named(5.0, 2.0))
    assert verdicts("table-1", result) == ["agrees", "does not agree", "agrees"]
    assert "COT errs least, by 2.0 points" in result.findings[1].text


def gains(**best: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"excluded": float(level.removeprefix("k")), "step": step, "gain": step / 10 * gain, "images": 10**6}
            for level, gain in best.items()
            for step in (0, 10)
        ]
    )


def test_exclusion_that_costs_a_little_agrees_and_one_that_ruins_does_not() -> None:
    kind = excluded.excluded(gains(k0=10, k1=8, k5=6), "top-k = {:g}", "")
    assert verdicts("figure-2", kind) == ["agrees"] * 4
    # Its best is what it begins with.
    ruined = excluded.excluded(gains(k0=10, k1=2, k5=-4), "top-k = {:g}", "")
    assert verdicts("figure-2", ruined) == ["does not agree", "agrees", "does not agree", "does not agree"]


def test_exclusion_without_its_baseline_is_refused() -> None:
    with pytest.raises(InputError, match="with and without exclusion"):
        excluded.excluded(gains(k1=3, k2=2), "top-k = {:g}", "")


def test_exclusion_without_any_run_is_refused() -> None:
    with pytest.raises(InputError, match="with and without exclusion"):
        excluded.figure_2([])


def test_share_and_entropy_by_rank_of_the_label_are_those_counted_by_hand() -> None:
    result = excluded.by_rank(np.array([1, 1, 2, 3]), np.array([0.1, 0.3, 0.8, 1.2]), 3)
    assert result.table["share"].tolist() == [0.5, 0.75, 1.0]
    np.testing.assert_allclose(result.table["entropy"], [0.2, 0.4, 0.6])
    assert result.findings == (Finding(result.findings[0].text),)
    assert result.units is not None
    assert result.units["right"].tolist() == [1, 1, 0, 0]
