"""Two estimates in one."""

import numpy as np
import pytest

from enigma.analysis.estimators.combined import Combination, combine
from enigma.analysis.estimators.fit import fit


@pytest.fixture
def columns() -> tuple[dict[str, np.ndarray], np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.uniform(0.1, 0.9, 14)
    return {
        "COTT": truth + 0.06 * random.standard_normal(14),
        "COT": 0.4 + 0.6 * truth + 0.03 * random.standard_normal(14),
        "MaNo": random.uniform(0, 1, 14),
    }, truth


def test_estimate_is_the_mean_of_a_line_and_of_cott_as_it_is(columns: tuple[dict[str, np.ndarray], np.ndarray]) -> None:
    scores, truth = columns
    found = combine(scores, truth).raw({"COTT": 0.6, "COT": 0.7})
    line = np.polyval(np.polyfit(scores["COT"], truth, 1), 0.7)
    assert found == pytest.approx((line + 0.6) / 2, abs=1e-6)


def test_independent_errors_average_out(columns: tuple[dict[str, np.ndarray], np.ndarray]) -> None:
    scores, truth = columns
    line = fit(scores["COT"], truth, "linear").leave_one_out
    assert combine(scores, truth).error.leave_one_out < min(line, np.abs(scores["COTT"] - truth).mean())


def test_error_is_of_splits_that_were_left_out(columns: tuple[dict[str, np.ndarray], np.ndarray]) -> None:
    scores, truth = columns
    wrong = []
    for split in range(14):
        rest = {name: np.delete(scores[name], split) for name in scores}
        one = combine(rest, np.delete(truth, split))
        wrong.append(abs(one.raw({name: float(scores[name][split]) for name in scores}) - truth[split]))
    assert combine(scores, truth).error.leave_one_out == pytest.approx(np.mean(wrong), abs=1e-9)


def test_a_combination_reads_back_what_it_wrote(columns: tuple[dict[str, np.ndarray], np.ndarray]) -> None:
    found = combine(*columns)
    assert Combination.from_dict(found.to_dict()) == found
