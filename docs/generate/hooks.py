"""What MkDocs calls while it builds the site: adds the pages of the methods, fills in tables, runs tutorials apart."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from mkdocs.config.defaults import MkDocsConfig  # noqa: E402
from mkdocs.exceptions import PluginError  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402
from mkdocs.structure.pages import Page  # noqa: E402

from docs.generate import foreign, method_pages, tutorial  # noqa: E402
from docs.generate.rendering import rendered  # noqa: E402
from enigma.spec.assets import asset  # noqa: E402
from enigma.spec.methods import METHODS  # noqa: E402

PICTURES = {
    "finding.png": ("pictures", "finding.png"),
    "watch-light.png": ("pictures", "watch-light.png"),
    "watch-dark.png": ("pictures", "watch-dark.png"),
    "unknowns-light.png": ("pictures", "unknowns-light.png"),
    "functional-light.png": ("pictures", "functional-light.png"),
    **{
        name: ("pictures", name)
        for name in (f"projection-{step}-{theme}.png" for step in (0, 13, 500) for theme in ("light", "dark"))
    },
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


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds one page a method, and pictures that lie elsewhere in the package."""
    for name, place in PICTURES.items():
        files.append(File.generated(config, f"pictures/{name}", abs_src_path=str(asset(*place))))
    for name in METHODS:
        files.append(File.generated(config, f"methods/{name}.md", content=method_pages.page(name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return rendered(markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Nothing of the site may be loaded from elsewhere.

    Raises:
        PluginError: something is; the build fails.
    """
    tutorial.end()
    if found := foreign.of_site(Path(config.site_dir)):
        raise PluginError(f"Expected the site to load nothing from elsewhere, but got {'; '.join(found)}.")
