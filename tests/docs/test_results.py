"""No number of a table of results is typed: it is included from the file that its benchmark wrote."""

import csv
import re
from functools import partial
from pathlib import Path

import pytest

from docs.generate import bundled, foreign, results
from docs.generate.rendering import rendered
from enigma.spec.methods import METHODS

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "results").glob("*.md"))
FILES = sorted(results.DATA.glob("*.csv"))
BENCHMARKS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "benchmarks").glob("*.py"))
# Written by hand: words on what limits a verdict.
WORDS = ("paper_limits",)
FUNCTIONS = (
    results.search_default, results.estimators, results.stopping, results.stopping_alarm, results.heads,
    results.heads_accuracy, results.heads_scores, results.unknown_adapting, results.functional, results.method_cost,
    results.methods, results.scrub, results.projections, partial(results.projections, "trial"),
    results.projection_goals, partial(results.projection_goals, "trial"), results.projection_seconds,
    results.visible_training, results.recorded_again, results.coverage, results.tried_models, results.tried_images,
    results.mutants,
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_of_results_has_no_typed_table_of_numbers(path: Path) -> None:
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("|")]
    typed = [row for row in rows if any(re.fullmatch(r"[-+]?[\d.,]+ ?%?", cell.strip()) for cell in row.split("|"))]
    assert typed == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_of_results_includes_tables_and_says_what_makes_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem != "index":
        assert "[[ results." in text or "[[ bundled." in text
        assert re.search(r"python tests/benchmarks/\w+\.py|enigma \w+|python -m enigma", text)
    assert "[[" not in rendered(text)
    for script in re.findall(r"tests/benchmarks/\w+\.py", text):
        assert (ROOT / script).is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_of_results_is_written_by_a_benchmark(path: Path) -> None:
    if path.stem not in WORDS:
        assert re.search(rf'write\([^)]*"{path.stem}"', BENCHMARKS)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_every_measured_number_is_on_the_site() -> None:
    shown = set(re.findall(r"[-+]?\d+(?:\.\d+)?", "\n".join(function() for function in FUNCTIONS).replace(",", "")))
    for path in FILES:
        if path.stem not in WORDS:
            cells = {cell for row in list(csv.reader(path.open(encoding="utf-8")))[1:] for cell in row}
            numbers = {cell for cell in cells if re.fullmatch(r"[-+]?\d+(?:\.\d+)?", cell)}
            # How many seeds there were is said in words.
            assert numbers - shown - {"1", "3"} == set(), path.stem


def test_a_table_shows_the_cells_of_its_file() -> None:
    lines = results.stopping().splitlines()
    assert lines[0] == "| rule | `resnet-bn` | `vit-ln` | `resnet-gn` |"
    cells = {(row.rule, row.model): row for row in results.read("stopping").itertuples()}
    for line in lines[2:]:
        rule, *shown = [cell.strip() for cell in line.strip("|").split("|")]
        for model, cell in zip(("resnet-bn", "vit-ln", "resnet-gn"), shown, strict=True):
            assert cell == f"{cells[rule, model].mean_regret} ({cells[rule, model].worst_against_frame_0})"


def test_counts_against_tent_follow_from_the_rows_by_hand() -> None:
    rows = results.read("functional")
    last = {(row.model, row.corruption, row.method): float(row.last) for row in rows.itertuples()}
    better = sum(
        value > last[model, corruption, "tent"]
        for (model, corruption, method), value in last.items()
        if method == "functional-margin"
    )
    (line,) = [
        line
        for line in results.functional_against_tent().splitlines()
        if line.startswith(f"| {METHODS['functional-margin'].title} |")
    ]
    assert line.split("|")[3].strip().startswith(f"{better} (")


def test_the_bundled_run_is_shown_frame_by_frame() -> None:
    run = bundled.shown()
    assert [row[0] for row in bundled.rows()] == [str(step) for step in run.steps]
    assert [row[1] for row in bundled.rows()] == [f"{100 * value:.1f}" for value in run.metrics["accuracy"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<link rel="stylesheet" href="https://fonts.example/a.css">', ["https://fonts.example/a.css"]),
        ('<img alt="x" src="//cdn.example/a.png">', ["//cdn.example/a.png"]),
        ("body { background: url('http://a.example/b.png') }", ["http://a.example/b.png"]),
        ('<a href="https://arxiv.org/abs/1">paper</a><img src="../a.png"><script src="b.js"></script>', []),
    ],
)
def test_what_is_loaded_from_elsewhere_is_found_and_links_are_not(text: str, found: list[str]) -> None:
    assert foreign.loaded(text) == found


def test_the_mean_over_unknown_sets_is_that_of_the_sets() -> None:
    sets = results.read("heads")
    sets = sets[sets["measure"] == "AUROC"]
    means = sets.assign(mean=sets["mean"].astype(float)).groupby(["head", "score"])["mean"].mean()
    scores = results.read("heads_scores").set_index(["head", "score"])["auroc"].astype(float)
    assert len(means) == 3
    for key, mean in means.items():
        assert scores[key] == pytest.approx(mean, abs=0.1)
