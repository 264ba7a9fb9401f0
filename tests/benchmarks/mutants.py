"""Which small changes of the code the tests notice, module by module, from what `mutmut run` left in `mutants/`.

    .ci/nightly
    python tests/benchmarks/mutants.py --out docs/results/data

A mutant is a module with one operator, number, argument or word changed. One that no test runs is told apart from one
that survives its tests: it says nothing of them.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

if __package__ is None or not __package__:
    import sys

    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import result_file

# As mutmut ends the process of a mutant: a test failed, or pytest did; it went round for ever; all tests passed.
KILLED, ENDLESS, SURVIVED, UNREACHED = (1, 3), (24, -24, 36, 152, 255), (0,), (5, 33)


def counted(folder: Path) -> list[dict[str, str | int]]:
    """A row a module that has a mutant which was tried: how many there are, killed, survived, not run by any test."""
    rows: list[dict[str, str | int]] = []
    for path in sorted(folder.rglob("*.py.meta")):
        codes = Counter(json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].values())
        killed = sum(codes[code] for code in (*KILLED, *ENDLESS))
        survived, unreached = sum(codes[code] for code in SURVIVED), sum(codes[code] for code in UNREACHED)
        if killed + survived:
            rows.append(
                {"module": path.relative_to(folder).as_posix().removesuffix(".meta"), "mutants": codes.total(),
                 "killed": killed, "survived": survived, "unreached": unreached,
                 "score": f"{100 * killed / (killed + survived):.0f}"}
            )  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=Path, default=Path("mutants"), help="Where mutmut worked.")
    parser.add_argument("--least", type=float, default=0.0, help="End with 1 where the score of all is below, percent.")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    rows = counted(arguments.mutants)
    for row in rows:
        print(f"{row['score']:>4} %  {row['killed']:>4} killed  {row['survived']:>4} survived  {row['module']}")
    result_file.write(arguments.out, "mutants", rows)
    killed, survived = (sum(int(row[name]) for row in rows) for name in ("killed", "survived"))
    score = 100 * killed / max(killed + survived, 1)
    print(f"{score:.1f} % of {killed + survived:,} mutants that tests run")
    raise SystemExit(score < arguments.least)


if __name__ == "__main__":
    main()
