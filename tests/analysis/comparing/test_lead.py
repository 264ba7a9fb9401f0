"""Who is ahead beyond chance: by hand, and beside the exact test."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from enigma.analysis.comparing.lead import leads, paired
from enigma.analysis.comparing.runs import Compared, compared
from enigma.store.run_folder import Run


@pytest.fixture
def pair(tiny_run: Run) -> list[Compared]:
    """Two runs on the same images, the second of which has four more of them right at its best."""
    run = compared(tiny_run)
    other = replace(run, run_id="b" * 12, hits=dict(run.hits))
    wrong = np.flatnonzero(~run.hits["best"])[:4]
    other.hits["best"] = run.hits["best"].copy()
    other.hits["best"][wrong] = True
    return [run, other]


def test_hits_are_the_accuracy_of_the_recorded_run(tiny_run: Run) -> None:
    run = compared(tiny_run)
    assert run.hits["best"].mean() == run.metrics["accuracy"].max()
    assert run.hits["final"].mean() == run.metrics["accuracy"][-1]
    assert not run.is_live


def test_few_images_make_no_winner_and_equal_runs_neither(pair: list[Compared]) -> None:
    found = leads(pair)
    assert found.best is not None
    assert (found.best.run_id, found.best.gap) == ("b" * 12, pytest.approx(4 / len(pair[0].hits["best"])))
    assert not found.best.is_clear
    assert found.winner("best") == found.winner("final") == ""
    assert found.winner("seconds") == ""


def test_interval_excludes_zero_nearly_where_the_exact_test_of_mcnemar_says_so() -> None:
    for first_only in range(60):
        for second_only in range(60):
            first = np.r_[np.ones(first_only, bool), np.zeros(second_only, bool), np.ones(80, bool)]
            second = np.r_[np.zeros(first_only, bool), np.ones(second_only, bool), np.ones(80, bool)]
            _, low, high = paired(first, second)
            chance = binomtest(first_only, first_only + second_only).pvalue if first_only + second_only else 1.0
            if not 0.03 < chance < 0.08:
                assert (low > 0 or high < 0) == (chance < 0.05)


def test_chance_alone_seldom_makes_a_winner() -> None:
    random = np.random.default_rng(0)
    won = 0
    for _ in range(1000):
        first, second = random.random((2, 500)) < 0.6
        _, low, high = paired(first, second)
        won += low > 0 or high < 0
    assert won <= 65


def test_other_images_and_running_runs_make_no_winner(pair: list[Compared]) -> None:
    first, second = pair
    other = replace(second, probe_images=tuple(image + 1 for image in second.probe_images))
    assert leads([first, other]).obstacle == "the runs are not judged on the same images"
    live = replace(second, is_live=True)
    assert "(running) is still being recorded" in leads([first, live]).obstacle
    assert leads([first, live]).winner("best") == ""
    assert leads([first]).obstacle == ""
