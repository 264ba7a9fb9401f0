"""No table of the README or of the site is typed without a test that compares it with what it speaks of."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from enigma.cli.main import cli
from enigma.reproduce.registry import REPRODUCTIONS
from enigma.spec.assets import asset
from enigma.spec.methods import METHODS
from enigma.spec.stream_spec import StreamSpec
from enigma.spec.unknown_spec import UnknownSpec
from enigma.store.home import Home
from tests.stored import TINY_ID, stored

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tables(path: Path) -> dict[str, list[list[str]]]:
    """The typed tables of a page: the cells of their rows, by head."""
    found: dict[str, list[list[str]]] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    for place, line in enumerate(lines):
        if re.fullmatch(r"\|[-: |]+\|", line):
            rows = []
            for row in lines[place + 1 :]:
                if not row.startswith("|"):
                    break
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
            found[lines[place - 1].strip("| ").replace(" | ", ", ")] = rows
    return found


def rows(page: str, head: str) -> list[list[str]]:
    return tables(ROOT / page)[head]


def named(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0]


def coded(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def readme_libraries() -> None:
    listed = [name.strip() for row in rows("README.md", "library, why") for name in row[0].split(",")]
    assert sorted(listed) == sorted(map(named, PYPROJECT["dependencies"]))


def readme_extras() -> None:
    """Each extra has its row, and no package of it is left out, but those that another extra brings."""
    told: dict[str, list[str]] = {}
    names: list[str] = []
    for extra, brings, _ in rows("README.md", "extra, brings, why"):
        names = coded(extra) or names
        for name in names:
            told.setdefault(name, []).extend(part.strip() for part in brings.split(","))
    extras = {name: set(map(named, wanted)) for name, wanted in PYPROJECT["optional-dependencies"].items()}
    assert told.keys() == extras.keys()
    for name, wanted in extras.items():
        elsewhere = set().union(*(extras[other] for other in extras if other != name), {"streamlit"})
        assert wanted - set(told[name]) <= elsewhere, name
        assert set(told[name]) <= wanted | set().union(*extras.values()) | {"Authlib", "httpx"}, name


def packages() -> None:
    listed = [
        name for row in rows("docs/extending/architecture.md", "package, what is in it") for name in coded(row[0])
    ]
    own = [path.parent.name for path in (ROOT / "enigma").glob("*/__init__.py")]
    assert sorted(listed) == sorted(f"enigma/{name}/" for name in own)


def ideas() -> None:
    for _, files in rows("docs/extending/architecture.md", "idea, file"):
        folder = Path()
        for name in coded(files):
            # A name without a folder is beside the one before it.
            places = [ROOT / name, ROOT / "enigma" / name, folder / name]
            assert any(place.exists() for place in places), name
            folder = next(place for place in places if place.exists()).parent


def what_is_moved() -> None:
    """A method is in one row, or among 'all others'; those without a gradient move nothing."""
    by_row = {
        row[0]: re.findall(r"\]\(([\w-]+)\.md\)", row[1]) for row in rows("docs/methods/index.md", "moves, methods")
    }
    listed = [name for names in by_row.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= METHODS.keys()
    still = {name for name, method in METHODS.items() if not method.uses_gradient}
    assert set(by_row["nothing, or the predictions"]) == still


def pages_of_results() -> None:
    found = rows("docs/results/index.md", "page, what")
    linked = [re.findall(r"\]\(([\w-]+)\.md\)", page)[0] for page, _ in found]
    pages = {path.stem for path in (ROOT / "docs" / "results").glob("*.md")} - {"index"}
    assert sorted(linked) == sorted(pages)
    assert (
        f"{len(REPRODUCTIONS)} figures and tables" in dict(zip(linked, (row[1] for row in found), strict=True))["paper"]
    )


def bundled_files() -> None:
    """Sizes as they lie on the disk, and numbers of photographs and classifiers."""
    found = [row[0] for row in rows("docs/guides/images.md", "what, licence, made by")]
    told = {row.split(",")[0].split(":")[0]: row for row in found}

    def weigh(*paths: Path) -> float:
        files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
        return sum(file.stat().st_size for file in files)

    def says(start: str, size: float) -> None:
        (row,) = [text for name, text in told.items() if name.startswith(start)]
        number, unit = re.findall(r"([\d.]+) (MB|kB)", row)[0]
        assert float(number) * {"MB": 1e6, "kB": 1e3}[unit] == pytest.approx(size, rel=0.1), row

    example, *mixed = (Home.default().example(), *Home.default().examples())
    says("one recorded run", weigh(example.path))
    for run in mixed:
        says("two with digits", weigh(run.path))
    says("calibrations of the accuracy", weigh(asset("calibrations", "resnet-gn.safetensors")))
    says("one of `resnet-bn`", weigh(asset("calibrations", "resnet-bn-default-run.safetensors")))
    says("the figures and tables", weigh(asset("paper")))
    says("one layer-wise", weigh(asset("layerwise")))


def run_files() -> None:
    listed = {name for row in rows("docs/guides/run-folder.md", "file, what") for name in coded(row[0])}
    kept = {path.relative_to(stored(TINY_ID)) for path in stored(TINY_ID).rglob("*") if path.is_file()}
    for path in kept:
        shown = {"frames": "frames/000035.safetensors", "derived": "derived/"}.get(path.parts[0], path.as_posix())
        assert shown in listed, path


def home_folders() -> None:
    listed = {row[0].strip("`/") for row in rows("docs/guides/run-folder.md", "folder, what")}
    home = Home(Path("home"))
    own = {
        getattr(home, name).relative_to(home.path).parts[0] for name in ("runs", "cache", "queue", "trash", "uploads")
    }
    assert own <= listed


def stream_options() -> None:
    listed = {
        option
        for row in rows("docs/guides/streams.md", "option, what it does")
        for option in re.findall(r"--[\w-]+", row[0])
    }
    options = {one for parameter in cli.commands["run"].params for one in parameter.opts}
    assert listed <= options
    asked = {f"--{name.replace('_', '-')}" for name in StreamSpec.model_fields} - {"--batch-size"}
    assert asked <= options
    assert listed & {f"--{name.replace('_', '-')}" for name in UnknownSpec.model_fields}


CHECKED: dict[tuple[str, str], Callable[[], None]] = {
    ("README.md", "library, why"): readme_libraries,
    ("README.md", "extra, brings, why"): readme_extras,
    ("docs/extending/architecture.md", "package, what is in it"): packages,
    ("docs/extending/architecture.md", "idea, file"): ideas,
    ("docs/guides/images.md", "what, licence, made by"): bundled_files,
    ("docs/guides/run-folder.md", "file, what"): run_files,
    ("docs/guides/run-folder.md", "folder, what"): home_folders,
    ("docs/guides/streams.md", "option, what it does"): stream_options,
    ("docs/methods/index.md", "moves, methods"): what_is_moved,
    ("docs/results/index.md", "page, what"): pages_of_results,
}
ELSEWHERE = {
    ("README.md", "step, accuracy %, entropy, silhouette score, shift distance, entropy of the mean prediction"):
        "tests/test_bundled.py",
    ("docs/guides/images.md", "layout, labels, note"): "tests/docs/test_documented.py",
    ("docs/guides/export.md", "what, note"): "tests/docs/test_documented.py",
}  # fmt: skip
"""Those that another test compares."""
NUMBER = r"\d\.\d|^\d[\d,]*$|\d ?%|\d (kB|MB|GB|GiB|ms|s|hours)\b"
"""Something that was measured or counted; what stands in `code` is none."""


def test_every_typed_table_with_a_number_is_compared_with_something() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    typed = {(page.relative_to(ROOT).as_posix(), head): rows for page in pages for head, rows in tables(page).items()}
    # The size of another's package, 18 MB, is what that says.
    known = CHECKED.keys() | ELSEWHERE.keys() | {("docs/guides/models.md", "what, `--model`")}
    assert known <= typed.keys()
    for place, found in typed.items():
        cells = [re.sub(r"`[^`]*`", "", cell).strip() for row in found for cell in row]
        assert place in known or [cell for cell in cells if re.search(NUMBER, cell)] == [], place
    for test in ELSEWHERE.values():
        assert (ROOT / test).is_file()


@pytest.mark.parametrize("compare", CHECKED.values(), ids=lambda compare: compare.__name__)
def test_typed_table_is_true_of_what_it_speaks_of(compare: Callable[[], None]) -> None:
    compare()
