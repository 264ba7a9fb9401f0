"""Criteria and the bootstrap that they are judged by."""

import math

import numpy as np
import pandas as pd
import pytest

from enigma.reproduce.criteria import FILE, criteria
from enigma.reproduce.judging import judged
from enigma.reproduce.measures import measured, settled
from enigma.reproduce.registry import REPRODUCTIONS
from enigma.reproduce.stored import Stored
from enigma.reproduce.verdict_table import as_csv, as_latex, as_pdf


def errors(mean: float, splits: int = 40, deviation: float = 3.0) -> pd.DataFrame:
    """Errors in points on splits of corruptions of their own, as figure 6 has them."""
    random = np.random.default_rng(0)
    wrong = mean + deviation * random.standard_normal(splits)
    accuracy = np.linspace(0.2, 0.9, splits)
    return pd.DataFrame({"group": [f"c{i}" for i in range(splits)], "split": "x 1", "accuracy": accuracy,
                         "estimate": accuracy, "error": wrong})  # fmt: skip


def test_every_figure_and_table_has_criteria_with_a_bound() -> None:
    told = criteria()
    assert set(told.of) == set(REPRODUCTIONS)
    for name, each in told.of.items():
        assert each, name
        assert all(one.at_least is not None or one.at_most is not None for one in each)
    assert "had been made before this file was written" in told.note
    assert told.written.isoformat() in FILE.read_text()


@pytest.mark.parametrize(("mean", "verdict"), [(3.0, "agrees"), (8.6, "undecided"), (17.5, "does not agree")])
def test_only_an_interval_on_one_side_of_the_bound_decides(mean: float, verdict: str) -> None:
    error, rank = judged("figure-6", errors(mean))
    assert error.verdict == verdict
    assert error.low is not None
    assert error.high is not None
    assert error.ours == pytest.approx(mean, abs=1)
    assert rank.verdict == "agrees"


def test_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    table = errors(5.0, splits=200)
    error, _ = judged("figure-6", table)
    half = 1.96 * table["error"].std() / math.sqrt(len(table))
    assert (error.low, error.high) == pytest.approx((error.ours - half, error.ours + half), abs=0.1)


def test_splits_of_one_corruption_count_as_one() -> None:
    apart = errors(5.0)
    together = pd.concat([apart] * 3, ignore_index=True)
    first, second = (judged("figure-6", one)[0] for one in (apart, together))
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_what_was_not_recorded_is_undecided_and_says_why() -> None:
    assert {(one.verdict, one.why) for one in judged("table-4", None)} == {
        ("undecided", "errors by split were not recorded")
    }
    few = judged("figure-6", errors(3.0).head(2))[0]
    assert (few.verdict, few.why) == ("undecided", "too few were recorded for an interval")


def test_single_run_is_judged_by_the_draw_of_its_images() -> None:
    table = pd.DataFrame(
        [{"excluded": level, "when": when, "gain": gain, "images": 500}
         for level, when, gain in ((0, "best", 5.0), (0, "last", 3.0), (1, "best", 9.0), (1, "last", -9.0))]
    )  # fmt: skip
    best, last, *_ = judged("figure-2", table)
    # 1.96 x 100 x sqrt(1 / 1000) points.
    assert (best.low, best.high) == pytest.approx((9 - 6.198, 9 + 6.198), abs=0.01)
    assert (best.verdict, last.verdict) == ("undecided", "does not agree")


def test_first_and_last_are_the_ends_of_a_column_unless_it_holds_the_words() -> None:
    columns = {"step": np.array([4, 200]), "when": np.array(["best", "last"]), "error": np.array([1.0, 2.0])}
    told = settled({"kind": "mean", "column": "error", "where": {"step": "last", "when": "last"}}, columns)
    assert told["where"] == {"step": 200, "when": "last"}
    assert measured(told, columns) == 2.0


def test_table_of_verdicts_reads_back_as_csv_latex_and_pdf() -> None:
    from io import BytesIO

    from pypdf import PdfReader

    one = Stored("figure-6", "resnet-bn", 64, 64, (), (), "x", judged("figure-6", errors(3.0)), "2026-11-30")
    table = pd.read_csv(BytesIO(as_csv([one])))
    assert table["verdict"].tolist() == ["agrees", "agrees"]
    assert table["low"].notna().all()
    tex = as_latex([one]).decode()
    assert tex.count(r"\\") == 3
    assert r"95\,\% interval" in tex
    many = as_pdf([one] * 40)
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(many)).pages)
    assert len(PdfReader(BytesIO(many)).pages) > 1
    assert text.count("figure-6") == 80
    assert "Criteria of 2026-11-30" in text
