"""What tutorials need while the site is built: a folder, the program on the path, and pictures on the page."""

import base64
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".tutorials"


def begin() -> None:
    """An empty folder to work in, with a home of its own, and this checkout's `enigma` before any other."""
    end()
    (FOLDER / "bin").mkdir(parents=True)
    program = FOLDER / "bin" / "enigma"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m enigma "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    os.environ["PATH"] = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    os.environ["ENIGMA_HOME"] = str(FOLDER / "home")


def end() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


def picture(name: str, description: str) -> str:
    """A PNG that a tutorial has written, as HTML with the picture inside."""
    content = base64.b64encode((FOLDER / name).read_bytes()).decode()
    return f'<p><img alt="{description}" src="data:image/png;base64,{content}"></p>'
