"""Fixtures named by what they are: a tiny recorded run, a home of one's own."""

import os
import shutil
from pathlib import Path

import pytest

# Two threads of torch on two cores; set before torch is imported, and the same for every test.
os.environ.setdefault("OMP_NUM_THREADS", "2")

from enigma.jobs import pipeline
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run

TINY = RunSpec(
    corruption="gaussian_noise",
    severity=3,
    steps=8,
    frames=(0, 1, 3, 8),
    probes=60,
    references=60,
    batch_size=16,
    device="cpu",
)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corrupted images, made once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Home:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    home.cache.symlink_to(cache)
    return home


@pytest.fixture(scope="session")
def recorded_home(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Home:
    """A home with one recorded tiny run, shared: tests only read it."""
    home = Home(tmp_path_factory.mktemp("recorded"))
    home.cache.symlink_to(cache)
    pipeline.run(TINY, home)
    return home


@pytest.fixture(scope="session")
def tiny_run(recorded_home: Home) -> Run:
    return recorded_home.listed()[0]


@pytest.fixture
def copied(tiny_run: Run, tmp_path: Path) -> Run:
    """A copy of the tiny run that a test may change."""
    shutil.copytree(tiny_run.path, tmp_path / tiny_run.id)
    return Run(tmp_path / tiny_run.id)
