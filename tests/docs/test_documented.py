"""Whatever there is to call, choose or open is described in the documentation."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

import enigma
from docs.generate import command_line, method_pages
from docs.generate.rendering import rendered
from enigma.analysis.metrics.registry import METRICS
from enigma.figures.shared.export_request import FORMATS, KINDS, WIDTHS
from enigma.images.layouts import recognise
from enigma.spec.catalogue import CORRUPTIONS, DATASETS, MODELS, SCORES, UNKNOWNS, ZOOS
from enigma.spec.dataset_layouts import LAYOUTS
from enigma.spec.methods import METHODS
from enigma.store.policy import Policy
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
            assert parameter.help, f"{place.command_path} {parameter.name} has no help"


def test_reference_of_the_command_line_has_every_command() -> None:
    text = page("reference/cli.md")
    assert len(COMMANDS) > 20
    assert all(f"# {context.command_path}\n" in text for context in COMMANDS)


@pytest.mark.parametrize("name", Policy.model_fields)
def test_every_word_of_the_configuration_of_a_server_is_in_its_guide(name: str) -> None:
    assert re.search(rf"^{name} = .+ # ", WRITTEN["guides/deployment.md"], re.MULTILINE)


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


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_dataset_layout_is_in_the_guide_of_images(name: str) -> None:
    layout, text = LAYOUTS[name], page("guides/images.md")
    assert f"| {layout.title} | {layout.holds} |" in text


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (layouts.imagenet_c, "ImageNet-C"),
        (layouts.cifar_c, "CIFAR-10-C"),
        (layouts.mnist_c, "MNIST-C"),
        (layouts.flat, "a flat folder | none"),
    ],
)
def test_a_layout_is_recognised_by_the_name_that_the_guide_gives_it(write, said: str, tmp_path: Path) -> None:
    found = recognise(write(tmp_path / "set"), "zigzag" if said == "MNIST-C" else "fog")
    assert found.title.startswith(said) or not found.has_labels
    assert said in WRITTEN["guides/images.md"]


def test_every_export_has_its_formats_and_a_note() -> None:
    text = page("guides/export.md")
    for what, formats in KINDS.items():
        assert f"| `{what}` | {', '.join(f'`{one}`' for one in formats)} |" in text
        assert text.count(f"`{what}`") >= 2
    assert all(f"| `{name}` |" in text for name in (*WIDTHS, *FORMATS))


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
    text = page("reference/metrics.md")
    for name, metric in METRICS.items():
        assert f"| `{name}` | {metric.title} |" in text
        assert metric.help in text


def test_every_public_name_is_in_the_reference_of_python() -> None:
    text = WRITTEN["reference/python.md"]
    assert [
        name for name in enigma.__all__ if f"::: enigma.{name}\n" not in text and f"`enigma.{name}`" not in text
    ] == []
