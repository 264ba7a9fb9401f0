"""What is recorded at every step, as scalars.csv: a row a step, added while the run goes on."""

import csv
from pathlib import Path

import numpy as np

NAME = "scalars.csv"
# Those after `samples_used` came later; runs recorded before have none of them.
COLUMNS = (
    "step", "loss", "entropy", "accuracy", "gradient_norm", "parameter_drift", "samples_used", "confidence",
    "diversity", "initial_diversity", "largest_class", "histogram_shift", "flip_rate", "logit_norm", "event",
)  # fmt: skip
FIRST = COLUMNS[:7]
"""Those that every run has."""

# What `event` counts.
EVENTS = ("", "alarm", "stop", "reset")


def append(path: Path, rows: list[tuple[float | int, ...]]) -> None:
    """Adds one row a step, in the order of `COLUMNS`; a run that began with fewer columns keeps to them."""
    new = not path.exists() or not path.stat().st_size
    columns = COLUMNS if new else _columns(path)
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        writer.writerows(row[: len(columns)] for row in rows)


def read(path: Path) -> dict[str, np.ndarray]:
    """The numbers as columns; a half-written last row is left out."""
    lines = _lines(path) if path.exists() else []
    names = lines[0].split(",") if lines else COLUMNS
    rows = np.array([[float(value) for value in line.split(",")] for line in lines[1:]]).reshape(-1, len(names))
    return {name: rows[:, column] for column, name in enumerate(names)}


def until(path: Path, step: int) -> bytes:
    """The file without the rows that came after `step`; a row a step after the line of names, without gaps."""
    whole = path.read_bytes().split(b"\n")[:-1]
    return b"".join(line + b"\n" for line in whole[: step + 1])


def _columns(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8") as file:
        return tuple(file.readline().strip().split(","))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
