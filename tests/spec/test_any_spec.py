"""Whatever a spec holds: it survives being written, and its id tells it from every other."""

import json
import math
import tomllib

from hypothesis import assume, given
from hypothesis import strategies as some

from enigma.spec.catalogue import CORRUPTIONS, METHODS, MODELS, UNKNOWNS
from enigma.spec.methods import Setting
from enigma.spec.run_spec import RunSpec
from enigma.spec.validation import SettingValue

NUMBERS = some.floats(1e-12, 1e12)
COUNTS = some.integers(10, 10**9)


def values_of(setting: Setting) -> some.SearchStrategy[SettingValue]:
    """Anything that the setting takes."""
    low, high = setting.minimum, None if math.isinf(setting.maximum) else setting.maximum
    number = some.floats(low, high, allow_infinity=False)
    if setting.choices:
        return some.sampled_from(setting.choices)
    if isinstance(setting.default, tuple):
        return some.tuples(number, number)
    return some.integers(math.ceil(low), None if high is None else int(high)) if setting.whole else number


@some.composite
def methods(draw: some.DrawFn) -> dict:
    name = draw(some.sampled_from(list(METHODS)))
    chosen = draw(some.lists(some.sampled_from(METHODS[name].settings), unique_by=lambda one: one.name)
                  if METHODS[name].settings else some.just([]))  # fmt: skip
    return {"method": name, "settings": {setting.name: draw(values_of(setting)) for setting in chosen}}


@some.composite
def streams(draw: some.DrawFn) -> dict:
    names = draw(
        some.lists(some.sampled_from(sorted(set(CORRUPTIONS) - {"none"})), min_size=1, max_size=4, unique=True)
    )
    kinds = ["continual", "gradual", "mixed"] if len(names) > 1 else [None, "gradual"]
    stream = {"corruption": ",".join(names), "sequence": draw(some.sampled_from(kinds))}
    if stream["sequence"] in ("continual", "gradual"):
        stream["period"] = draw(some.none() | some.integers(1, 10**6))
    stream["order"] = draw(some.sampled_from(["shuffled", "sorted", "sequential", "correlated"]))
    if stream["order"] == "correlated":
        stream["dirichlet"] = draw(some.none() | NUMBERS)
    return stream


@some.composite
def strangers(draw: some.DrawFn) -> dict:
    return {
        "unknown": draw(some.sampled_from(sorted(UNKNOWNS))),
        "unknown_share": draw(some.none() | some.floats(0, 0.5)),
        "unknown_loss": draw(some.sampled_from([None, "mixture", "masked", "known"])),
        "unknown_probes": draw(some.none() | COUNTS),
    }


@some.composite
def values(draw: some.DrawFn) -> dict:
    """The fields of a valid spec: types are checked at random places, which is not for a strategy to do."""
    steps = draw(some.integers(1, 10**6))
    between = draw(some.lists(some.integers(0, steps), max_size=5))
    plain = some.fixed_dictionaries(
        {
            "model": some.sampled_from(list(MODELS)),
            "severity": some.integers(1, 5),
            "optimizer": some.sampled_from(["adam", "sgd"]),
            "lr": NUMBERS,
            "batch_size": some.integers(1, 10**6),
            "frames": some.integers(2, 100) | some.just((0, *between, steps)),
            "probes": COUNTS,
            "references": COUNTS,
            "seed": some.integers(0, 2**63 - 1),
            "device": some.sampled_from(["auto", "cpu", "cuda", "cuda:3"]),
            "precision": some.sampled_from(["float32", "float64", "bfloat16"]),
        },
        optional={
            "layer": some.text(min_size=1),
            "class_names": some.text(),
            "mean": some.tuples(NUMBERS, NUMBERS, NUMBERS),
            "std": some.tuples(NUMBERS, NUMBERS, NUMBERS),
            "num_classes": some.integers(2, 10**6),
            "imbalance": some.floats(1, 1e6),
            "exclude_top_k": some.integers(1, 1000),
            "stop": some.just("suggested") | some.integers(1, 10**6),
            "reset": some.just("on-alarm") | some.integers(1, 10**6),
        },
    )
    parts = (methods(), streams(), strangers() | some.just({}), plain)
    return {"steps": steps, **{name: value for part in parts for name, value in draw(part).items()}}


@given(values())
def test_toml_and_json_bring_back_the_same_spec_of_the_same_id(fields: dict) -> None:
    spec = RunSpec.parse(fields)
    for written in (json.loads(spec.to_json()), tomllib.loads(spec.to_toml()), spec.to_dict()):
        again = RunSpec.parse(written)
        assert again == spec
        assert again.run_id("data") == spec.run_id("data")
    assert spec.override() == spec


@given(values(), values())
def test_other_specs_and_other_data_have_other_ids(one: dict, other: dict) -> None:
    first, second = RunSpec.parse(one), RunSpec.parse(other)
    assume(first != second)
    ids = {spec.run_id(data) for spec in (first, second) for data in ("data", "others")}
    assert len(ids) == 4
    assert all(len(name) == 12 and int(name, 16) >= 0 for name in ids)


@given(values())
def test_frames_begin_with_zero_end_with_the_last_step_and_ascend(fields: dict) -> None:
    spec = RunSpec.parse(fields)
    assert (spec.frame_steps[0], spec.frame_steps[-1]) == (0, spec.steps)
    assert list(spec.frame_steps) == sorted(set(spec.frame_steps))
