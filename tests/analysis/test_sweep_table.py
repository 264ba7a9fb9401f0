"""The table of a sweep, by hand from made-up runs; and of recorded ones from their files."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enigma.analysis import sweep_table
from enigma.figures.files import sweep_table as files
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run


def test_errors_of_a_run_follow_from_its_files(tiny_run: Run) -> None:
    found = sweep_table.errors(tiny_run)
    labels = tiny_run.read_arrays("probe.safetensors")["labels"]
    wrong = [100 * (frame["top_classes"][:, 0] != labels).mean() for _, frame in tiny_run.frames()]
    with (tiny_run.path / "scalars.csv").open() as file:
        batches = [100 * (1 - float(row["accuracy"])) for row in csv.DictReader(file)]
    assert len(batches) == 8
    assert found == pytest.approx(
        {
            "source_error": 100 * (tiny_run.read_arrays("probe.safetensors")["source_predictions"] != labels).mean(),
            "frame0_error": wrong[0], "online_error": np.mean(batches), "best_error": min(wrong),
            "last_error": wrong[-1],
        }
    )  # fmt: skip


Sweep = tuple[list[RunSpec], list[Run | None]]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """Two methods, two corruptions, three seeds; the error is 10 for the method, 2 for the corruption, and the seed."""
    specs = [
        RunSpec(method=method, corruption=corruption, seed=seed)
        for method in ("tent", "eta")
        for corruption in ("fog", "contrast")
        for seed in (0, 1, 3)
    ]
    runs = [Run(Path(f"{place:012x}")) for place in range(len(specs))]
    value = {
        run.id: 10.0 * (spec.method == "eta") + 2 * (spec.corruption == "fog") + spec.seed
        for run, spec in zip(runs, specs, strict=True)
    }
    monkeypatch.setattr(sweep_table, "errors", lambda run: dict.fromkeys(sweep_table.MEASURES, value[run.id]))
    return specs, list(runs)


def test_mean_over_corruptions_then_mean_and_deviation_over_seeds(
    made_up: Sweep,
) -> None:
    specs, runs = made_up
    found = sweep_table.table(specs, runs)
    # Means over corruptions are 1, 2 and 4 for the seeds of the first method.
    assert list(found["online_error"]) == pytest.approx([7 / 3, 10 + 7 / 3])
    assert list(found["online_error_deviation"]) == pytest.approx([math.sqrt((16 + 1 + 25) / 9 / 2)] * 2)
    # The learning rate varies too: Tent has the demonstration's.
    assert list(found.columns[:2]) == ["method", "lr"]
    assert found[["corruptions", "seeds", "missing"]].to_numpy().tolist() == [[2, 3, 0]] * 2


def test_seed_of_which_a_run_is_missing_counts_in_no_mean(made_up: Sweep) -> None:
    specs, runs = made_up
    runs[specs.index(RunSpec(method="tent", corruption="fog", seed=3))] = None
    found = sweep_table.table(specs, runs)
    assert found["online_error"][0] == pytest.approx(1.5)
    assert found[["seeds", "missing"]].to_numpy().tolist() == [[2, 1], [3, 0]]
    nothing = sweep_table.table(specs, [None] * len(specs))
    assert nothing["online_error"].isna().all()
    assert files.cells(nothing)[1][0][-1] == "–"


def test_settings_and_lists_vary_too() -> None:
    specs = [RunSpec(method="rdumb", settings={"reset_every": count}, steps=10, frames=(0, 10)) for count in (5, 9)]
    specs.append(RunSpec(method="rdumb", steps=10, frames=(0, 3, 10)))
    assert sweep_table.varying(specs).keys() == {"settings.reset_every", "frames"}
    found = sweep_table.table(specs, [None] * 3)
    assert list(found["settings.reset_every"][:2]) == [5, 9]
    assert [json.loads(cell) for cell in found["frames"]] == [[0, 10], [0, 10], [0, 3, 10]]


def test_every_format_holds_the_same_numbers(made_up: Sweep, tmp_path: Path) -> None:
    specs, runs = made_up
    found = sweep_table.table(specs, runs)
    for ending, write in files.WRITERS.items():
        (tmp_path / f"table{ending}").write_bytes(write(found, ["0123456789ab"]))
    for read in (pd.read_csv(tmp_path / "table.csv"), pd.read_parquet(tmp_path / "table.parquet")):
        pd.testing.assert_frame_equal(read, found, check_dtype=False)
    markdown = (tmp_path / "table.md").read_text(encoding="utf-8").splitlines()
    assert len(markdown) == 4
    assert markdown[2].startswith("| tent | 0.003 | 2 | 3 | 2.3 ± 1.5 |")
    latex = (tmp_path / "table.tex").read_text(encoding="utf-8")
    assert r"tent & 0.003 & 2 & 3 & 2.3 $\pm$ 1.5" in latex
    assert r"online error \%" in latex
    assert latex.count(r"\\") == 3


def test_what_would_be_a_command_is_escaped() -> None:
    table = pd.DataFrame([{"model": r"a_b|c\input{x}", "corruptions": 1, "seeds": 1, "missing": 0,
                           **{name: 1.0 for m in sweep_table.MEASURES for name in (m, f"{m}_deviation")}}])  # fmt: skip
    assert r"a\_b|c\textbackslash{}input\{x\}" in files.latex(table)
    assert r"a_b\|c\input{x}" in files.markdown(table)


def test_unknown_format_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"\.csv, \.parquet, \.tex, \.md, but got 'table\.xls'"):
        files.check(Path("table.xls"))
