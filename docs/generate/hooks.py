"""What MkDocs calls while it builds the site: adds the pages of the methods, and fills in the tables."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from jinja2 import Environment, StrictUndefined  # noqa: E402
from mkdocs.config.defaults import MkDocsConfig  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402
from mkdocs.structure.pages import Page  # noqa: E402

from docs.generate import bundled, citations, method_pages, reference, results, tutorial  # noqa: E402
from enigma import __version__  # noqa: E402
from enigma.spec.assets import asset  # noqa: E402
from enigma.spec.methods import METHODS  # noqa: E402

PICTURES = {
    "watch-light.png": ("pictures", "watch-light.png"),
    "watch-dark.png": ("pictures", "watch-dark.png"),
    "unknowns-light.png": ("pictures", "unknowns-light.png"),
    "functional-light.png": ("pictures", "functional-light.png"),
    "paper-figure-4.png": ("paper", "figure-4", "figure-4.png"),
}
"""Pictures of the package that the site shows, by their name there."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Lists the pages of the methods in the navigation, in the order of the program."""
    pages = ["methods/index.md", *({method.title: f"methods/{name}.md"} for name, method in METHODS.items())]
    config.nav = [{"Methods": pages} if entry == {"Methods": "methods/"} else entry for entry in config.nav or []]
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    """Tutorials work in an empty folder of their own."""
    tutorial.begin()


def on_post_build(config: MkDocsConfig) -> None:
    tutorial.end()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds one page a method, and pictures that lie elsewhere in the package."""
    for name, place in PICTURES.items():
        files.append(File.generated(config, f"pictures/{name}", abs_src_path=str(asset(*place))))
    for name in METHODS:
        files.append(File.generated(config, f"methods/{name}.md", content=method_pages.page(name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fills in what stands between [[ and ]], such as [[ results.stopping() ]]; an unknown name fails the build."""
    environment = Environment(
        undefined=StrictUndefined,
        variable_start_string="[[ ",
        variable_end_string=" ]]",
        block_start_string="[[%",
        block_end_string="%]]",
        comment_start_string="[[#",
        comment_end_string="#]]",
        keep_trailing_newline=True,
    )
    given = {
        "results": results, "bundled": bundled, "reference": reference, "citations": citations,
        "method_pages": method_pages, "version": __version__,
    }  # fmt: skip
    return environment.from_string(markdown).render(given)
