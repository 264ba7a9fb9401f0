"""The runs behind the tables on accuracy without labels and on when to stop.

    python tests/benchmarks/splits.py --home FOLDER [--workers 2] [--seeds 0,1,2] [--models resnet-bn] [--ends]

Records Tent on every bundled model under every bundled corruption at severities 1, 3 and 5, and on clean images; what
is there already is skipped. Seeds after the first record two models and only the frames that the estimators need;
`--ends` records no more than the first and the last frame of any, which is all that an estimate needs.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from enigma.jobs import sweep
from enigma.reproduce import grid
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home


def specs(seed: int) -> list[RunSpec]:
    if seed == 0:
        return grid.models(grid.CLEAN)
    few = grid.CLEAN.override(seed=seed, frames=(0, 100, grid.STEPS))
    return [spec for model in ("resnet-bn", "vit-ln") for spec in grid.grid(few.override(model=model))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--models", help="With commas; default: all.")
    parser.add_argument("--ends", action="store_true", help="Only the first and last frame.")
    arguments = parser.parse_args()
    wanted = [one for seed in arguments.seeds.split(",") for one in specs(int(seed))]
    if arguments.models:
        wanted = [one for one in wanted if one.model in arguments.models.split(",")]
    if arguments.ends:
        wanted = [one.override(frames=(0, grid.STEPS)) for one in wanted]
    with sweep.processes(arguments.workers) as executor, tqdm(total=len(wanted), unit="run") as bar:

        def done(outcome: sweep.Outcome) -> None:
            bar.update()
            if outcome.state == "failed":
                bar.write(f"{outcome.spec.model}, {outcome.spec.corruption}: {outcome.message}")

        sweep.sweep(wanted, Home(arguments.home), executor, project=False, done=done)


if __name__ == "__main__":
    main()
