"""The numbers of a run as tables: CSV for everything, Parquet with the origin of the run in its schema.

CSV holds nothing but the table, so that every program reads it; the run is a column.
"""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as arrow
from pyarrow import parquet

from enigma.analysis.metrics import registry
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.provenance import KEY
from enigma.store.csv_file import csv_text
from enigma.store.run_folder import Run


def frames(trajectory: Trajectory) -> pd.DataFrame:
    """One row a frame: every metric of the run, in the units of `Trajectory`."""
    table = pd.DataFrame({"run_id": trajectory.run_id, "step": trajectory.steps})
    for name, values in trajectory.metrics.items():
        table[name] = values
    table["source_accuracy"] = trajectory.source_accuracy
    return table


def points(trajectory: Trajectory) -> pd.DataFrame:
    """One row a frame and probe image: where it lies and what is predicted; an unknown class is empty."""
    count, probes = trajectory.predictions.shape
    # The last name answers for -1, which is an unknown class.
    names = np.array([*trajectory.classes, None], dtype=object)
    places = trajectory.projection.probes.reshape(-1, 2)
    return pd.DataFrame(
        {
            "run_id": trajectory.run_id,
            "step": np.repeat(trajectory.steps, probes),
            "probe": np.tile(np.arange(probes), count),
            "true_class": names[np.tile(trajectory.labels, count)],
            "predicted_class": names[trajectory.predictions.ravel()],
            "confidence": trajectory.confidences.ravel(),
            "entropy": trajectory.entropies.ravel(),
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )


def steps(run: Run) -> pd.DataFrame:
    """One row an update: what was measured on the batch it was made with."""
    table = pd.DataFrame(run.scalars())
    whole = {name: "int64" for name in ("step", "samples_used") if table[name].notna().all()}
    table = table.astype(whole)
    table.insert(0, "run_id", run.id)
    return table


def projection(trajectory: Trajectory, step: int) -> pd.DataFrame:
    """What the figure of one frame shows: test points, training points and class means, told apart by `kind`."""
    frame = trajectory.frame_at(step)
    shown = points(trajectory)
    shown = shown[shown["step"] == trajectory.steps[frame]].drop(columns="probe")
    shown.insert(1, "kind", "test")
    names = np.array([*trajectory.classes, None], dtype=object)
    still = [
        _still(trajectory, frame, "training", names[trajectory.reference_labels], trajectory.projection.references),
        _still(trajectory, frame, "class mean", names[:-1], trajectory.projection.means),
    ]
    return pd.concat([shown, *still], ignore_index=True).reindex(columns=shown.columns)


def _still(trajectory: Trajectory, frame: int, kind: str, names: np.ndarray, places: np.ndarray) -> pd.DataFrame:
    shared = {"run_id": trajectory.run_id, "kind": kind, "step": trajectory.steps[frame]}
    return pd.DataFrame({**shared, "true_class": names, "x": places[:, 0], "y": places[:, 1]})


def curve_values(trajectory: Trajectory) -> pd.DataFrame:
    """What the figure of the curves shows, accuracy in [0, 1]; phase 0 where there is none beyond chance."""
    known = [name for name in registry.shown(registry.FIGURE) if name in trajectory.metrics]
    table = frames(trajectory)[["run_id", "step", *known, "source_accuracy"]]
    return table.assign(phase=[trajectory.course.phase(frame) for frame in range(len(table))])


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8, one header line, newlines as on Unix."""
    return csv_text(table).encode()


def as_parquet(table: pd.DataFrame, origin: str) -> bytes:
    """Parquet whose schema holds the JSON `origin` under the key 'entropy-enigma'."""
    converted = arrow.Table.from_pandas(table, preserve_index=False)
    metadata = {**(converted.schema.metadata or {}), KEY.encode(): origin.encode()}
    file = io.BytesIO()
    parquet.write_table(converted.replace_schema_metadata(metadata), file, compression="zstd")
    return file.getvalue()


WRITERS: dict[str, Callable[[pd.DataFrame, str], bytes]] = {
    "csv": lambda table, origin: as_csv(table),
    "parquet": as_parquet,
}
"""From a table and the JSON that says where it comes from to the bytes of a file, by format."""
