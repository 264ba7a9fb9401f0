"""`enigma app`: the dashboard."""

import os
import socket
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from enigma.spec.assets import app_script, streamlit_config
from enigma.spec.errors import InputError
from enigma.store import policy
from enigma.store.home import VARIABLE, Home

# Each visitor is drawn by threads that come and go. With a heap for each of them, and large arrays in those heaps,
# glibc would keep what one visitor needed for the next, and the server would grow for hours.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}


@click.command()
@click.option("--port", default=8501, show_default=True, help="Port of the dashboard.")
@click.option("--address", default="localhost", show_default=True, help="0.0.0.0 lets other machines in.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="What others may do, in TOML; default: server.toml in the home."
)
@click.option("--read-only", is_flag=True, help="Only show what is recorded: for galleries and lectures.")
@click.pass_obj
def app(home: Home, port: int, address: str, no_browser: bool, config: Path | None, read_only: bool) -> None:
    """Start the dashboard.

    Where other machines are let in, the page takes bundled and uploaded images and models only, and what --config
    allows.

    \b
    enigma app
    enigma app --port 8600 --no-browser
    enigma app --address 0.0.0.0 --no-browser --config server.toml
    enigma app --read-only
    """
    if not 0 <= port <= 65_535:
        raise InputError(f"Expected --port from 0 to 65535, but got {port}.")
    _check_free(address, port)
    settings = _flat(tomllib.loads(streamlit_config().read_text(encoding="utf-8")))
    now = policy.policy_for(address, home.path, config, read_only=read_only)
    if not policy.is_loopback(address):
        # Under which names others reach it only they know.
        settings["server.allowedHosts"] = ["*"]
    settings |= {"server.port": port, "server.address": address, "server.headless": no_browser}
    # What is larger is refused before it is in memory.
    settings["server.maxUploadSize"] = now.upload_megabytes
    if now.restricted or now.read_only:
        click.echo(policy.described(now))
    flags = [f"--{name}={_text(value)}" for name, values in settings.items() for value in _each(values)]
    command = [sys.executable, "-m", "streamlit", "run", str(app_script()), *flags]
    # This process becomes the server, so that whoever stops the one stops the other.
    sys.stdout.flush()
    own = {**policy.exported(now), VARIABLE: str(home.path)}
    os.execve(sys.executable, command, {**_ALLOCATOR, **os.environ, **own})


def _each(value: Any) -> list[Any]:
    """A flag is repeated for each of several values."""
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_free(address: str, port: int) -> None:
    """Refuses a port at which another program answers: a person would take its pages for these."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as tried:
            # As the server does: a port that was in use a moment ago is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((address, port))
    except OSError as error:
        raise InputError(
            f"Expected port {port} of {address} to be free, but got: {error.strerror}. Where another program uses it, "
            "give another with --port."
        ) from error


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as 'theme.light.textColor' names, as Streamlit's flags are called."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat
