"""From recorded runs to files, through the command line, with a grid of which only a part is recorded."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from enigma.cli.main import cli
from enigma.jobs import sweep
from enigma.reproduce import grid, stored
from enigma.reproduce.criteria import criteria
from enigma.reproduce.flips import Flips
from enigma.reproduce.judging import judged
from enigma.reproduce.make import missing, recorded
from enigma.reproduce.registry import REPRODUCTIONS
from enigma.spec.errors import InputError
from enigma.store.home import Home
from tests.benchmarks import splits

TINY = {"steps": 2, "frames": "0,1,2", "probes": 40, "references": 20, "batch_size": 10}
# Of the grid of 64 runs these are recorded besides the clean one: to fit f on, and to judge it by.
SHIFTS = (("speckle_noise", 1), ("speckle_noise", 3), ("speckle_noise", 5), ("gaussian_blur", 3))
OTHERS = (("contrast", 3), ("brightness", 3))
RECORDED = 1 + len(SHIFTS) + len(OTHERS)
FROM_GRID = ("figure-4", "figure-5", "figure-6", "figure-7", "figure-9", "figure-10", "figure-13", "table-1",
             "table-3", "table-4")  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Home:
    home = Home(tmp_path_factory.mktemp("paper"))
    home.cache.symlink_to(cache)
    clean = grid.CLEAN.override(**TINY)
    specs = [clean, *(clean.override(corruption=name, severity=severity) for name, severity in (*SHIFTS, *OTHERS))]
    with ThreadPoolExecutor(1) as executor:
        outcomes = sweep.sweep(specs, home, executor, project=False)
    assert {outcome.state for outcome in outcomes} == {"recorded"}
    return home


def asked(home: Home, *words: str) -> Result:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]
    return CliRunner().invoke(cli, ["--home", str(home.path), "reproduce", *words, *options])


@pytest.fixture(scope="module")
def made(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[dict, Path]]:
    """What the command told of a reproduction, and the folder of its files; made once for all tests."""

    @cache
    def reproduction(name: str) -> tuple[dict, Path]:
        folder = tmp_path_factory.mktemp(name)
        result = asked(home, name, "--only-recorded", "--json", f"--out={folder}")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout), folder

    return reproduction


@pytest.mark.parametrize("name", FROM_GRID)
def test_part_of_the_grid_is_enough_and_said(name: str, made: Callable[[str], tuple[dict, Path]]) -> None:
    told, folder = made(name)
    wanted = len(REPRODUCTIONS[name].specs(grid.CLEAN))
    assert (told["recorded"], told["wanted"]) == (RECORDED - (wanted == 63), wanted)
    assert told["claim"] == REPRODUCTIONS[name].claim
    assert told["verdict"] in ("agrees", "agrees in part", "does not agree", "undecided")
    assert len(told["judgements"]) == len(criteria().of[name])
    units = pd.read_csv(folder / f"{name}-units.csv")
    again = judged(name, units)
    assert [one.verdict for one in again] == [one["verdict"] for one in told["judgements"]]
    assert len(pd.read_csv(folder / f"{name}.csv"))
    assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    text = (folder / f"{name}.md").read_text()
    assert REPRODUCTIONS[name].claim in text
    assert f"of {wanted} runs" in text
    kept = stored.read(folder, name)
    assert kept is not None
    assert (kept.verdict, kept.runs) == (told["verdict"], tuple(told["runs"]))
    assert [finding.text for finding in kept.findings] == [finding["text"] for finding in told["findings"]]


def test_the_same_runs_give_the_same_bytes(
    home: Home, made: Callable[[str], tuple[dict, Path]], tmp_path: Path
) -> None:
    assert asked(home, "figure-10", "--only-recorded", f"--out={tmp_path}").exit_code == 0
    _, folder = made("figure-10")
    assert {path.name for path in folder.iterdir()} == {path.name for path in tmp_path.iterdir()} != set()
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_the_error_is_that_of_a_polynomial_fitted_on_held_out_splits_only(
    made: Callable[[str], tuple[dict, Path]],
) -> None:
    told, folder = made("figure-6")
    table = pd.read_csv(folder / "figure-6.csv")
    fitted, others = table[table["fitted_on"]], table[~table["fitted_on"]]
    assert set(fitted["split"]) == {"clean"} | {f"{name} {severity}" for name, severity in SHIFTS}
    # So few steps may flip nothing, which leaves the mean.
    powers = np.vander(fitted["weighted_flips"], 3)
    coefficients = np.linalg.lstsq(powers, fitted["accuracy"], rcond=None)[0]
    estimate = np.clip(np.polyval(coefficients, others["weighted_flips"]), 0, 1)
    error = 100 * np.abs(estimate - others["accuracy"]).mean()
    assert f"error of f on them: {error:.1f} points" in told["findings"][2]["text"]


def test_what_is_recorded_is_found_by_its_spec_alone(home: Home) -> None:
    specs = grid.grid(grid.CLEAN.override(**TINY))
    assert len(recorded(specs, home)) == RECORDED
    assert len(missing(specs, home)) == len(specs) - RECORDED


def test_too_few_runs_are_one_sentence(tmp_path: Path) -> None:
    result = asked(Home(tmp_path), "table-2", "--only-recorded")
    assert isinstance(result.exception, InputError)
    assert "record them by leaving out --only-recorded" in str(result.exception)


@pytest.mark.slow
def test_missing_runs_are_recorded_first(home: Home, tmp_path: Path) -> None:
    result = asked(home, "figure-11", "--json", "--workers=1", f"--out={tmp_path}")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["recorded"], told["wanted"]) == (1, 1)
    assert home.find(told["runs"][0]).spec.corruption == "gaussian_noise"


def test_unknown_name_is_refused_with_those_there_are(home: Home) -> None:
    result = asked(home, "figure-99")
    assert isinstance(result.exception, InputError)
    assert "figure-13" in str(result.exception)


def test_list_names_every_reproduction_with_its_cost() -> None:
    lines = CliRunner().invoke(cli, ["reproduce", "list"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(REPRODUCTIONS)
    assert "192 runs, about 3.2 hours" in next(line for line in lines if line.startswith("table-2"))


def test_the_grid_is_that_of_the_benchmarks() -> None:
    assert grid.models(grid.CLEAN) == splits.specs(0)


def test_no_run_is_asked_for_twice() -> None:
    for one in REPRODUCTIONS.values():
        specs = one.specs(grid.CLEAN)
        assert len({spec.to_json() for spec in specs}) == len(specs)


def test_flips_of_fewer_images_are_scaled_to_a_thousand() -> None:
    flips = Flips(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6]))
    assert flips.score() == pytest.approx(250 * (1.0 + 0.5))
    assert flips.score(weighted=False) == 500
    assert flips.score(np.array([0, 1])) == pytest.approx(500 * 1.0)


@pytest.mark.parametrize("content", ["", "{}", '{"findings": [], "verdict": ""}', "[1]", '{"findings": 3}'])
def test_a_damaged_file_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "figure-4.json").write_text(content)
    assert stored.read(tmp_path, "figure-4") is None
