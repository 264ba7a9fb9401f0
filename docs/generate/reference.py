"""Tables of what there is to choose from, read from the registries of the program."""

from docs.generate.results import table
from enigma.figures.shared.export_request import KINDS, WIDTHS
from enigma.spec import catalogue
from enigma.spec.catalogue import Choice
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


def widths() -> str:
    """Widths of a paper figure."""
    rows = [[f"`{name}`", f"{inches:g}", place] for name, (inches, place) in WIDTHS.items()]
    return table(["--width", "inches", "where"], rows, words=3)


def default_spec() -> str:
    """The spec of the default run, as `enigma run --spec` reads it."""
    return f"```toml\n{RunSpec().to_toml().strip()}\n```"


def metrics() -> str:
    """The metrics of a frame."""
    from enigma.analysis.metrics.frame_metrics import METRICS

    rows = [[f"`{name}`", metric.title, metric.unit or "–", metric.help] for name, metric in METRICS.items()]
    return table(["name", "title", "unit", "what it is"], rows, words=4)
