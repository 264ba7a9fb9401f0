"""Measures how far a run recorded again is from the stored one, with other threads and instructions than then.

    python tests/benchmarks/recorded_again.py [--run 429b4332ba79] [--python PYTHON ...] [--out docs/results/data]

Each row is one `enigma verify RUN --recompute` in a process of its own. Other processors are had by forbidding this one
instructions: ATen and oneDNN then use the kernels that they would use on a processor without them. `--python` adds the
interpreters of other environments, in which the project is installed beside another version of torch.
"""

import argparse
import json
import os
import subprocess
import sys

import result_file

# What differs, the threads (none: as recorded), and the variables of the process.
CONDITIONS = [
    ("as recorded", None, {}),
    ("1 thread", 1, {}),
    ("4 threads", 4, {}),
    ("AVX2 at most", None, {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}),
    ("SSE 4.1 only", None, {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}),
]
SHOWN = ("frames/embeddings", "frames/entropies", "frames/label_log_probabilities")
PREDICTED = "frames/top_classes"


def measured(python: str, run: str, name: str, threads: int | None, variables: dict[str, str]) -> result_file.Row:
    """One row: how many arrays keep their bits, and how far some are off at most."""
    command = [python, "-m", "enigma", "verify", run, "--recompute", "--json"]
    command += ["--threads", str(threads)] if threads else []
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")} | variables
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["recomputed"]
    arrays = {each["array"]: each for each in found["differences"]}
    row: dict[str, result_file.Cell] = {
        "condition": name,
        "identical": sum(not each["differing"] for each in arrays.values()),
        "arrays": len(arrays),
        "ranks_changed_percent": f"{100 * arrays[PREDICTED]['differing'] / arrays[PREDICTED]['entries']:.2f}",
    }
    for array in SHOWN:
        row[array.partition("/")[2]] = f"{arrays[array]['largest']:.3g}"
        row[f"{array.partition('/')[2]}_step"] = arrays[array]["step"]
    return row


def version(python: str) -> str:
    """The version of torch in another environment."""
    code = "from importlib.metadata import version; print(version('torch'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="429b4332ba79", help="of the home; default: the bundled one")
    parser.add_argument("--python", nargs="*", default=[], metavar="PYTHON", help="interpreters beside this one")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    wanted = [(sys.executable, *condition) for condition in CONDITIONS]
    wanted += [(python, f"torch {version(python)}", None, {}) for python in arguments.python]
    rows = []
    for python, name, threads, variables in wanted:
        rows.append(measured(python, arguments.run, name, threads, variables))
        print(json.dumps(rows[-1]), flush=True)
    result_file.write(arguments.out, "recorded_again", rows)


if __name__ == "__main__":
    main()
