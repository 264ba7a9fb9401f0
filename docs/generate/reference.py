"""Tables of what there is to choose from, read from the registries of the program."""

from docs.generate.results import table
from enigma.analysis.metrics.registry import METRICS
from enigma.figures.shared.export_request import FORMATS, KINDS, WIDTHS
from enigma.spec import catalogue
from enigma.spec.catalogue import Choice
from enigma.spec.dataset_layouts import LAYOUTS
from enigma.spec.glossary import WORDS
from enigma.spec.run_spec import RunSpec


def choices(registry: str) -> str:
    """`CORRUPTIONS`, `UNKNOWNS`, `SCORES`, `DATASETS` or `ZOOS` as a table."""
    entries: dict[str, Choice] = getattr(catalogue, registry)
    rows = [[f"`{name}`", choice.title, choice.summary] for name, choice in entries.items()]
    return table(["name", "what", "description"], rows, words=3)


def exports() -> str:
    """Every export with its formats; the first format is what one gets without asking."""
    rows = [[f"`{what}`", ", ".join(f"`{one}`" for one in formats)] for what, formats in KINDS.items()]
    return table(["--what", "--format"], rows, words=2)


def formats() -> str:
    """Every kind of file that an export can be."""
    rows = [[f"`{name}`", one.title, one.help or ""] for name, one in FORMATS.items()]
    return table(["--format", "file", "note"], rows, words=3)


def widths() -> str:
    """Widths of a paper figure."""
    rows = [[f"`{name}`", f"{inches:g}", place] for name, (inches, place) in WIDTHS.items()]
    return table(["--width", "inches", "where"], rows, words=3)


def default_spec() -> str:
    """The spec of the default run, as `enigma run --spec` reads it."""
    return f"```toml\n{RunSpec().to_toml().strip()}\n```"


def metrics() -> str:
    """The metrics of a frame."""
    rows = [
        [f"`{name}`", metric.title, metric.unit or "–", metric.range, metric.help, ", ".join(metric.shown_on)]
        for name, metric in METRICS.items()
    ]
    return table(["name", "title", "unit", "range", "what it is", "shown on"], rows, words=6)


def layouts() -> str:
    """The forms in which a dataset may lie on disk, in the order in which they are tried."""
    rows = [[layout.title, layout.holds] for layout in LAYOUTS.values()]
    return table(["layout", "what lies there"], rows, words=2)


def words() -> str:
    """The glossary."""
    return table(["word", "what it means"], [[f"*{word}*", meaning] for word, meaning in WORDS.items()], words=2)
