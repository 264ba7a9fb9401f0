"""Seconds that importing takes in a new process: `python tests/benchmarks/import_seconds.py`.

The suite asserts which libraries are imported; a clock only tells how busy the machine is.
"""

import subprocess
import sys

STATEMENTS = (
    "pass",
    "import enigma",
    "import enigma; enigma.RunSpec",
    "import enigma; enigma.open_run('429b4332ba79')",
    "import enigma; enigma.adapt.build",
)
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds(statement: str, times: int = 5) -> float:
    """The least of several: what the statement itself takes, whatever else the machine does."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(times)]
    return min(float(run.stdout) for run in runs)


if __name__ == "__main__":
    for statement in STATEMENTS:
        print(f"{seconds(statement):7.3f} s  {statement}")
