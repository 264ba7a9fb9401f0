"""The lesson as files."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from enigma.analysis.lesson.story import Part, parts
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.reading import trajectory as loaded
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files.export import export
from enigma.figures.print import handout, saving
from enigma.figures.print.formula import formula
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin
from enigma.spec.errors import InputError
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.words import ruled_out


@pytest.fixture(scope="module")
def run() -> Run:
    return Home(Path("nowhere")).example()


@pytest.fixture(scope="module")
def bundled(run: Run) -> Trajectory:
    return loaded(run, DEFAULT)


@pytest.fixture(scope="module")
def told(run: Run, bundled: Trajectory) -> list[Part]:
    return parts(bundled, run.spec, run.facts["clean_accuracy"])


@pytest.fixture(scope="module")
def page(run: Run, bundled: Trajectory) -> str:
    return export(run, bundled, Export("lesson")).decode()


def test_page_holds_every_part_with_its_notes_and_asks_no_network(page: str, told: list[Part]) -> None:
    assert page.count('class="ee-moving"') == 3
    for number, part in enumerate(told, start=1):
        assert f'<section class="st-key-part-{number}">' in page
        assert part.heading in page
    assert len(re.findall(r'<details class="ee-notes">', page)) == 8
    assert "default-src 'none'" in page
    assert re.findall(r'(?:src|href)="(?!data:|#|\?part|https://)[^"]*"', page) == []
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', page) == []
    assert len(page) < 3_000_000


def test_no_two_pictures_of_the_page_share_a_name(page: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_text_of_the_page_has_no_word_that_is_ruled_out(told: list[Part]) -> None:
    for part in told:
        text = f"{part.heading} {part.text} {part.note} {part.notes} {part.caption}"
        assert ruled_out(text) == [], part.heading


def test_handout_is_one_page_of_a4_that_holds_every_step(run: Run, bundled: Trajectory, told: list[Part]) -> None:
    reader = PdfReader(io.BytesIO(export(run, bundled, Export("lesson", "pdf"))))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    text = " ".join(reader.pages[0].extract_text().split())
    for part in told:
        assert " ".join(part.heading.split()[:4]) in text
    assert "62.9 %" in text


def test_nothing_on_the_handout_lies_outside_the_page_or_over_another_text(
    run: Run, bundled: Trajectory, told: list[Part]
) -> None:
    wanted = Export("lesson", "pdf")
    with saving.settings():
        figure = handout.handout(bundled, told, Origin.of(run), wanted)
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.texts]
    width, height = figure.bbox.width, figure.bbox.height
    for box in boxes:
        assert 0.03 * width <= box.x0
        assert box.x1 <= 0.97 * width
        assert 0.01 * height <= box.y0
        assert box.y1 <= 0.99 * height
    overlapping = [
        (one, other) for index, one in enumerate(boxes) for other in boxes[index + 1 :]
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 1 and min(one.y1, other.y1) - max(one.y0, other.y0) > 3
    ]  # fmt: skip
    assert overlapping == []
    lowest = min(axes.get_window_extent().y0 for axes in figure.axes)
    assert all(box.y1 < lowest for box in boxes[2:])


def test_gif_moves_and_says_where_it_comes_from(run: Run, bundled: Trajectory) -> None:
    picture = Image.open(io.BytesIO(export(run, bundled, Export("lesson", "gif"))))
    assert picture.n_frames > 60  # type: ignore[attr-defined]
    assert b"429b4332ba79" in picture.info["comment"]


def test_every_formula_of_the_story_is_drawn(told: list[Part]) -> None:
    for part in told:
        for tex in part.formulae:
            assert formula(tex).count("<use") + formula(tex).count("<path") > 3, tex


def test_another_run_has_no_lesson(bundled: Trajectory) -> None:
    other = next(run for run in Home(Path("tests/data")).listed() if run.id != "429b4332ba79")
    with pytest.raises(InputError, match="Expected the bundled run 429b4332ba79"):
        export(other, bundled, Export("lesson"))
