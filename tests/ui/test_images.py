"""What the Images page shows, apart from Streamlit and the browser."""

import base64
import io
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from enigma.analysis.metrics import prediction_flips
from enigma.figures.shared.palette import CLASS_COLORS, class_colors
from enigma.store import thumbnails
from enigma.ui.pages.images.cards import Cards, codes, data_uri, text_on
from enigma.ui.pages.images.page import EVERY_CLASS, Choices, select
from tests.factories import trajectory as synthetic


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


class Elements(HTMLParser):
    """Every element of a page with its attributes, as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_tiles_are_the_images_that_the_sprite_was_made_of() -> None:
    smooth = np.repeat(np.arange(40, dtype=np.uint8)[:, None] * 6, 32 * 32 * 3, axis=1).reshape(40, 32, 32, 3)
    cut = thumbnails.tiles(thumbnails.sprite(smooth), thumbnails.COLUMNS, thumbnails.SIZE)
    # WebP loses a little; a tile in the wrong place would be at least 6 grey levels off.
    assert np.abs(cut[:40].astype(int).mean(axis=(1, 2, 3)) - smooth.mean(axis=(1, 2, 3))).max() < 3


@pytest.mark.parametrize("grey", [True, False])
def test_picture_in_the_page_has_the_pixels_of_the_image(grey: bool) -> None:
    image = pictures(1)[0]
    image = np.repeat(image[..., :1], 3, axis=2) if grey else image
    uri = data_uri(image)
    read = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    assert read.mode == ("L" if grey else "RGB")
    assert (np.asarray(read.convert("RGB")) == image).all()


def test_codes_of_classes_all_differ() -> None:
    names = ("T-shirt", "Trouser", "Shirt", "Sneaker", "Shirt", "", "ßß", "S", "Bag", "Boot")
    assert len(set(codes(names))) == len(names)
    many = tuple(f"class {index}" for index in range(200))
    assert len(set(codes(many))) == 200


def test_letters_on_every_class_colour_have_the_contrast_that_small_text_needs() -> None:
    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for color in (*CLASS_COLORS, *class_colors(100)):
        lighter, darker = sorted((luminance(color), luminance(text_on(color))), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, color


def test_every_card_has_a_text_alternative_and_leads_to_the_step_of_its_flip() -> None:
    run = synthetic(60, 9)
    first = prediction_flips.first_flips(run)
    images = np.arange(60)
    elements = Elements(Cards(run, 5, pictures(60)).grid(images))
    alts = [attributes["alt"] for attributes in elements.all("img")]
    assert alts == [f"Probe image {i}, true class {run.classes[run.labels[i]]}" for i in range(60)]
    links = [attributes["href"] or "" for attributes in elements.all("a")]
    for image, target in enumerate(links):
        step = run.steps[first[image] if first[image] != prediction_flips.NEVER else 5]
        assert f"step={step}&color=prediction&selected={image}" in target
        assert "run=synthetic" in target


def test_strip_says_and_draws_every_prediction_in_proportion() -> None:
    run = synthetic(60, 9)
    image = int(prediction_flips.members(run, "first-to-flip", 8)[0])
    text = Cards(run, 8, pictures(60)).grid(np.array([image]))
    strip = next(a for tag, a in Elements(text).found if tag == "div" and a.get("class") == "ee-strip")
    for part in prediction_flips.stretches(run, image):
        assert f"{run.classes[part.predicted]} from step {run.steps[part.first]:,}" in (strip["aria-label"] or "")
    assert sum(int(grow) for grow in re.findall(r"flex-grow:(\d+)", text)) == len(run.steps)


def test_names_of_classes_cannot_become_markup() -> None:
    evil = '<img src=x onerror="alert(1)">'
    run = synthetic(30, 5, classes=(evil, "b", "c"), run_id='"><script>')
    cards = Cards(run, 4, pictures(30))
    elements = Elements(cards.grid(np.arange(30)) + cards.legend())
    assert {tag for tag, _ in elements.found} <= {
        "ul",
        "li",
        "div",
        "img",
        "dl",
        "dt",
        "dd",
        "span",
        "p",
        "b",
        "i",
        "a",
    }
    assert all((attributes["src"] or "").startswith("data:") for attributes in elements.all("img"))
    assert not any("onerror" in attributes for _, attributes in elements.found)


def test_unlabelled_images_say_nothing_of_right_and_wrong() -> None:
    run = synthetic(30, 5)
    run = replace(run, labels=np.full(30, -1))
    text = Cards(run, 4, pictures(30)).grid(np.arange(30))
    for word in ("true", "right", "wrong", "unknown"):
        assert f">{word}<" not in text


def test_choosing_a_class_and_a_pair_leaves_exactly_those_images() -> None:
    run = synthetic(200, 9)
    pair = prediction_flips.pairs(run, 8)[0]
    choices = Choices("most-changed", 8, EVERY_CLASS, "probe", 24, ())
    found = select(run, choices, (pair.before, pair.after)).tolist()
    moves = zip(run.predictions[0], run.predictions[8], strict=True)
    assert found == [i for i, move in enumerate(moves) if move == (pair.before, pair.after)]
    assert len(found) == pair.count
    of_class = select(run, replace(choices, kind=3), None)
    assert of_class.tolist() == [i for i in range(200) if run.labels[i] == 3]
    unlabelled = replace(run, labels=np.full(200, -1))
    assert (
        select(unlabelled, replace(choices, kind=3), None).tolist() == np.flatnonzero(run.predictions[8] == 3).tolist()
    )


def test_grid_of_a_thousand_probes_is_made_with_less_than_300_milliseconds_of_work() -> None:
    run = synthetic(1000, 18)
    drawn = pictures(1000)
    choices = Choices("most-changed", 17, EVERY_CLASS, "group", 96, ())
    times = []
    for _ in range(3):
        start = time.process_time()
        prediction_flips.pairs(run, 17)
        Cards(run, 17, drawn).grid(select(run, choices, None)[:96])
        times.append(time.process_time() - start)
    assert min(times) < 0.3, times
