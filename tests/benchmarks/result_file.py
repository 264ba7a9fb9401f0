"""What a benchmark measured, as a CSV file: the site includes these files, so that no table is ever typed."""

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Cell = str | int | float | None
Row = Mapping[str, Cell]


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--out FOLDER`, which for the site is docs/results/data."""
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="Also write CSV here; docs/results/data is shown.")


def write(folder: Path | None, name: str, rows: Sequence[Row]) -> None:
    """Writes `name`.csv, with the keys of the first row as its columns; nothing without a folder.

    Raises:
        ValueError: there is no row, or a row has other keys than the first.
    """
    if folder is None:
        return
    if not rows:
        raise ValueError(f"Expected at least one row of {name}, but got none; record its runs first.")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)
