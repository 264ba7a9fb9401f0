"""Whatever a command is given, a mistake is one sentence on standard error and exit status 2."""

import shlex
import sys
from pathlib import Path

import pytest

from enigma.cli.main import main
from tests.cli.test_help import COMMANDS

RUN = "429b4332ba79"

# A command line, and what its sentence must name. GARBAGE is a file of bytes without meaning, FOLDER an empty folder.
MISTAKES = [
    ("rnu", "did you mean 'run'?"),
    ("--home GARBAGE runs list", "is a file"),
    ("--colour", "--colour"),
    ("app --port nonsense", "nonsense"),
    ("app --port 99999", "65535"),
    ("calibrate", "--out"),
    ("calibrate --out FOLDER/x --severities low", "1,3,5"),
    ("calibrate --out FOLDER/x --severities 9", "severity"),
    ("calibrate --out FOLDER/x --corruptions nonsense", "nonsense"),
    ("calibrate --out FOLDER/x --second-weights w.pt", "--second-model"),
    ("calibrate --out FOLDER/x --second-model nonsense", "nonsense"),
    ("calibrate --out FOLDER/x --spec GARBAGE", "GARBAGE"),
    ("calibrate --out GARBAGE/x", "GARBAGE/x"),
    ("calibrate --out FOLDER", "is a folder"),
    ("compare", "RUN"),
    ("compare nothing", "runs list"),
    (f"compare {RUN} --out FOLDER/x.gif", "png, svg, pdf, html, csv"),
    (f"compare {RUN} --out FOLDER/x.pdf --scale cubic", "log, linear"),
    ("detect --unknown nonsense", "nonsense"),
    ("detect --keep 2", "--keep"),
    ("detect --score nonsense", "nonsense"),
    ("detect --model nonsense", "nonsense"),
    ("detect --csv GARBAGE/x.csv", "GARBAGE/x.csv"),
    ("estimate nothing", "runs list"),
    (f"estimate {RUN} --probes 20", "probes"),
    (f"estimate {RUN} --calibration GARBAGE", "GARBAGE"),
    (f"estimate {RUN} --calibration FOLDER", "FOLDER"),
    (f"estimate {RUN} --calibration FOLDER/nowhere.safetensors", "nowhere.safetensors"),
    ("estimate --model nonsense", "nonsense"),
    ("bench --rounds 0", "--rounds"),
    ("bench --model nonsense", "nonsense"),
    ("bench --against GARBAGE", "GARBAGE"),
    ("verify nothing", "runs list"),
    (f"verify {RUN} --recompute --threads 0", "--threads"),
    ("export nothing", "runs list"),
    (f"export {RUN} --what poster", "poster"),
    (f"export {RUN} --what paper --format gif", "pdf or svg or png"),
    (f"export {RUN} --what paper --steps first", "0,13,500"),
    (f"export {RUN} --what paper --width wide", "wide"),
    (f"export {RUN} --color mood", "mood"),
    (f"export {RUN} --projection mood", "umap"),
    (f"export {RUN} --out GARBAGE/run.zip", "GARBAGE/run.zip"),
    (f"export {RUN} --out FOLDER", "is a folder"),
    ("import", "FILES"),
    ("import FOLDER/nowhere.npz", "nowhere.npz"),
    ("import GARBAGE", ".npz, .parquet"),
    ("import FOLDER --steps first", "--steps"),
    ("inspect --model torchvision:resnet5@random", "did you mean 'resnet50'?"),
    ("inspect --dataset nowhere/", "nowhere"),
    ("inspect --spec FOLDER", "FOLDER"),
    ("inspect --out GARBAGE/samples.png", "GARBAGE/samples.png"),
    ("list nonsense", "nonsense"),
    ("queue nonsense", "cancel, dismiss, list"),
    ("queue cancel nothing", "queue list"),
    ("queue dismiss ../nothing", "queue list"),
    ("queue list everything", "everything"),
    ("reproduce nonsense", "figure-1"),
    ("reproduce figure-6 --only-recorded", "--only-recorded"),
    ("reproduce figure-6 --spec GARBAGE", "GARBAGE"),
    ("run --severity 7", "severity"),
    ("run --method tnet", "did you mean 'tent'?"),
    ("run --steps 0", "steps"),
    ("run --batch-size 1 --steps 2", "batch_size"),
    ("run --dataset FOLDER/", "FOLDER"),
    ("run --dataset GARBAGE", "GARBAGE"),
    ("run --spec nowhere.toml", "nowhere.toml"),
    ("run --spec GARBAGE", "GARBAGE"),
    ("run --set momentum", "NAME=VALUE"),
    ("run --resume nothing", "runs list"),
    ("run --weights GARBAGE", "GARBAGE"),
    ("run --device cuda:99", "cuda:99"),
    ("runs nonsense", "explain"),
    ("runs delete nothing --yes", "runs list"),
    ("runs delete .. --yes", "it has no run.json"),
    ("runs delete . --yes", "it has no run.json"),
    ("runs delete '' --yes", "runs list"),
    (f"runs delete {RUN} --yes", "cannot be deleted"),
    ("runs explain ../nothing", "runs list"),
    ("runs import nowhere.zip", "nowhere.zip"),
    ("runs import GARBAGE", "zip"),
    ("runs import FOLDER", "FOLDER"),
    ("runs list --sort beauty", "beauty"),
    ("runs list --filter colour:red", "colour:red"),
    ("runs note nothing", "runs list"),
    (f"runs note {RUN} words", "cannot be noted on"),
    ("runs rename nothing mine", "runs list"),
    (f"runs rename {RUN} mine", "cannot be renamed"),
    ("runs restore nothing", "in the trash"),
    ("runs restore ..", "in the trash"),
    ("runs show nothing", "runs list"),
    ("runs show ..", ".."),
    (f"runs tag {RUN} paper", "cannot be tagged"),
    ("runs trash everything", "everything"),
    (f"runs unknown {RUN}", "none"),
    (f"runs unknown {RUN} --score nonsense", "nonsense"),
    ("sweep nowhere.toml", "nowhere.toml"),
    ("sweep FOLDER", "FOLDER"),
    ("sweep GARBAGE", "GARBAGE"),
    ("train nonsense", "nonsense"),
    ("train resnet-bn --data-root GARBAGE", "GARBAGE"),
    ("train resnet-bn --leave-out Car", "Car"),
    ("train resnet-bn --fractional", "dismax"),
]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home with an empty folder of runs, a file and a folder."""
    (tmp_path / "home" / "runs").mkdir(parents=True)
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage").write_bytes(b"\x00\xff{[garbage")
    monkeypatch.setenv("ENIGMA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return {"GARBAGE": str(tmp_path / "garbage"), "FOLDER": str(tmp_path / "folder")}


@pytest.mark.parametrize(("line", "named"), MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_status_two(
    line: str, named: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for word, place in places.items():
        line, named = line.replace(word, place), named.replace(word, place)
    monkeypatch.setattr(sys, "argv", ["enigma", *shlex.split(line)])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert named in printed.err
    assert printed.err.startswith("Error: ")
    assert len(printed.err.splitlines()) == 1
    # Nothing has been made or moved.
    assert sorted(path.name for path in Path(places["FOLDER"]).parent.iterdir()) == ["folder", "garbage", "home"]


@pytest.mark.parametrize("group", ["", "runs", "queue"])
def test_a_group_without_a_command_prints_its_help(
    group: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["enigma", *group.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert "Commands:" in lines
    assert any(line.split()[:1] == ["list"] for line in lines)


def test_mistakes_are_made_with_every_command() -> None:
    made = [shlex.split(line) for line, _ in MISTAKES]
    missing = {name for name in COMMANDS if not any(words[: len(name.split())] == name.split() for words in made)}
    assert missing == set()
