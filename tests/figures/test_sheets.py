"""What pages show of a run, as files: run, step and what was chosen are in each."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from pypdf import PdfReader

from enigma.analysis.metrics import prediction_flips
from enigma.analysis.reading import trajectory
from enigma.analysis.unknowns.view import view
from enigma.figures.files.sheets import Sheet, picture, table
from enigma.figures.print.image_grid import image_grid_paper
from enigma.figures.print.unknowns import unknowns_paper
from enigma.store.run_folder import Run
from enigma.store.thumbnails import tiles
from tests.stored import UNKNOWN_ID, stored


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    import shutil

    place = tmp_path_factory.mktemp("sheets") / UNKNOWN_ID
    shutil.copytree(stored(UNKNOWN_ID), place)
    return Run(place)


def unknowns_figure(run: Run) -> Figure:
    return unknowns_paper(view(run, trajectory(run)), run.frame_steps[-1], "max_logit", 0.9)


def images_figure(run: Run) -> Figure:
    shown = trajectory(run)
    pictures = tiles(shown.thumbnails, shown.thumbnail_columns, shown.thumbnail_size)
    return image_grid_paper(shown, np.arange(11), 2, pictures)


@pytest.mark.parametrize("draw", [unknowns_figure, images_figure])
def test_figure_holds_run_step_choices_and_spec_in_every_format(mixed: Run, draw) -> None:
    sheet = Sheet(mixed, "page", 8, {"score": "max_logit", "known_kept": "0.9"})
    files = {format: picture(sheet, lambda: draw(mixed), format) for format in ("png", "svg", "pdf")}
    image = Image.open(io.BytesIO(files["png"]))
    assert (image.info["Run"], image.info["Step"]) == (mixed.id, "8")
    told = json.loads(image.info["entropy-enigma"])
    assert told["settings"] == {"score": "max_logit", "known_kept": "0.9"}
    assert told["spec"] == mixed.spec.to_dict()
    assert "enigma run" in told["reproduce"]
    keywords = (PdfReader(io.BytesIO(files["pdf"])).metadata or {})["/Keywords"]
    assert json.loads(keywords) == told
    assert mixed.id in files["svg"].decode()


def test_table_begins_with_run_step_and_choices(mixed: Run) -> None:
    shown = trajectory(mixed)
    rows = prediction_flips.table(shown, np.arange(5), 1)
    found = pd.read_csv(io.BytesIO(table(Sheet(mixed, "images", 1, {"group": "flipped"}), rows)))
    assert set(found["run_id"]) == {mixed.id}
    assert set(found["step"]) == {1}
    assert set(found["group"]) == {"flipped"}
    assert set(found["model"]) == {mixed.spec.model}
    assert found["probe"].tolist() == [0, 1, 2, 3, 4]
