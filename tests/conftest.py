"""Fixtures named by what they are: a tiny stored run, a home of one's own."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# One thread of torch in each process, here and in those that tests start: as many workers of pytest as there are cores
# then share them without waiting for each other, and the same sums are made in the same order everywhere. It has to be
# set before torch is imported.
os.environ["OMP_NUM_THREADS"] = "1"

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.stored import TINY_ID, stored

# The same few examples every time, and none of them against the clock.
settings.register_profile(
    "suite", derandomize=True, max_examples=25, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.load_profile("suite")

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


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out the browser tests where none of them is asked for: only importing them takes a second."""
    unasked = "not browser" in config.option.markexpr
    return True if unasked and collection_path == Path(__file__).parent / "browser" else None


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as the main module, which a process that is spawned later would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test reads or writes without naming a home is never that of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENIGMA_HOME", str(tmp_path_factory.mktemp("nobodys-home")))
        yield


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corrupted images, each made once for all tests that look at it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(tmp_path: Path, cache: Path) -> Home:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    home.cache.symlink_to(cache)
    return home


@pytest.fixture(scope="session")
def recorded_home(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Home:
    """A home with a copy of the stored tiny run, shared: tests only read it."""
    home = Home(tmp_path_factory.mktemp("recorded"))
    home.cache.symlink_to(cache)
    shutil.copytree(stored(TINY_ID), home.runs / TINY_ID)
    # The last bits of what is measured are those of a kind of processor.
    shutil.rmtree(home.runs / TINY_ID / "derived" / "metrics")
    run_metrics(home.find(TINY_ID))
    return home


@pytest.fixture(scope="session")
def tiny_run(recorded_home: Home) -> Run:
    return recorded_home.find(TINY_ID)


@pytest.fixture
def copied(tiny_run: Run, tmp_path: Path) -> Run:
    """A copy of the tiny run that a test may change."""
    shutil.copytree(tiny_run.path, tmp_path / tiny_run.id)
    return Run(tmp_path / tiny_run.id)
