"""`enigma app`: the dashboard."""

import os
import sys
import tomllib
from typing import Any

import click

from enigma.spec.assets import app_script, streamlit_config
from enigma.spec.errors import InputError
from enigma.store.home import VARIABLE, Home


@click.command()
@click.option("--port", default=8501, show_default=True, help="Port of the dashboard.")
@click.option("--address", default="localhost", show_default=True, help="0.0.0.0 lets other machines in.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_obj
def app(home: Home, port: int, address: str, no_browser: bool) -> None:
    """Start the dashboard.

    \b
    enigma app
    enigma app --port 8600 --no-browser
    """
    if not 0 <= port <= 65_535:
        raise InputError(f"Expected --port from 0 to 65535, but got {port}.")
    settings = _flat(tomllib.loads(streamlit_config().read_text(encoding="utf-8")))
    settings |= {"server.port": port, "server.address": address, "server.headless": no_browser}
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(app_script()), *flags]
    # This process becomes the server, so that whoever stops the one stops the other.
    os.execve(sys.executable, command, {**os.environ, VARIABLE: str(home.path)})


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as 'theme.light.textColor' names, as Streamlit's flags are called."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat
