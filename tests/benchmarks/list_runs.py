"""How long the list of runs takes with 500 of them: the reading alone, and the server's time for the page.

    python tests/benchmarks/list_runs.py --runs 500

Records one tiny run, copies it under other ids with another seed and another time, and prints the median
of the readings and of the page's reruns, as Streamlit's own test harness runs them, without a browser.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from enigma.jobs.record_and_project import record_and_project
from enigma.spec.run_spec import RunSpec
from enigma.store import index
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import Run

TINY = RunSpec(steps=20, frames=18, probes=60, references=60, batch_size=16, device="cpu")


def copies(run: Run, count: int) -> None:
    """`count` - 1 more runs beside `run`, each with an id, a seed and a time of its own."""
    for number in range(1, count):
        run_id = hashlib.sha256(str(number).encode()).hexdigest()[:12]
        path = run.path.with_name(run_id)
        # Links are as good as copies to a reader; what differs is written anew.
        shutil.copytree(run.path, path, copy_function=os.link)
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1.7e9 + 3600 * number))
        facts = {**run.facts, "id": run_id, "created": created, "spec": run.spec.override(seed=number).to_dict()}
        Run(path).write("run.json", json.dumps(facts).encode())


def milliseconds(what: Callable[[], object], times: int = 1) -> str:
    """Median time of a call: by the clock, and of the processor, which a busy machine changes less."""
    clock, processor = [], []
    for _ in range(times):
        start, spent = time.perf_counter(), time.process_time()
        what()
        clock.append(1e3 * (time.perf_counter() - start))
        processor.append(1e3 * (time.process_time() - spent))
    return f"{statistics.median(clock):8.1f} ms, processor {statistics.median(processor):8.1f} ms"


def page_times(home: Home, times: int) -> tuple[str, str]:
    """First run of the page's script in a process that has read nothing yet, and the median of its reruns."""
    from streamlit.testing.v1 import AppTest

    os.environ[VARIABLE] = str(home.path)
    index._read.cache_clear()
    test = AppTest.from_string("from enigma.ui.pages.runs.page import page\npage()", default_timeout=120)
    first = milliseconds(test.run)
    assert not test.exception, test.exception
    return first, milliseconds(test.run, times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--times", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        copies(record_and_project(TINY, home, projections=()), arguments.runs)
        first = milliseconds(lambda: index.rows(home))
        again = milliseconds(lambda: index.rows(home), arguments.times)
        assert len(index.rows(home)) == arguments.runs + 1
        print(f"{arguments.runs} runs with {len(TINY.frame_steps)} frames each, and the bundled one")
        print(f"reading all, first time      {first}")
        print(f"reading all, again           {again}")
        first, again = page_times(home, arguments.times)
        print(f"Runs page, first time        {first}")
        print(f"Runs page, rerun             {again}")


if __name__ == "__main__":
    main()
