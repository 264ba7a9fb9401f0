"""Tables of measured numbers, from the files that the benchmarks wrote, the bundled run and the reproductions.

Nothing on a page of results is typed: a page names a function of this module, and the number comes from its file.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from enigma.analysis.projection.names import TITLES as PROJECTIONS
from enigma.spec.assets import asset
from enigma.spec.catalogue import CORRUPTIONS, METHODS, MODELS, SCORES, UNKNOWNS

DATA = Path(__file__).parents[1] / "results" / "data"
MODELS_SHOWN = ("resnet-bn", "resnet-gn", "vit-ln")


def read(name: str) -> pd.DataFrame:
    """A file of results with its cells as they were written; an empty cell is ''."""
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> str:
    """A Markdown table whose first `words` columns are text and whose others are numbers, aligned to the right.

    >>> print(table(["rule", "regret"], [["never", 4.95]]))
    | rule | regret |
    | :--- | ---: |
    | never | 4.95 |
    """
    rule = [":---"] * words + ["---:"] * (len(columns) - words)
    lines = [columns, rule, *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(mean: str, deviation: str) -> str:
    """'3.0 ± 0.3', or the mean alone of one seed."""
    return f"{mean} ± {deviation}" if deviation else mean


def search_default() -> str:
    """Gain over frame 0 and fall below the best of each shift and learning rate, in points."""
    rows = []
    for row in read("search_default").itertuples():
        best = float(row.best)
        rows.append(
            [CORRUPTIONS[row.corruption].title, row.severity, row.lr, row.source, row.frame_0,
             f"{row.best} ({row.best_step})", row.last, f"{best - float(row.frame_0):.1f}",
             f"{best - float(row.last):.1f}"]
        )  # fmt: skip
    columns = ["shift", "severity", "learning rate", "source %", "frame 0 %", "best % (step)", "last %", "gain", "fall"]
    return table(columns, rows)


def estimators() -> str:
    """Mean absolute error of each estimator in points, a column for each model and accuracy."""
    frame = read("estimators")
    cells = {(row.model, row.target, row.estimator): spread(row.mean, row.deviation) for row in frame.itertuples()}
    columns = list(dict.fromkeys((model, target) for model, target, _ in cells))
    names = dict.fromkeys(frame["estimator"])
    rows = [[name, *(cells.get((*column, name), "–") for column in columns)] for name in names]
    return table(["estimator", *(f"`{model}`: {target}" for model, target in columns)], rows)


def stopping() -> str:
    """Mean regret of each rule, in brackets the worst result against frame 0, in points."""
    frame = read("stopping")
    cells = {(row.rule, row.model): f"{row.mean_regret} ({row.worst_against_frame_0})" for row in frame.itertuples()}
    models = list(dict.fromkeys(frame["model"]))
    rows = [[rule, *(cells[rule, model] for model in models)] for rule in dict.fromkeys(frame["rule"])]
    return table(["rule", *(f"`{model}`" for model in models)], rows)


def stopping_alarm() -> str:
    """How often the collapse alarm rang."""
    rows = [
        [row.ends, row.runs, row.rang, f"{100 * int(row.rang) / int(row.runs):.0f} %"]
        for row in read("stopping_alarm").itertuples()
    ]
    return table(["accuracy at the end", "runs", "alarm rang", "share"], rows)


def heads() -> str:
    """Accuracy on known images and detection of unknown ones, a column for each head."""
    frame = read("heads")
    cells = {(row.measure, row.unknown, row.head): spread(row.mean, row.deviation) for row in frame.itertuples()}
    scores = dict(zip(frame["head"], frame["score"], strict=True))
    rows = []
    for measure, unknown in dict.fromkeys((measure, unknown) for measure, unknown, _ in cells):
        what = UNKNOWNS[unknown].title if unknown else "all ten classes"
        what = "eight classes" if measure == "accuracy" and unknown else what
        rows.append([f"{measure}: {what}", *(cells[measure, unknown, head] for head in scores)])
    return table(["%", *(f"{head} ({SCORES[score].title})" for head, score in scores.items())], rows)


def heads_accuracy() -> str:
    """Accuracy on all 10,000 clean test images."""
    rows = [[row.head, row.seeds, spread(row.mean, row.deviation)] for row in read("heads_accuracy").itertuples()]
    return table(["head", "seeds", "accuracy %"], rows)


def heads_scores() -> str:
    """Mean AUROC of every score and head."""
    frame = read("heads_scores")
    cells = {(row.score, row.head): row.auroc for row in frame.itertuples()}
    heads = list(dict.fromkeys(frame["head"]))
    rows = [[SCORES[score].title, *(cells.get((score, head), "–") for head in heads)] for score in SCORES]
    return table(["score", *heads], rows)


def unknown_adapting() -> str:
    """AUROC and accuracy while each head is adapted in each way."""
    measured = ("auroc_source", "auroc_frame_0", "auroc_best_accuracy", "auroc_last", "accuracy_frame_0",
                "accuracy_best", "accuracy_last")  # fmt: skip
    rows = [
        [row["head"], row["method"], *(spread(row[name], row[f"{name}_deviation"]) for name in measured),
         row["step_best_accuracy"], row["step_best_auroc"]]
        for _, row in read("unknown_adapting").iterrows()
    ]  # fmt: skip
    columns = ["head", "method", "AUROC: source", "frame 0", "at best accuracy", "last", "accuracy: frame 0", "best",
               "last", "step of best accuracy", "step of best AUROC"]  # fmt: skip
    return table(columns, rows, words=2)


def functional() -> str:
    """Best accuracy, its step, and the last, of Tent and of the four forms of the functional."""
    frame = read("functional")
    methods = list(dict.fromkeys(frame["method"]))
    rows = []
    for (model, corruption), group in frame.groupby(["model", "corruption"], sort=False):
        cells = {row.method: f"{row.best} ({row.best_step}) → {row.last}" for row in group.itertuples()}
        first = group.iloc[0]
        rows.append([model, corruption, first["source"], first["frame_0"], *(cells[method] for method in methods)])
    return table(["model", "shift", "source", "frame 0", *(METHODS[name].title for name in methods)], rows, words=2)


def functional_against_tent() -> str:
    """In how many rows each form is better than Tent or ties with it, and where it ends against frame 0."""
    frame = read("functional").astype({"best": float, "last": float, "frame_0": float})
    tent = frame[frame["method"] == "tent"].set_index(["model", "corruption"])
    rows = []
    for method, group in frame.groupby("method", sort=False):
        mine = group.set_index(["model", "corruption"])
        better = [
            f"{(mine[column] > tent[column]).sum()} ({(mine[column] == tent[column]).sum()})"
            for column in ("best", "last")
        ]
        end = (mine["last"] - mine["frame_0"]).mean()
        rows.append([METHODS[str(method)].title, *(better if method != "tent" else ("–", "–")), f"{end:+.1f}"])
    return table(["method", "best: better (ties)", "last: better (ties)", "last less frame 0, mean"], rows)


def layerwise() -> str:
    """What layer-wise forward learning leaves of the information: before the first step and after the last."""
    found = json.loads(asset("layerwise", "fashion-mnist.json").read_text(encoding="utf-8"))
    rows = [
        [width, *(f"{found['entropy'][step][layer]:.2f}" for step in (0, -1)),
         *(f"{100 * found[name][step][layer]:.0f}" for name in ("readout", "readout_standardised") for step in (0, -1))]
        for layer, width in enumerate(found["settings"]["widths"])
    ]  # fmt: skip
    columns = ["units of the layer", "entropy before, bits", "after", "read out before, %", "after",
               "units scaled: before, %", "after"]  # fmt: skip
    return table(columns, rows)


def method_cost(only: str = "") -> str:
    """CPU time of a step relative to Tent's; of one method, or of all."""
    rows = [
        [METHODS[row.method].title, f"`{row.model}`", row.times_tent]
        for row in read("method_cost").itertuples()
        if only in ("", row.method)
    ]
    return table(["method", "model", "times Tent"], rows, words=2) if rows else ""


def methods(only: str = "") -> str:
    """Accuracy at frame 0, at its best and at the end, of one method or of all, on the three bundled models."""
    frame = read("methods")
    cells = {(row.method, row.model): f"{row.frame_0} / {row.best} / {row.last}" for row in frame.itertuples()}
    names = [name for name in dict.fromkeys(frame["method"]) if only in ("", name)]
    rows = [[METHODS[name].title, *(cells.get((name, model), "–") for model in MODELS_SHOWN)] for name in names]
    return table(["method", *(f"`{model}`" for model in MODELS_SHOWN)], rows) if rows else ""


def scrub() -> str:
    """From input to painted picture."""
    rows = [[f"{int(row.points):,}", row.frames, row.median_ms, row.p95_ms] for row in read("scrub").itertuples()]
    return table(["points", "frames", "median, ms", "95th percentile, ms"], rows, words=0)


def coverage() -> str:
    """How often intervals held the truth, in percent, with its own interval, a column a nominal level."""
    frame = read("coverage")
    names = {"source": "source model", "frame 0": "frame 0", "adapted": "adapted model",
             "change": "change, adapted less frame 0"}  # fmt: skip
    levels = list(dict.fromkeys(frame["nominal"]))
    rows = []
    for (model, images, target), own in frame.groupby(["model", "images", "target"], sort=False):
        cells = {
            row.nominal: f"{row.held} ({row.low}–{row.high}; {row.width})" if row.held else "none"
            for row in own.itertuples()
        }
        rows.append([f"`{model}`", own["splits"].iloc[0], f"{int(images):,}", names[target],
                     *(cells[level] for level in levels)])  # fmt: skip
    columns = ["model", "splits", "images", "of", *(f"nominal {level} %" for level in levels)]
    return table(columns, rows, words=4)


def bundled_models() -> str:
    """The classifiers that come with the package, from their cards."""
    rows = []
    for name in MODELS:
        card = json.loads(asset("models", f"{name}.json").read_text(encoding="utf-8"))
        clean = f"{100 * card['clean_accuracy']:.2f} %"
        rows.append([f"`{name}`", MODELS[name].title, f"{card['parameters']:,}", clean, card["licence"]])
    return table(["name", "what", "parameters", "clean accuracy", "licence"], rows, words=2)


def paper() -> str:
    """The reproductions with the verdict that their criteria gave, and what limits it."""
    limits = read("paper_limits").set_index("name")["limit"]
    rows = []
    for path in sorted(asset("paper").glob("*/*.json"), key=lambda path: _numbered(path.stem)):
        found = json.loads(path.read_text(encoding="utf-8"))
        limit = limits.get(found["name"], "")
        rows.append([f"`{found['name']}`", _title(found["name"]), found["verdict"], found["recorded"], limit])
    return table(["name", "what", "verdict", "runs", "what limits it"], rows, words=5)


def paper_criteria() -> str:
    """Every criterion: what it wants, the paper's number, ours with its interval, and what became of it."""
    from enigma.reproduce.registry import REPRODUCTIONS
    from enigma.reproduce.stored import cells
    from enigma.reproduce.stored import read as read_stored

    rows = []
    for name in REPRODUCTIONS:
        found = read_stored(asset("paper", name), name)
        assert found is not None, name
        rows += [[f"`{name}`", *cells(one)] for one in found.judgements]
    return table(["name", "quantity", "paper", "wanted", "here", "95 % interval", "verdict"], rows, words=3)


def paper_rules() -> str:
    """When the criteria were written, and what was known then."""
    from enigma.reproduce.criteria import criteria

    return f"Written on {criteria().written.isoformat()}. {criteria().note}"


def paper_findings() -> str:
    """What each reproduction found, a list under the paper's claim."""
    from enigma.reproduce.registry import REPRODUCTIONS

    parts = []
    for name, reproduction in REPRODUCTIONS.items():
        path = asset("paper", name, f"{name}.json")
        found = json.loads(path.read_text(encoding="utf-8"))
        lines = [f"- {finding['text']}" for finding in found["findings"]]
        parts.append("\n".join([f"### {name}: {reproduction.title}", f"*The paper:* {reproduction.claim}", "", *lines]))
    return "\n\n".join(parts)


def _title(name: str) -> str:
    from enigma.reproduce.registry import REPRODUCTIONS

    return REPRODUCTIONS[name].title


def _numbered(name: str) -> tuple[str, int]:
    kind, _, number = name.partition("-")
    return kind, int(number)


def projections(half: str = "judged") -> str:
    """What each projection shows of each run; the change to the least centroid distance in percent."""
    rows = []
    for _, row in read("projections").iterrows():
        if row["half"] == half:
            rows.append(
                [f"`{row['model']}`", f"{CORRUPTIONS[row['corruption']].title} {row['severity']}",
                 PROJECTIONS[row["projection"]], *(row[name] for name in ("true", "drawn", "true_growth",
                 "drawn_growth", "falling", "rising", "image", "trust", "apart", "unlabelled"))]
            )  # fmt: skip
    columns = ["model", "shift", "projection", "approach %: true", "drawn", "growth: true", "drawn", "falling",
               "rising", "image by image", "trustworthiness", "centroids apart", "approach % unlabelled"]  # fmt: skip
    return table(columns, rows, words=3)


def projection_goals(half: str = "judged") -> str:
    """How many runs reach each goal."""
    rows = [
        [row["words"], *(row[name] or "–" for name in PROJECTIONS)]
        for _, row in read("projection_goals").iterrows()
        if row["half"] == half
    ]
    return table(["goal", *PROJECTIONS.values()], rows)


def visible_training() -> str:
    """How many of the training images are seen on the painted picture, on each screen."""
    rows = [
        [row.screen, row.theme, row.step, row.seen_percent, row.canvas_percent]
        for row in read("visible_training").itertuples()
    ]
    return table(["screen", "theme", "step", "training images seen, %", "of the canvas used, %"], rows, words=2)


def recorded_again() -> str:
    """How far the bundled run is off, recorded again under each condition."""
    shown = ("embeddings", "entropies", "label_log_probabilities")
    rows = [
        [row["condition"], f"{row['identical']} of {row['arrays']}", row["ranks_changed_percent"]]
        + [row[name] if float(row[name]) == 0 else f"{row[name]} (step {row[f'{name}_step']})" for name in shown]
        for _, row in read("recorded_again").iterrows()
    ]
    columns = [
        "recorded again with",
        "arrays of the same bits",
        "class ranks changed, %",
        "embeddings",
        "entropies, nats",
    ]
    return table([*columns, "log probability of the label, nats"], rows)


def mutants() -> str:
    """How many small changes of each module the tests noticed."""
    rows = [
        [f"`{row.module}`", row.mutants, row.killed, row.survived, row.unreached, row.score]
        for row in read("mutants").itertuples()
    ]
    return table(["module", "changes", "noticed", "survived", "not run by these tests", "noticed, %"], rows)


def projection_seconds() -> str:
    """How long a new process takes."""
    rows = [
        [row.frames, f"{int(row.images):,}", row.seconds, row.largest_memory_gib]
        for row in read("projection_seconds").itertuples()
    ]
    return table(["frames", "test images", "seconds", "largest memory, GiB"], rows, words=0)


def tried_models() -> str:
    """What came of each model that was tried."""
    return _tried("tried_models", "framework")


def tried_images() -> str:
    """What came of each layout of images that was tried."""
    return _tried("tried_images", "layout")


def _tried(name: str, kind: str) -> str:
    rows = ([row.kind, row.what, f"`{row.options}`", _escaped(row.result)] for row in read(name).itertuples())
    return table([kind, "what", "options", "what came of it"], rows, words=4)


def _escaped(text: str) -> str:
    """Words of the program, as they are."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
