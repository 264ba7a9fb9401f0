"""Recorded through the public API: tiny runs on a few images, so that corrupting them takes no time."""

from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma.api.opened import OpenedRun
from enigma.images import image_set
from enigma.store.home import Home

TINY = {"steps": 4, "frames": 3, "probes": 60, "references": 60, "batch_size": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def api_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 of the bundled images in a file of their own."""
    data = image_set.bundled("test")
    path = tmp_path_factory.mktemp("photos") / "photos.npz"
    np.savez(path, images=data.images[:100], labels=data.labels[:100])
    return path


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> OpenedRun:
    path = tmp_path_factory.mktemp("unlabelled") / "images.npz"
    np.savez(path, images=np.load(photos)["images"])
    return enigma.run({**TINY, "dataset": str(path), "reference": "none"}, home=path.parent, project=False)
