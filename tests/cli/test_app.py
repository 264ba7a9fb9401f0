"""`enigma app`: what the server is started with."""

import os
import socket
from collections.abc import Callable
from typing import NoReturn

import pytest
from click.testing import CliRunner

from enigma.cli.main import cli
from enigma.spec.errors import InputError
from enigma.store.home import Home
from tests.ports import free_port


class _StartedError(Exception):
    """In place of the server that this process would become."""


@pytest.fixture
def started(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], dict[str, str]]]:
    """Runs `enigma app` with more flags up to where it would become the server: what it starts, and its variables."""

    def start(*flags: str) -> tuple[list[str], dict[str, str]]:
        begun: list[tuple[list[str], dict[str, str]]] = []

        def become(program: str, command: list[str], environment: dict[str, str]) -> NoReturn:
            begun.append((command, environment))
            raise _StartedError

        monkeypatch.setattr(os, "execve", become)
        arguments = ["--home", str(home.path), "app", "--port", str(free_port()), *flags]
        with pytest.raises(_StartedError):
            CliRunner().invoke(cli, arguments, catch_exceptions=False)
        (found,) = begun
        return found

    return start


def test_the_servers_heaps_are_few_unless_its_user_says_otherwise(
    home: Home, started: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    command, environment = started()
    # A first start would wait for an answer.
    assert "--server.showEmailPrompt=false" in command
    assert (environment["MALLOC_ARENA_MAX"], environment["MALLOC_MMAP_THRESHOLD_"]) == ("7", "262144")
    assert environment["ENIGMA_HOME"] == str(home.path)
    # A page whose name was made to lead to this machine is not let in.
    assert [flag for flag in command if "allowedHosts" in flag] == [
        f"--server.allowedHosts={name}" for name in ("localhost", "127.0.0.1", "::1")
    ]


def test_a_server_that_others_reach_answers_to_any_name(started: Callable) -> None:
    command, _ = started("--address", "0.0.0.0", "--no-browser")
    # Said, and not left out: Streamlit would take the names of the configuration beside the program.
    assert [flag for flag in command if "allowedHosts" in flag] == ["--server.allowedHosts=*"]


def test_a_port_that_is_taken_is_named_before_anything_starts(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner().invoke(cli, ["--home", str(home.path), "app", "--port", str(port)])
    assert isinstance(result.exception, InputError)
    assert f"Expected port {port} of localhost to be free" in str(result.exception)
    assert "--port" in str(result.exception)
