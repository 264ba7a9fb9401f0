"""`enigma app`: what the server is started with."""

import os
from typing import NoReturn

import pytest
from click.testing import CliRunner

from enigma.cli.main import cli
from enigma.store.home import Home


class _StartedError(Exception):
    """In place of the server that this process would become."""


def test_the_servers_heaps_are_few_unless_its_user_says_otherwise(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[dict[str, str]] = []

    def become(program: str, command: list[str], environment: dict[str, str]) -> NoReturn:
        begun.append(environment)
        raise _StartedError

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    with pytest.raises(_StartedError):
        CliRunner().invoke(cli, ["--home", str(home.path), "app"], catch_exceptions=False)
    (environment,) = begun
    assert (environment["MALLOC_ARENA_MAX"], environment["MALLOC_MMAP_THRESHOLD_"]) == ("7", "262144")
    assert environment["ENIGMA_HOME"] == str(home.path)
