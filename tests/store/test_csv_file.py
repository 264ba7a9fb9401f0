import io

import numpy as np
import pandas as pd
import pytest

from enigma.store.csv_file import csv_text

FORMULAS = ('=HYPERLINK("http://a")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    table = pd.DataFrame({text: [text, "plain", None]})
    read = pd.read_csv(io.StringIO(csv_text(table)))
    shown = "'" + text.replace("\r", "\n")
    assert read.columns.tolist() == [shown]
    assert read.iloc[:2, 0].tolist() == [shown, "plain"]
    assert read.isna().iloc[2, 0]


def test_numbers_stay_as_they_are() -> None:
    table = pd.DataFrame({"loss": np.float32([-0.1, np.nan]), "label": np.int8([-1, 3]), "right": [True, False], 4: 5})
    assert csv_text(table) == table.to_csv(index=False, lineterminator="\n")


def test_categories_are_guarded_too() -> None:
    assert csv_text(pd.DataFrame({"class": pd.Categorical(["=1", "b"])})) == "class\n'=1\nb\n"
