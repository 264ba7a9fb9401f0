"""Softmax against IsoMax against IsoMax+: clean accuracy and detection of unknown images, over seeds.

    python tests/benchmarks/train_heads.py --out FOLDER --data-root ...
    python tests/benchmarks/heads_table.py --networks FOLDER [--cache FOLDER] [--out docs/results/data]

Every head is judged by the score of its paper: entropy for softmax and IsoMax, the minimum distance (largest logit)
for IsoMax+; the best of all ten scores stands below. Known are 2,000 clean test images. In %: mean and standard
deviation over the seeds. TNR@TPR95 has known images as positive.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import result_file

from enigma.jobs.detecting import Detected, detected
from enigma.spec.catalogue import SCORES, UNKNOWNS
from enigma.spec.run_spec import RunSpec

HEADS = {"softmax": "entropy", "isomax": "entropy", "isomaxplus": "max_logit"}
METRICS = {"auroc": "AUROC", "tnr_at_tpr95_known_positive": "TNR@TPR95", "dtacc": "DTACC"}

Found = dict[tuple[str, str], list[Detected]]


def found(networks: Path, cache: Path) -> Found:
    """What every trained network makes of every unknown set it can be asked about, by head and set."""
    every: Found = defaultdict(list)
    for weights in sorted(networks.glob("seed-*/*.safetensors")):
        head = weights.stem.removeprefix("resnet-bn-").removesuffix("-8-classes")
        for name in UNKNOWNS:
            if head in HEADS and (name == "held-out") == weights.stem.endswith("-8-classes"):
                spec = RunSpec(
                    model="resnet-bn", weights=str(weights), reference="bundled", unknown=name, corruption="none",
                    probes=2000, device="cpu",
                )  # fmt: skip
                every[head, name].append(detected(spec, cache))
    return every


def spread(values: list[float]) -> str:
    deviation = f" ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    return f"{100 * np.mean(values):.1f}{deviation}" if values else "–"


def accuracy_row(every: Found, name: str) -> str:
    return " | ".join(spread([one.accuracy for one in every[head, name]]) for head in HEADS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    result_file.add_option(parser)
    arguments = parser.parse_args()
    every = found(arguments.networks, arguments.cache)
    seeds = ", ".join(f"{head} {len(every[head, 'digits'])}" for head in HEADS)
    print(f"Seeds: {seeds}; eight classes: one.\n")
    print(f"| | {' | '.join(f'{head} ({score})' for head, score in HEADS.items())} |\n|---|{'---:|' * len(HEADS)}")
    print(f"| accuracy on known images | {accuracy_row(every, 'digits')} |")
    print(f"| accuracy, eight classes | {accuracy_row(every, 'held-out')} |")
    for metric, title in METRICS.items():
        for name, choice in UNKNOWNS.items():
            cells = [
                spread([getattr(one.metrics[score], metric) for one in every[head, name]])
                for head, score in HEADS.items()
            ]
            print(f"| {title}, {choice.title} | {' | '.join(cells)} |")
    print("\nMean AUROC over the sets, each weighing the same, by score:\n")
    print(f"| score | {' | '.join(HEADS)} |\n|---|{'---:|' * len(HEADS)}")
    for score, choice in SCORES.items():
        print(f"| {choice.title} | {' | '.join(mean_auroc(every, head, score) for head in HEADS)} |")
    result_file.write(arguments.out, "heads", rows(every))
    scores = [
        {"score": score, "head": head, "auroc": auroc}
        for score in SCORES
        for head in HEADS
        if (auroc := mean_auroc(every, head, score)) != "–"
    ]
    result_file.write(arguments.out, "heads_scores", scores)
    result_file.write(arguments.out, "heads_accuracy", accuracies(arguments.networks))


def mean_auroc(every: Found, head: str, score: str) -> str:
    """The mean over the sets of the mean over the seeds of each, so that every set weighs the same."""
    measured = [
        [one.metrics[score].auroc for one in every[head, name] if score in one.known] for name in UNKNOWNS
    ]  # fmt: skip
    return spread([float(np.mean(values)) for values in measured if values]).partition(" ")[0]


def rows(every: Found) -> list[result_file.Row]:
    """A row for each head, metric and set, of the score of the head's paper."""
    found: list[result_file.Row] = []
    for name, head in ((name, head) for name in UNKNOWNS for head in HEADS):
        measured = {
            "accuracy": [one.accuracy for one in every[head, name]] if name in ("digits", "held-out") else [],
            **{
                title: [getattr(one.metrics[HEADS[head]], metric) for one in every[head, name]]
                for metric, title in METRICS.items()
            },
        }
        for measure, values in measured.items():
            if values:
                # The known images are the same whatever is unknown, but for the networks of eight classes.
                known = measure == "accuracy" and name != "held-out"
                mean, _, deviation = spread(values).partition(" ± ")
                found.append(
                    {"head": head, "score": HEADS[head], "seeds": len(values), "measure": measure,
                     "unknown": "" if known else name, "mean": mean, "deviation": deviation}
                )  # fmt: skip
    return found


def accuracies(networks: Path) -> list[result_file.Row]:
    """On all 10,000 test images, from the model cards."""
    found: list[result_file.Row] = []
    for head in HEADS:
        cards = [json.loads(path.read_text()) for path in sorted(networks.glob(f"seed-*/resnet-bn-{head}.json"))]
        values = [100 * card["clean_accuracy"] for card in cards]
        deviation = f"{np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
        found.append({"head": head, "seeds": len(values), "mean": f"{np.mean(values):.2f}", "deviation": deviation})
    return found


if __name__ == "__main__":
    main()
