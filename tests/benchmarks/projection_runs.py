"""The runs on which projections are tried and judged, a half each; the lists were written before any was recorded.

    python tests/benchmarks/projection_runs.py --home FOLDER --data-root /usr/share/datasets/fashion-mnist

Tent by its default recipe for 200 steps on all bundled models, under corruptions with and without a phase 1, and on two
networks with embeddings of 512 dimensions, one of them of a hundred classes. What is there is skipped; about an hour on
two cores.
"""

import argparse
import sys
from pathlib import Path

import projection_networks

from enigma.images.fashion_mnist import MEAN, STD
from enigma.recording.loop import record
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home

EPOCHS = {"wide": 4, "pairs": 6}

# Model, corruption, severity. Settings are chosen on these ...
TRIAL = (
    ("resnet-bn", "impulse_noise", 4), ("resnet-bn", "contrast", 4), ("resnet-gn", "impulse_noise", 4),
    ("vit-ln", "gaussian_noise", 3), ("resnet-bn-softmax", "defocus_blur", 4), ("resnet-bn-isomax", "shot_noise", 4),
    ("resnet-bn-softmax-8-classes", "gaussian_noise", 3), ("resnet-bn-isomaxplus-8-classes", "rotation", 3),
    ("wide", "gaussian_noise", 3), ("pairs", "impulse_noise", 3),
)  # fmt: skip

# ... and reported on these.
JUDGED = (
    ("resnet-bn", "shot_noise", 5), ("resnet-bn", "fog", 4), ("resnet-bn", "elastic_transform", 5),
    ("resnet-gn", "gaussian_blur", 4), ("vit-ln", "impulse_noise", 4), ("resnet-bn-softmax", "speckle_noise", 5),
    ("resnet-bn-isomaxplus", "gaussian_noise", 3), ("resnet-bn-isomax-8-classes", "impulse_noise", 3),
    ("wide", "impulse_noise", 4), ("pairs", "gaussian_noise", 2),
)  # fmt: skip

Name = tuple[str, str, int]


def spec(name: Name, data_root: Path, made: Path) -> RunSpec:
    """The run of a name; weights and pictures that are not bundled are made first."""
    model, corruption, severity = name
    common = RunSpec(steps=200, frames=14, corruption=corruption, severity=severity)
    if model not in EPOCHS:
        return common.override(model=model)
    weights = projection_networks.trained(model, data_root, made, EPOCHS[model])
    test, training = projection_networks.pictures(model, data_root, made, corruption, severity)
    return common.override(
        model=f"projection_networks:{model}", weights=str(weights), mean=(MEAN,) * 3, std=(STD,) * 3, input_size=32,
        dataset=str(test), reference=str(training), corruption="none", method="tent", optimizer="adam", lr=3e-3,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data-root", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent))
    home = Home(arguments.home)
    home.path.mkdir(parents=True, exist_ok=True)
    listed = home.path / "projection-runs.txt"
    done = listed.read_text().splitlines() if listed.is_file() else []
    for half, names in (("trial", TRIAL), ("judged", JUDGED)):
        for name in names:
            words = " ".join(map(str, (half, *name)))
            if any(line.startswith(f"{words} ") for line in done):
                continue
            run = record(spec(name, arguments.data_root, home.path / "made"), home.runs, home.cache)
            with listed.open("a") as file:
                print(words, run.id, file=file)
            print(words, run.id, flush=True)


if __name__ == "__main__":
    main()
