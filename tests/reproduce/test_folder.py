"""A figure and a table of the paper on a folder laid out as ImageNet-C, recorded and made by one command each."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from enigma.cli.main import cli
from enigma.jobs.calibrating import HELD_OUT
from tests.images import layouts

OTHERS = ("fog", "contrast")
SMALL = {"steps": 4, "probes": 24, "references": 10, "batch_size": 8, "lr": 2.5e-4, "optimizer": "sgd"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The corruptions, the clean images beside them, and what is recorded."""
    layouts.imagenet_c(tmp_path / "ImageNet-C", each=10, corruptions=(*HELD_OUT, *OTHERS))
    (tmp_path / "val").symlink_to(layouts.imagenet_c(tmp_path / "clean", each=10, corruptions=("none",)) / "none" / "1")
    return tmp_path


def made(place: Path, name: str, *options: str) -> tuple[dict[str, Any], str]:
    """What the command tells, and what it complains of."""
    settings = [f"--{field.replace('_', '-')}={value}" for field, value in SMALL.items()]
    folders = [f"--dataset={place / 'ImageNet-C'}", f"--clean={place / 'val'}", f"--reference={place / 'val'}"]
    result = CliRunner().invoke(
        cli,
        ["--home", str(place / "home"), "reproduce", name, "--model=torchvision:shufflenet_v2_x0_5@random",
         "--input-size=32", f"--out={place / name}", "--json", *settings, *folders, *options],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


@pytest.mark.slow
def test_a_figure_records_what_the_folder_has_and_a_table_is_made_from_the_same_runs(place: Path) -> None:
    figure, complaints = made(place, "figure-6", "--workers=2")
    assert (figure["recorded"], figure["wanted"]) == (1 + 3 * len((*HELD_OUT, *OTHERS)), 64)
    assert "Failed: rotation" in complaints
    assert not any(f"Failed: {name}" in complaints for name in (*HELD_OUT, *OTHERS, "none"))
    points = pd.read_csv(place / "figure-6" / "figure-6.csv")
    fitted = {"clean", *(f"{name} {severity}" for name in HELD_OUT for severity in (1, 3, 5))}
    assert set(points.loc[points["fitted_on"], "split"]) == fitted
    assert set(points.loc[~points["fitted_on"], "split"]) == {f"{name} {s}" for name in OTHERS for s in (1, 3, 5)}
    table, _ = made(place, "table-1", "--only-recorded")
    assert table["runs"] == figure["runs"]
    assert set(pd.read_csv(place / "table-1" / "table-1.csv")["target"]) >= {"source", "adapted"}
