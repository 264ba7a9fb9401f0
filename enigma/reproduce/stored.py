"""A reproduction as files: numbers, figure, and what it says of the paper's claim."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import enigma
from enigma.figures.print import saving
from enigma.reproduce.criteria import criteria
from enigma.reproduce.judging import Judgement, judged, overall
from enigma.reproduce.result import Finding, Reproduction, Result
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.csv_file import csv_text
from enigma.store.home import Home
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Stored:
    """What is known of a reproduction once it is made.

    Attributes:
        recorded, wanted: how many of how many runs it was made from.
        model: whose runs they are.
        findings: what was found, in sentences.
        runs: their ids.
        judgements: what became of each criterion.
        criteria: the day on which they were written.
    """

    name: str
    model: str
    recorded: int
    wanted: int
    findings: tuple[Finding, ...]
    runs: tuple[str, ...]
    program: str
    judgements: tuple[Judgement, ...]
    criteria: str

    @property
    def verdict(self) -> str:
        return overall([one.verdict for one in self.judgements])

    @property
    def coverage(self) -> str:
        if not self.wanted:
            return "computed without a run"
        return f"from {self.recorded} of {self.wanted} runs" + (f" of {self.model}" if self.model else "")

    @property
    def is_complete(self) -> bool:
        return self.recorded == self.wanted

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


def folder(home: Home, name: str) -> Path:
    """Where a reproduction is kept unless another folder is named."""
    return home.path / "paper" / name


def command(name: str) -> str:
    """What makes it."""
    return shlex.join(["enigma", "reproduce", name])


def write(
    reproduction: Reproduction, result: Result, runs: Sequence[Run], wanted: Sequence[RunSpec], out: Path
) -> Stored:
    """Writes NAME.csv, -units.csv, .png, .pdf, .md and .json into `out`; nothing in them depends on the time."""
    name = reproduction.name
    models = dict.fromkeys(spec.model for spec in wanted)
    stored = Stored(name, ", ".join(models), len(runs), len(wanted), result.findings,
                    tuple(run.id for run in runs), f"Entropy Enigma {enigma.__version__}",
                    judged(name, result.units), criteria().written.isoformat())  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.csv").write_text(csv_text(result.table, float_format="%.6g"), encoding="utf-8")
        if result.units is not None:
            units = csv_text(result.units, float_format="%.6g")
            (out / f"{name}-units.csv").write_text(units, encoding="utf-8")
        with saving.settings():
            figure, title = result.draw(), f"{name}: {reproduction.title}"
            (out / f"{name}.png").write_bytes(saving.saved(figure, "png", {"Title": title, "Software": stored.program}))
            undated = {"Title": title, "Creator": stored.program, "CreationDate": None}
            (out / f"{name}.pdf").write_bytes(saving.saved(figure, "pdf", undated))
        (out / f"{name}.md").write_text(markdown(reproduction, stored), encoding="utf-8")
        (out / f"{name}.json").write_text(json.dumps(stored.to_dict(), indent=1), encoding="utf-8")
    except OSError as error:
        raise InputError(f"Expected a folder to write to, but got: {error}; choose another with --out.") from error
    return stored


def read(out: Path, name: str) -> Stored | None:
    """What `write` left in a folder, or None where there is nothing that can be read."""
    try:
        values = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
        findings = tuple(Finding(**finding) for finding in values.pop("findings"))
        judgements = tuple(Judgement(**one) for one in values.pop("judgements"))
        values.pop("verdict")
        return Stored(**{**values, "findings": findings, "judgements": judgements, "runs": tuple(values["runs"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def markdown(reproduction: Reproduction, stored: Stored) -> str:
    """The claim, each criterion and what became of it, and what was found, for people."""
    lines = [f"# {reproduction.name}: {reproduction.title}", "", f"**The paper:** {reproduction.claim}", "",
             f"**Here:** {stored.verdict}, {stored.coverage}. Criteria of {stored.criteria}.", "",
             "| quantity | the paper | wanted | here | 95 % interval | verdict |",
             "| :--- | ---: | ---: | ---: | ---: | :--- |"]  # fmt: skip
    lines += [f"| {' | '.join(cells(one))} |" for one in stored.judgements]
    lines += ["", *(f"- {finding.text}" for finding in stored.findings)]
    lines += ["", f"![{reproduction.title}]({stored.name}.png)", "", f"The numbers are in `{stored.name}.csv`; "
              f"`{command(stored.name)}` makes all of it again. {stored.program}."]  # fmt: skip
    return "\n".join(lines) + "\n"


def cells(one: Judgement) -> tuple[str, str, str, str, str, str]:
    """Quantity, the paper's, the range wanted, ours, its interval, and the verdict with its reason, as text."""
    paper = one.paper if isinstance(one.paper, str) else f"{one.paper:.2f}"
    ours = "–" if one.ours is None else f"{one.ours:.2f}"
    interval = "–" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"
    return one.quantity, paper, one.wanted, ours, interval, one.verdict + (f": {one.why}" if one.why else "")
