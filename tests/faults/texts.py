"""Inputs of text: specs, sweeps, cards, class names, maps and addresses."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from hypothesis import strategies as some

from enigma.images.class_mapping import labels_of
from enigma.images.layouts import Layout
from enigma.images.pictures import Array
from enigma.jobs import queue, sweep
from enigma.models import classifier, own_weights
from enigma.models.from_spec import load_model
from enigma.spec.assets import asset
from enigma.spec.model_spec import ModelSpec
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store import index, labels
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.address import asked, written
from tests.conftest import TINY
from tests.faults.values import JSON, NUMBERS, SCALARS, TEXTS, VALUES, as_json, mangles
from tests.stored import TINY_ID, stored

FIELDS = some.sampled_from([*RunSpec.model_fields, "sown", "Dataset", "x" * 400])
LIKELY = some.sampled_from([
    "none", "fog", "digits", "held-out", "tent", "rdumb", "resnet-bn", "cuda:99999999999", "mixture", "bundled",
    "torchvision:resnet50@nowhere", "os:abort", "a.b:c", "timm:", "suggested", "on-alarm", [0, 8], [0.5, 0.5, 0.5],
    {"reset_every": 3}, {"betas": [0.9, 2]}, {"": 1},
])  # fmt: skip
SPECS = some.dictionaries(FIELDS, VALUES | LIKELY | NUMBERS, max_size=4)
SWEEPS = some.dictionaries(
    FIELDS,
    VALUES | LIKELY | some.lists(SCALARS, max_size=3)
    | some.dictionaries(some.sampled_from(["from", "to", "step", "count", "x"]), SCALARS | NUMBERS, max_size=3),
    max_size=3,
)  # fmt: skip


def _toml(value: dict[str, Any]) -> bytes:
    try:
        return tomli_w.dumps(value).encode()
    except (TypeError, ValueError, AttributeError):
        # TOML has no null, and no text that UTF-8 lacks.
        return as_json(value)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _lines(pairs: dict[str, Any]) -> bytes:
    return b"\n".join(_bytes(f"{name} {value}") for name, value in pairs.items())


MAPS = some.dictionaries(
    some.sampled_from(["a", "b", "c"]) | TEXTS, some.sampled_from([0, "1", "bird"]) | VALUES, max_size=4
)
DEEP_TOML = (b"a = " + b"[" * 50_000, b"a = " + b"{b=" * 3_000, b"[" + b"a." * 3_000 + b"a]\nb = 1")
TOML = SPECS.map(_toml) | mangles([TINY.to_toml().encode()]) | some.sampled_from(DEEP_TOML)
SPEC_JSON = SPECS.map(as_json) | mangles([TINY.to_json().encode()]) | JSON
CARD = some.dictionaries(
    some.sampled_from([
        "classes", "mean", "std", "input_size", "resize", "clean_accuracy", "head", "layer", "interpolation",
        "architecture", "parameters",
    ]),
    VALUES | NUMBERS, max_size=3,
).map(as_json) | JSON  # fmt: skip
ADDRESSES = some.dictionaries(
    some.sampled_from([
        "run", "step", "selected", "color", "projection", "zoom", "beside", "alone", "hidden", "without", "axis",
        *RunSpec.model_fields,
    ]),
    TEXTS | NUMBERS.map(repr) | some.text("0123456789,.-abc", max_size=30), max_size=4,
)  # fmt: skip

BUNDLED = asset("models", "resnet-bn.safetensors")
MODEL = classifier.load("resnet-bn")
CLASSES = ("cat", "dog", "bird")
LAYOUT = Layout("photos", Array(np.zeros((3, 4, 4, 3), np.uint8), "photos"), np.arange(3), ("a", "b", "c"))


def spec_fields(values: dict[str, Any], folder: Path) -> None:
    _use(RunSpec.parse(values))


def spec_toml(content: bytes, folder: Path) -> None:
    _use(RunSpec.read(written_to(folder / "spec.toml", content)))


def spec_json(content: bytes, folder: Path) -> None:
    _use(RunSpec.read(written_to(folder / "spec.json", content)))


def _use(spec: RunSpec) -> None:
    assert RunSpec.parse(json.loads(spec.to_json())).run_id("data") == spec.run_id("data")
    assert RunSpec.parse(tomllib.loads(spec.to_toml())) == spec
    assert title(spec)
    assert spec.frame_steps[-1] == spec.steps


def sweeps(content: bytes, folder: Path) -> None:
    sweep.read(written_to(folder / "sweep.json", content))


def cards(content: bytes, folder: Path) -> None:
    """The card beside good weights."""
    weights = folder / "net.safetensors"
    weights.symlink_to(BUNDLED)
    written_to(folder / "net.json", content)
    load_model(ModelSpec(model="resnet-bn", weights=str(weights)))


def class_names(content: bytes, folder: Path) -> None:
    MODEL.named(own_weights.names_given(str(written_to(folder / "names.json", content))))


def class_names_of_text(content: bytes, folder: Path) -> None:
    MODEL.named(own_weights.names_given(str(written_to(folder / "names.txt", content))))


def class_maps(content: bytes, folder: Path) -> None:
    labels_of(LAYOUT, CLASSES, str(written_to(folder / "map.json", content)))


def class_maps_of_text(content: bytes, folder: Path) -> None:
    labels_of(LAYOUT, CLASSES, str(written_to(folder / "map.txt", content)))


def addresses(query: dict[str, str], folder: Path) -> None:
    """The query of a link, as far as it can be read without a browser."""
    view = asked(query, (0, 1, 3, 8), 60, live=False)
    assert asked({k: v for k, v in written(view).items() if v is not None}, (0, 1, 3, 8), 60, live=False) == view
    home = Home(folder)
    if name := query.get("run", query.get("beside", "")):
        home.find(name)


def run_labels(content: bytes, folder: Path) -> None:
    home = home_of_one(folder)
    run = Run(home.runs / TINY_ID)
    written_to(run.path / "label.json", content)
    assert [row.id for row in index.rows(home) if row.own] == [TINY_ID]
    labels.read(run)


def run_facts(content: bytes, folder: Path) -> None:
    """run.json and status.json of a run: it is listed whatever they hold."""
    home = home_of_one(folder)
    run = Run(home.runs / TINY_ID)
    written_to(run.path / ("run.json" if len(content) % 2 else "status.json"), content)
    assert [row.id for row in index.rows(home) if row.own] == [TINY_ID]
    home.readable(), home.finished()
    _ = run.spec, run.state


def jobs(content: bytes, folder: Path) -> None:
    """A job in the queue: it is listed, and can be forgotten."""
    home = Home(folder)
    home.queue.mkdir()
    name = f"{7:020d}"
    written_to(home.queue / f"{name}.json", content)
    (found,) = queue.jobs(home)
    queue.queue_of(home, found), queue.active(home)
    if found.state not in queue.ACTIVE:
        queue.dismiss(home, found)
        assert queue.jobs(home) == []


def home_of_one(folder: Path) -> Home:
    """A home with the stored tiny run, of which every file but those of JSON is a link."""
    home, source = Home(folder), stored(TINY_ID)
    for path in (path for path in source.rglob("*") if path.is_file()):
        place = home.runs / TINY_ID / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.parent == source and path.suffix == ".json":
            place.write_bytes(path.read_bytes())
        else:
            place.symlink_to(path)
    return home


def written_to(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


JOBS = some.dictionaries(
    some.sampled_from([*(f.name for f in fields(queue.Job)), "colour"]), VALUES, max_size=4
).map(lambda more: as_json({"id": f"{7:020d}", "spec": TINY.to_dict()} | more)) | JSON  # fmt: skip
FACTS = stored(TINY_ID).joinpath("run.json").read_bytes()
CHANGED_FACTS = some.dictionaries(
    some.sampled_from([*json.loads(FACTS), "broken_images", "missing", "extends", "scores"]), VALUES, max_size=2
).map(lambda more: as_json(json.loads(FACTS) | more))  # fmt: skip
LABELS = some.dictionaries(some.sampled_from(["name", "tags", "note", "x"]), VALUES, max_size=3).map(as_json) | JSON

KINDS = {
    "fields of a spec": (SPECS, spec_fields, 5),
    "spec in TOML": (TOML, spec_toml, 3),
    "spec in JSON": (SPEC_JSON, spec_json, 3),
    "sweep": (SWEEPS.map(as_json) | JSON, sweeps, 2),
    "model card": (CARD, cards, 1),
    "class names in JSON": (JSON | some.lists(VALUES, max_size=11).map(as_json), class_names, 1),
    "class names in text": (some.binary(max_size=60) | TEXTS.map(_bytes), class_names_of_text, 1),
    "class map in JSON": (MAPS.map(as_json) | JSON, class_maps, 2),
    "class map in text": (some.binary(max_size=60) | MAPS.map(_lines), class_maps_of_text, 1),
    "address": (ADDRESSES, addresses, 4),
    "label": (LABELS, run_labels, 1),
    "run.json, status.json": (CHANGED_FACTS | mangles([FACTS]) | JSON, run_facts, 1),
    "job": (JOBS, jobs, 2),
}
"""Of each kind the inputs, what reads them, and how many of them there are to one of a kind that is slow to read."""
