"""Whatever there is to call, choose or open is described in the documentation."""

import re
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

import enigma
from docs.generate import command_line, method_pages
from docs.generate.rendering import rendered
from enigma.figures.shared.export_request import KINDS, WIDTHS
from enigma.images.layouts import recognise
from enigma.spec.catalogue import CORRUPTIONS, DATASETS, MODELS, SCORES, UNKNOWNS, ZOOS
from enigma.spec.methods import METHODS
from enigma.ui.navigation import names
from tests.images import layouts

DOCS = Path(__file__).parents[2] / "docs"
WRITTEN = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
# What a person wrote to be read, without what is generated.
GUIDES = "\n".join(text for name, text in WRITTEN.items() if name.split("/")[0] in ("guides", "tutorials", "extending"))
COMMANDS = list(command_line.commands())


def page(name: str) -> str:
    return rendered(WRITTEN[name])


@pytest.mark.parametrize("place", COMMANDS, ids=lambda place: place.command_path)
def test_every_command_is_shown_in_a_guide_and_whole_in_the_reference(place: click.Context) -> None:
    if not isinstance(place.command, click.Group):
        assert re.search(rf"\b{place.command_path}\b", GUIDES)
    section = command_line.section(place)
    for parameter in place.command.get_params(place):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert set(parameter.opts) <= set(re.findall(r"-[\w-]+", section))


def test_reference_of_the_command_line_has_every_command() -> None:
    text = page("reference/cli.md")
    assert len(COMMANDS) > 20
    assert all(f"# {context.command_path}\n" in text for context in COMMANDS)


@pytest.mark.parametrize("name", names())
def test_every_page_of_the_app_has_its_section(name: str) -> None:
    title = import_module(f"enigma.ui.pages.{name}.page").TITLE
    assert f"\n## {title}\n" in WRITTEN["guides/app.md"]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_a_page_with_formula_settings_and_paper(name: str) -> None:
    method, text = METHODS[name], method_pages.page(name)
    assert f"# {method.title}\n" in text
    assert f"enigma run --method {name}\n" in text
    assert len(method_pages.formula(method.builder)) > 20
    for setting in method.settings:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{setting.name}` |")]
        assert setting.help in row
        assert method_pages.default(setting) in row
        assert method_pages.allowed(setting) in row
    for number in re.findall(r"\d{4}\.\d{5}", method.reference):
        assert f"https://arxiv.org/abs/{number}" in text
    assert f"]({name}.md)" in page("methods/index.md")


WRITERS = {
    "ImageNet-C": lambda root: layouts.imagenet_c(root / "ImageNet-C"),
    "CIFAR-10-C": lambda root: layouts.cifar_c(root / "CIFAR-10-C"),
    "MNIST-C": lambda root: layouts.mnist_c(root / "MNIST-C"),
    "folders": lambda root: layouts.classes(root / "classes"),
    "one flat folder": lambda root: layouts.flat(root / "flat"),
    "arrays": lambda root: npz(root),
    "tar shards": lambda root: tar(root),
}


def npz(root: Path) -> Path:
    np.savez(root / "a.npz", images=layouts.bundled(3)[0])
    return root / "a.npz"


def tar(root: Path) -> Path:
    import tarfile

    Image.fromarray(layouts.bundled(1)[0][0]).save(root / "000.input.jpg")
    (root / "000.output.cls").write_text("3")
    with tarfile.open(root / "serial.tar", "w") as archive:
        for name in ("000.input.jpg", "000.output.cls"):
            archive.add(root / name, name)
    return root / "serial.tar"


@pytest.mark.parametrize("layout", WRITERS)
def test_every_dataset_layout_is_described_as_it_is_recognised(layout: str, tmp_path: Path) -> None:
    found = recognise(WRITERS[layout](tmp_path), "fog" if "-C" in layout and layout != "MNIST-C" else "zigzag")
    (row,) = [line for line in WRITTEN["guides/images.md"].splitlines() if line.startswith(f"| {layout}")]
    has_labels = row.split("|")[3].strip() != "none"
    assert found.has_labels <= has_labels
    if "-C" in layout:
        assert found.title.startswith(layout)


def test_every_export_has_its_formats_and_a_note() -> None:
    text = page("guides/export.md")
    for what, formats in KINDS.items():
        assert f"| `{what}` | {', '.join(f'`{one}`' for one in formats)} |" in text
        assert text.count(f"`{what}`") >= 2
    assert all(f"| `{width}` |" in text for width in WIDTHS)


@pytest.mark.parametrize(
    ("where", "listed"),
    [
        ("guides/images.md", (*DATASETS, *CORRUPTIONS)),
        ("guides/models.md", (*MODELS, *(f"{zoo}:" for zoo in ZOOS))),
        ("guides/unknowns.md", (*UNKNOWNS, *SCORES)),
    ],
)
def test_every_name_to_choose_from_is_in_its_guide(where: str, listed: tuple[str, ...]) -> None:
    text = page(where)
    assert [name for name in listed if f"`{name}" not in text] == []


def test_every_metric_is_in_the_reference() -> None:
    from enigma.analysis.metrics.frame_metrics import METRICS

    text = page("reference/metrics.md")
    for name, metric in METRICS.items():
        assert f"| `{name}` | {metric.title} |" in text
        assert metric.help in text


def test_every_public_name_is_in_the_reference_of_python() -> None:
    text = WRITTEN["reference/python.md"]
    public = getattr(enigma, "__all__", ())
    assert [name for name in public if not name.startswith("_") and f"::: enigma.{name}" not in text] == []
