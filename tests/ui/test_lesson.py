"""The story of the Learn page: its numbers are the run's, and what it says of the bundled run is true."""

import re
import tomllib
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from enigma.analysis.lesson import story as lesson
from enigma.analysis.reading import trajectory as loaded
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import inline
from enigma.figures.shared.palette import COLORS
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.pages.learn.page import COLORED_BY


@pytest.fixture(scope="module")
def run() -> Run:
    return Home.default().example()


@pytest.fixture(scope="module")
def bundled(run: Run) -> Trajectory:
    return loaded(run, "umap")


@pytest.fixture(scope="module")
def told(run: Run, bundled: Trajectory) -> list[lesson.Part]:
    return lesson.parts(bundled, run.spec, run.facts["clean_accuracy"])


def test_story_has_eight_parts_of_two_to_four_sentences(told: list[lesson.Part]) -> None:
    assert len(told) == 8
    for part in told:
        sentences = re.split(r"(?<=[.:])\*{0,2} (?=[*A-Z])", re.sub(r"ln \d+ = [\d.]+", "", part.text))
        assert 2 <= len([s for s in sentences if not s.endswith(":")]) <= 5, part.heading
        assert "{" not in part.text + part.note + part.caption + part.symbols


def test_every_link_leads_to_a_recorded_step_and_a_known_colouring(
    told: list[lesson.Part], bundled: Trajectory
) -> None:
    for part in told:
        assert part.step in bundled.steps
        assert part.color in COLORS
        assert part.color in COLORED_BY


def test_no_number_of_the_run_is_typed_into_the_story(bundled: Trajectory) -> None:
    """A sentence may hold numbers of the paper; those of the run stand in braces."""
    text = resources.files("enigma.analysis.lesson").joinpath("story.toml").read_text(encoding="utf-8")
    story = tomllib.loads(text)
    typed = {n for part in story["parts"] for n in re.findall(r"\d[\d,.]*\d|\d", part["text"] + part.get("note", ""))}
    # Names, and facts of the papers: ResNet-50, rho, shares, steps, the severity and number of a figure.
    known = {"0", "1", "2", "5", "6", "13", "95", "50", "98", "0.70", "0.79", "50,000", "1,000", "5.75", "23", "0.4"}
    assert typed <= known


def test_numbers_equal_the_table_of_the_run_written_on_disk(run: Run, bundled: Trajectory) -> None:
    """Another route: predictions, labels and entropies from the frames, not the metrics the story is filled from."""
    found = lesson.numbers(bundled, run.spec, run.facts["clean_accuracy"])
    accuracy = (bundled.predictions == bundled.labels).mean(axis=1)
    best = int(np.argmax(accuracy))
    assert found["accuracy_first"] == f"{100 * accuracy[0]:.1f}"
    assert found["accuracy_best"] == f"{100 * accuracy[best]:.1f}"
    assert found["gain"] == f"{100 * (accuracy[best] - accuracy[0]):.1f}"
    assert found["lost"] == f"{100 * (accuracy[best] - accuracy[-1]):.1f}"
    assert found["entropy_last"] == f"{bundled.entropies[-1].mean():.2f}"
    flipped = bundled.predictions[-1] != bundled.predictions[0]
    assert found["flips"] == str(flipped.sum())
    ranks = pd.Series(bundled.confidences[0]).rank() / len(flipped)
    weighted = float(ranks[flipped].sum())
    assert float(found["weighted"]) == pytest.approx(weighted, abs=0.1)
    assert float(found["estimate"]) == pytest.approx(0.00036 * weighted**2 - 0.32 * weighted + 75.66, abs=0.1)
    names = pd.Series([bundled.classes[k] for k in bundled.predictions[-1]]).value_counts()
    assert {found["crowded_one"], found["crowded_two"]} == set(names.index[:2])
    assert found["crowded"] == f"{100 * names.iloc[:2].sum() / names.sum():.0f}"


def test_what_the_story_claims_of_the_bundled_run_is_true(run: Run, bundled: Trajectory) -> None:
    metrics, named = bundled.metrics, lesson.steps(bundled)
    best, turned = bundled.frame_at(named["best"]), bundled.frame_at(named["turned"])
    assert (run.spec.method, run.spec.corruption, run.spec.model) == ("tent", "impulse_noise", "resnet-bn")
    assert bundled.source_accuracy < metrics["accuracy"][0] < metrics["accuracy"][best]
    assert metrics["accuracy"][0] - bundled.source_accuracy > metrics["accuracy"][best] - metrics["accuracy"][0]
    assert (np.diff(metrics["entropy"]) < 0).all()
    assert metrics["silhouette"][0] < metrics["silhouette"][best] < metrics["silhouette"][-1]
    assert metrics["shift_distance"][best] < metrics["shift_distance"][0] < metrics["shift_distance"][-1]
    # Success, approach, failure and leave, each beyond its error.
    evidence, last = bundled.evidence, len(bundled.steps) - 1
    assert set(bundled.course.spans) == {1, 2}
    assert evidence.distance(0, best).direction == -1
    assert evidence.distance(best, last).direction == 1
    assert named["best"] < named["nearest"] < named["turned"] < named["last"]
    assert bundled.source_accuracy < metrics["accuracy"][-1] < metrics["accuracy"][0]
    mean_entropy = metrics["prediction_entropy"]
    assert mean_entropy[0] - mean_entropy[best] < 0.1 * (mean_entropy[0] - mean_entropy[-1])
    assert mean_entropy[turned] <= (mean_entropy[0] + mean_entropy[-1]) / 2 < mean_entropy[turned - 1]


def test_experiments_are_specs_that_differ_from_the_default_run() -> None:
    for experiment in lesson.experiments():
        fields = {name: value for name, value in experiment.fields.items() if name in RunSpec.model_fields}
        settings = {name: value for name, value in experiment.fields.items() if name not in fields}
        spec = RunSpec.parse({**fields, "settings": settings})
        assert spec.to_dict() != RunSpec().to_dict()
        assert experiment.command.startswith("enigma run --")
    assert 3 <= len(lesson.experiments()) <= 4


def test_commands_of_the_experiments_are_understood_by_the_command_line() -> None:
    from click.testing import CliRunner

    from enigma.cli import main

    for experiment in lesson.experiments():
        # One bad option more, so that nothing runs: it is the only thing complained of.
        result = CliRunner().invoke(main.cli, [*experiment.command.split()[1:], "--seed", "-1"])
        assert str(result.exception).count("Expected") == 1
        assert "seed" in str(result.exception)


def test_sources_are_links() -> None:
    assert all(entry["link"].startswith("https://") for entry in lesson.sources())


@pytest.mark.parametrize("color", COLORS)
def test_small_pictures_have_an_alternative_and_the_colour_of_the_text(bundled: Trajectory, color: str) -> None:
    svg = inline.projection(bundled, 13, color, 'a "picture" <of> points')
    assert 'aria-label="a &quot;picture&quot; &lt;of&gt; points"' in svg
    assert "#ffffff" not in re.sub(r"data:[^\"]*", "", svg).lower()
    assert len(svg) < 300_000


def test_curves_write_their_values_at_the_marks_in_the_colour_of_the_text(bundled: Trajectory) -> None:
    svg = inline.over_steps(bundled, ("accuracy", "shift_distance"), {0: "", 13: "best"}, "curves")
    assert "best 69.0" in svg
    assert "2.20" in svg
    assert "currentColor" in svg
    assert "#010203" not in svg


def test_same_run_gives_the_same_picture(bundled: Trajectory) -> None:
    assert inline.entropies(bundled, (0, 500), "x") == inline.entropies(bundled, (0, 500), "x")


def test_mosaic_shows_the_first_probe_images_in_order(bundled: Trajectory) -> None:
    from enigma.store.thumbnails import tiles

    cut = tiles(bundled.thumbnails, bundled.thumbnail_columns, bundled.thumbnail_size)
    sheet = np.asarray(inline.mosaic(bundled, 8, 5))[::4, ::4]
    assert (sheet[32:64, 96:128] == cut[8 + 3]).all()


def test_three_parts_move_and_the_first_phase_and_the_second_are_among_them(
    told: list[lesson.Part], bundled: Trajectory
) -> None:
    moving = {number: part.plays for number, part in enumerate(told, start=1) if part.plays}
    best, last = bundled.phase_boundary, int(bundled.steps[-1])
    assert moving == {2: (0, last), 4: (0, best), 6: (best, last)}


def test_every_part_has_notes_for_whoever_speaks(told: list[lesson.Part]) -> None:
    assert all(20 <= len(part.notes.split()) <= 60 and "{" not in part.notes for part in told)


def test_failure_of_the_estimate_stands_in_the_open_text_with_the_error_that_the_reproduction_has(
    told: list[lesson.Part],
) -> None:
    from enigma.spec.assets import asset

    splits = pd.read_csv(asset("paper", "figure-6", "figure-6.csv")).query("not fitted_on")
    error = 100 * (splits["published_f"] - splits["accuracy"]).abs().mean()
    assert f"on {len(splits)} other shifts of these images the same function errs by **{error:.1f} points**" in (
        told[6].text
    )


# Words that somebody who has never heard of the field does not know.
FOREIGN = (
    "BatchNorm", "Tent", "RDumb", "ETA", "nats", "frame 0", "source model", "source accuracy", "centroid distance",
    "silhouette score", "shift distance", "entropy of the mean prediction", "weighted flips", "phase 1", "phase 2",
    "confidence", "step",
)  # fmt: skip


@pytest.mark.parametrize("word", FOREIGN)
def test_a_foreign_word_is_explained_where_the_open_text_first_uses_it(told: list[lesson.Part], word: str) -> None:
    """On hover, as a word of the glossary, or in the sentence itself, which then sets it in italics."""
    from enigma.figures.web.lecture.marking import marked

    text = next(part.text for part in told if re.search(rf"\b{word}\b", part.text))
    told_on_hover = re.search(rf'<abbr title="[^"]*">{word}</abbr>', marked(text), re.IGNORECASE)
    assert told_on_hover or f"*{word}*" in text


def test_open_text_is_read_in_five_minutes(told: list[lesson.Part]) -> None:
    # Two hundred words a minute, which is slow.
    assert sum(len(f"{part.heading} {part.text} {part.caption}".split()) for part in told) <= 1000
