"""Every file of a run: what it holds, where it says it comes from, and that this can be read back."""

import base64
import html
import io
import json
import re
import shlex
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import bibtexparser
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from PIL import Image
from pypdf import PdfReader

import enigma
from enigma.analysis import reading
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.reading import trajectory as loaded
from enigma.analysis.trajectory import Trajectory
from enigma.cli import main
from enigma.figures.files import references, tables
from enigma.figures.files.export import draw, export, resolved
from enigma.figures.print import animation, publication, saving
from enigma.figures.shared import command_lines, panels
from enigma.figures.shared.export_request import KINDS, WIDTHS, Export
from enigma.figures.shared.provenance import Origin
from enigma.figures.web import explorable
from enigma.spec.catalogue import CORRUPTIONS, DATASETS, METHODS, MODELS, Method
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run


def facts_in(content: bytes, format: str) -> dict:
    """The origin as a stranger reads it, with a library of that format."""
    if format in ("png", "gif"):
        image = Image.open(io.BytesIO(content))
        return json.loads(image.text["entropy-enigma"] if format == "png" else image.info["comment"])  # type: ignore[attr-defined]
    if format == "pdf":
        return json.loads(PdfReader(io.BytesIO(content)).metadata["/Keywords"])  # type: ignore[index]
    if format == "svg":
        root = ElementTree.fromstring(content)
        return json.loads(next(e.text for e in root.iter() if e.tag.endswith("}source") and e.text))
    if format == "html":
        found = re.search(r'<meta name="entropy-enigma" content="([^"]*)">', content.decode())
        assert found
        return json.loads(html.unescape(found.group(1)))
    if format == "parquet":
        return json.loads(pyarrow.parquet.read_schema(io.BytesIO(content)).metadata[b"entropy-enigma"])
    start = content.index(b'{"run":')
    return json.JSONDecoder().raw_decode(content[start:].decode("utf-8", "ignore"))[0]


@pytest.fixture(scope="module")
def bundled_run() -> Run:
    return Home(Path("nowhere")).example()


WITH_FACTS = [
    (what, format) for what, formats in KINDS.items() for format in formats if format not in ("csv", "zip", "bib", "sh")
]


@pytest.fixture(scope="module")
def written(trajectory: Trajectory, origin: Origin) -> Iterator[Callable[[str, str], bytes]]:
    """A file of the made-up run, drawn once for all tests that only read it."""

    @cache
    def file(what: str, format: str) -> bytes:
        return draw(trajectory, origin, Export(what, format, color="correctness"))

    with pytest.MonkeyPatch.context() as patch:
        # A film of fewer dots takes a fraction of the time.
        patch.setattr(animation, "FILM_DOTS", 40)
        yield file


@pytest.mark.parametrize(("what", "format"), WITH_FACTS)
def test_every_file_names_its_run_spec_versions_and_command(
    what: str,
    format: str,
    bundled_run: Run,
    trajectory: Trajectory,
    origin: Origin,
    written: Callable[[str, str], bytes],
) -> None:
    wanted = Export(what, format, color="correctness")
    if what in ("steps", "lesson"):
        # The lesson is of the bundled run alone, as it is.
        seen = reading.trajectory(bundled_run, DEFAULT) if what == "lesson" else trajectory
        content, origin, shown = export(bundled_run, seen, wanted), Origin.of(bundled_run), wanted
    else:
        content, shown = written(what, format), resolved(wanted, trajectory)
    facts = facts_in(content, format)
    assert facts["run"] == origin.run_id
    assert RunSpec.parse(facts["spec"]) == origin.spec
    assert facts["versions"] == {**origin.versions, "exported_with": enigma.__version__}
    assert facts["digests"] == origin.digests
    assert facts["reproduce"] == command_lines.command(origin.spec, origin.run_id, shown)


@pytest.mark.parametrize("format", ["pdf", "svg", "png"])
def test_the_same_run_gives_the_same_bytes(
    trajectory: Trajectory, origin: Origin, written: Callable[[str, str], bytes], format: str
) -> None:
    assert draw(trajectory, origin, Export("paper", format, color="correctness")) == written("paper", format)


def test_pdf_has_a_title_and_no_date(trajectory: Trajectory, origin: Origin) -> None:
    words = PdfReader(io.BytesIO(draw(trajectory, origin, Export("projection", "pdf", step=10)))).metadata
    assert words is not None
    assert words["/Title"] == "Tent · Gaussian noise 3 · step 10"
    assert words["/Subject"] == f"run 0123456789ab, step 10, Entropy Enigma {enigma.__version__}"
    assert "/CreationDate" not in words


@pytest.mark.parametrize("what", ["projection", "curves", "paper"])
def test_pdf_embeds_its_fonts_as_truetype(written: Callable[[str, str], bytes], what: str) -> None:
    fonts = fonts_of(written(what, "pdf"))
    assert fonts
    assert all("/FontFile2" in font for font in fonts)


def fonts_of(content: bytes) -> list[dict]:
    page = PdfReader(io.BytesIO(content)).pages[0]
    found = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert {font["/Subtype"] for font in found} == {"/Type0"}
    return [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in found]


def test_svg_needs_no_font(written: Callable[[str, str], bytes]) -> None:
    root = ElementTree.fromstring(written("paper", "svg"))
    assert not [element for element in root.iter() if element.tag.endswith("}text")]


# The paper figure


def test_paper_figure_shows_first_boundary_and_last_unless_told_otherwise(trajectory: Trajectory) -> None:
    assert panels.chosen_steps(trajectory) == (0, 30, 100)
    assert panels.chosen_steps(trajectory, (5, 1, 100)) == (1, 100)
    assert panels.chosen_steps(replace(trajectory, phase_boundary=0)) == (0, 100)


@pytest.mark.parametrize("width", WIDTHS)
def test_paper_figure_is_as_wide_as_its_column(trajectory: Trajectory, width: str) -> None:
    wanted = Export("paper", width=width)
    figure = publication.publication_figure(trajectory, (0, 30, 100), "label", wanted.inches)
    assert figure.get_figwidth() == WIDTHS[width][0]


def test_pdf_of_a_paper_figure_has_the_size_that_was_asked_for(trajectory: Trajectory, origin: Origin) -> None:
    box = PdfReader(io.BytesIO(draw(trajectory, origin, Export("paper", "pdf", width="3.25")))).pages[0].mediabox
    assert float(box.width) / 72 == pytest.approx(3.25, abs=0.01)


@pytest.mark.parametrize(
    ("steps", "width", "color"),
    [
        ((0,), 3.25, "label"),
        ((0, 30, 100), 3.25, "entropy"),
        ((0, 30, 100), 6.75, "label"),
        ((0, 1, 10, 30, 100), 3.25, "correctness"),
        ((0, 1, 10, 30, 100), 5.5, "label"),
    ],
)
def test_nothing_in_a_paper_figure_overlaps_or_leaves_the_page(
    trajectory: Trajectory, steps: tuple[int, ...], width: float, color: str
) -> None:
    with saving.settings():
        figure = publication.publication_figure(trajectory, steps, color, width)
        figure.canvas.draw()
        page, boxes = figure.bbox, [axes.get_window_extent() for axes in figure.axes]
        everything = [
            *(axes.get_tightbbox() for axes in figure.axes),
            *(one.get_window_extent() for one in figure.legends),
        ]
    for index, box in enumerate(boxes):
        assert not [other for other in boxes[:index] if box.overlaps(other)]
    for box in everything:
        assert box.x0 >= page.x0 - 0.5
        assert box.y0 >= page.y0 - 0.5
        assert box.x1 <= page.x1 + 0.5
        assert box.y1 <= page.y1 + 0.5


def test_paper_figure_shows_the_frames_of_its_steps_on_the_same_axes(trajectory: Trajectory) -> None:
    figure = publication.publication_figure(trajectory, (0, 100), "label", 6.75)
    for axes, frame in zip(figure.axes[:2], (0, 4), strict=True):
        drawn = next(one for one in axes.collections if one.get_gid() == "test")
        np.testing.assert_allclose(np.asarray(drawn.get_offsets()), trajectory.projection.probes[frame])
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_too_many_steps_are_refused(trajectory: Trajectory) -> None:
    with pytest.raises(InputError, match="at most 8 steps"):
        panels.chosen_steps(lengthened(trajectory, 20), tuple(range(20)))


def lengthened(trajectory: Trajectory, count: int) -> Trajectory:
    """A frame a step, made by repeating the last one."""
    index = np.minimum(np.arange(count), len(trajectory.steps) - 1)
    projection, steps = trajectory.projection, np.arange(count)
    return replace(
        trajectory,
        steps=steps,
        predictions=trajectory.predictions[index],
        confidences=trajectory.confidences[index],
        entropies=trajectory.entropies[index],
        distances=trajectory.distances[index],
        distance_classes=trajectory.distance_classes[index],
        metrics={name: values[index] for name, values in trajectory.metrics.items()},
        projection=replace(projection, steps=steps, probes=projection.probes[index]),
        phase_boundary=count - 223 if count > 223 else 3,
        evidence=trajectory.evidence.of_frames(index),
    )


# The animation


def test_animation_rests_on_first_boundary_and_last_and_shows_every_frame(trajectory: Trajectory) -> None:
    plan = animation.moments(trajectory, rate=20, between=4, most=100)
    assert [moment.time for moment in plan if moment.ticks > 1] == [0, 3, 4]
    assert {0.0, 1.0, 2.0, 3.0, 4.0} <= {moment.time for moment in plan}
    assert [moment.time for moment in plan[:5]] == [0, 0.25, 0.5, 0.75, 1]
    many = lengthened(trajectory, 1000)
    kept = [moment.time for moment in animation.moments(many, rate=20, between=4, most=100)]
    assert len(kept) <= 102
    assert {0, 777, 999} <= set(kept)


def test_gif_moves_and_lasts_as_planned(trajectory: Trajectory, written: Callable[[str, str], bytes]) -> None:
    image = Image.open(io.BytesIO(written("animation", "gif")))
    plan = animation.moments(trajectory, animation.GIF_RATE, animation.GIF_BETWEEN, animation.GIF_MOST)
    duration, pictures = 0.0, set()
    for index in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(index)
        duration += image.info["duration"] / 1000
        pictures.add(image.convert("RGB").tobytes())
    assert duration == pytest.approx(sum(moment.ticks for moment in plan) / animation.GIF_RATE, abs=0.1)
    assert len(pictures) == len(plan)


def test_points_of_an_animation_lie_on_the_line_between_two_frames(trajectory: Trajectory) -> None:
    from enigma.figures.print.animation_stage import Stage

    stage = Stage(trajectory, "label")
    places = trajectory.projection.probes
    for time, expected in ((2.0, places[2]), (2.25, 0.75 * places[2] + 0.25 * places[3])):
        drawn = next(artist for artist in stage.at(time) if artist.get_gid() == "test")
        np.testing.assert_allclose(np.asarray(drawn.get_offsets()), expected, rtol=1e-6)  # type: ignore[attr-defined]


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_film_decodes_to_as_many_pictures_as_planned(
    trajectory: Trajectory, written: Callable[[str, str], bytes], format: str, tmp_path: Path
) -> None:
    import imageio_ffmpeg

    path = tmp_path / f"film.{format}"
    path.write_bytes(written("animation", format))
    plan = animation.moments(trajectory, animation.FILM_RATE, animation.FILM_BETWEEN, animation.FILM_MOST)
    frames = imageio_ffmpeg.read_frames(str(path))
    assert next(frames)["size"] == (320, 180)
    assert sum(1 for _ in frames) == sum(moment.ticks for moment in plan)


def test_film_without_ffmpeg_says_how_to_get_it(
    trajectory: Trajectory, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(animation, "has_video", lambda: False)
    with pytest.raises(InputError, match=r"entropy-enigma\[video\]"):
        draw(trajectory, origin, Export("animation", "mp4"))


# The bundled run


@pytest.fixture(scope="module")
def bundled(bundled_run: Run) -> tuple[Run, Trajectory]:
    return bundled_run, loaded(bundled_run)


def test_files_of_the_bundled_run_are_small_enough_to_mail(bundled: tuple[Run, Trajectory]) -> None:
    assert len(export(*bundled, Export("explorable"))) <= 1_200_000
    assert len(export(*bundled, Export("animation"))) < 5_000_000


# The explorable page


def test_explorable_allows_its_own_scripts_and_styles_and_nothing_else(trajectory: Trajectory, origin: Origin) -> None:
    import hashlib

    page = explorable.page(trajectory, origin, Export("explorable", step=10)).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy.group(1).startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy.group(1)
    for tag in ("style>", 'script type="module">'):
        ending = tag.split(">")[0].split()[0]
        text = page.split(f"<{tag}")[1].split(f"</{ending}>")[0]
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy.group(1)


def test_explorable_holds_no_markup_of_the_user(hostile: Trajectory, origin: Origin) -> None:
    page = explorable.page(hostile, replace(origin, title=hostile.title), Export("explorable")).decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert page.count("</title>") == 1


def test_a_large_run_gets_smaller_pictures_then_none_then_fewer_frames(
    bundled: tuple[Run, Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = bundled
    wanted, origin = Export("explorable"), Origin.of(run)
    size = len(explorable.page(whole, origin, wanted))
    bare = len(explorable.page(replace(whole, thumbnails=b""), origin, wanted))
    for limit, note in (
        (size - 1, "24 x 24"),
        (bare + 100, "left out to keep"),
        (bare - 1000, "of 18 frames are kept"),
    ):
        monkeypatch.setattr(explorable, "LARGEST", limit)
        page = explorable.page(whole, origin, wanted)
        assert len(page) <= limit
        assert note in page.decode()
    monkeypatch.setattr(explorable, "LARGEST", 1000)
    with pytest.raises(InputError, match="export its zip instead"):
        explorable.page(whole, origin, wanted)


# Tables


@pytest.mark.parametrize("what", ["frames", "points"])
def test_parquet_and_csv_hold_the_same_table(trajectory: Trajectory, origin: Origin, what: str) -> None:
    written = pd.read_csv(io.BytesIO(draw(trajectory, origin, Export(what, "csv"))), dtype={"run_id": str})
    typed = pd.read_parquet(io.BytesIO(draw(trajectory, origin, Export(what, "parquet"))))
    pd.testing.assert_frame_equal(written, typed, check_dtype=False, rtol=1e-6)
    assert (written["run_id"] == trajectory.run_id).all()


def test_steps_hold_every_update_with_the_run(bundled_run: Run) -> None:
    table = tables.steps(bundled_run)
    assert table["step"].tolist() == list(range(1, bundled_run.spec.steps + 1))
    assert (table["run_id"] == bundled_run.id).all()
    np.testing.assert_array_equal(table["entropy"], bundled_run.scalars()["entropy"])


def test_data_of_the_projection_is_what_it_shows(trajectory: Trajectory) -> None:
    table = tables.projection(trajectory, 10)
    places = {
        "test": trajectory.projection.probes[2],
        "training": trajectory.projection.references,
        "class mean": trajectory.projection.means,
    }
    for kind, expected in places.items():
        np.testing.assert_array_equal(table.loc[table["kind"] == kind, ["x", "y"]], expected)
    assert set(table["step"]) == {10}


def test_data_of_the_curves_is_what_they_show(trajectory: Trajectory) -> None:
    table = tables.curve_values(trajectory)
    np.testing.assert_array_equal(table["accuracy"], trajectory.metrics["accuracy"])
    assert table["phase"].tolist() == [1, 1, 1, 1, 2]


# Reproduce


OTHER = {
    "model": "vit-ln", "dataset": "my photos/$(x)", "corruption": "fog", "severity": 2, "order": "correlated",
    "method": "rdumb", "settings": {"reset_every": 50, "betas": [0.5, 0.25], "e_margin": None, "d_margin": 0.1},
    "optimizer": "sgd", "lr": 1 / 3e4, "batch_size": 7, "steps": 90, "frames": [0, 5, 90], "probes": 33,
    "references": 44, "seed": 12345678901, "device": "cuda:1", "precision": "bfloat16", "weights": "my net.safetensors",
    "num_classes": 7, "layer": "head.0", "mean": [0.1, 0.2, 1 / 3], "std": [0.5, 0.25, 0.125], "input_size": 48,
    "class_names": "a b,c", "class_map": "map.json", "reference": "my photos/clean", "sequence": "gradual", "period": 9,
    "dirichlet": 0.05, "imbalance": 3.5, "exclude_top_k": 2, "exclude_entropy": 0.75,
    "stop": 40, "reset": "on-alarm",
    "unknown": "digits", "unknown_share": 0.1, "unknown_loss": "masked", "unknown_probes": 40,
}  # fmt: skip
NEEDED = {"settings": ("method",), "frames": ("steps",), "period": ("sequence",), "dirichlet": ("order",),
          **dict.fromkeys(("unknown_share", "unknown_loss", "unknown_probes"), ("unknown",))}  # fmt: skip


def parsed(command: str, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """The spec that `enigma run` would record, read by the command line itself."""
    seen: list[RunSpec] = []
    monkeypatch.setattr("enigma.cli.run.record", lambda spec, *_, **__: seen.append(spec))
    words = shlex.split(command)
    assert words[:2] == ["enigma", "run"]
    result = CliRunner().invoke(main.cli, words[1:], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]


@pytest.mark.parametrize("field", [*(name for name in RunSpec.model_fields if name != "watched"), "all"])
def test_the_command_gives_back_the_same_spec(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {**OTHER} if field == "all" else {name: OTHER[name] for name in (field, *NEEDED.get(field, ()))}
    spec = RunSpec.parse(values)
    command = command_lines.run_command(spec)
    assert parsed(command, monkeypatch) == spec
    # Only what is not the default is named.
    assert {word[2:].replace("-", "_") for word in shlex.split(command) if word.startswith("--")} == {
        "set" if name == "settings" else name for name in values
    }


def test_the_default_run_needs_no_option() -> None:
    assert command_lines.run_command(RunSpec()) == "enigma run"


@pytest.mark.parametrize("what", KINDS)
def test_the_command_of_an_export_makes_the_same_export(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    step = 13 if what in ("projection", "curves", "explorable") else None
    steps = (0, 13) if what == "paper" else ()
    width = "icml-column" if what == "paper" else "icml-page"
    color = "entropy" if what in ("projection", "paper", "animation", "explorable") else "label"
    placed = what in ("projection", "paper", "animation", "explorable", "points", "bibtex")
    wanted = Export(what, KINDS[what][-1], step, steps, color, width, "pca" if placed else DEFAULT)
    seen: list[Export] = []
    monkeypatch.setattr("enigma.cli.export.write_export", lambda _, __, wanted, ___: seen.append(wanted))
    words = shlex.split(command_lines.export_command("429b4332ba79", wanted))
    assert CliRunner().invoke(main.cli, words[1:], catch_exceptions=False).exit_code == 0
    assert seen == [wanted]


# References


ENTRY = re.compile(r"@(\w+)\{(\S+),\n((?:  \w+\s+= \{.*\},\n)+)\}")


@pytest.mark.parametrize("method", METHODS)
def test_bibtex_names_the_paper_the_method_and_the_data(method: str) -> None:
    text = references.bibtex(RunSpec(method=method), "429b4332ba79", "0.1.0")
    keys = [found[1] for found in ENTRY.findall(text)]
    assert keys[0] == "press2024entropy"
    assert len(keys) == len(set(keys)) == text.count("\n@")
    assert {"xiao2017fashion", "hendrycks2019benchmarking", "mcinnes2018umap", "entropyenigma"} <= set(keys)
    assert all(body.count("{") == body.count("}") for _, _, body in ENTRY.findall(text))


def test_what_a_run_does_not_use_is_not_cited() -> None:
    keys = references.keys(RunSpec(method="norm", corruption="rotation"), "pca")
    assert not {"hendrycks2019benchmarking", "mcinnes2018umap", "kingma2015adam", "wang2021tent"} & set(keys)
    assert {"schneider2020improving", "nado2020evaluating"} <= set(keys)


def test_a_method_without_an_entry_is_cited_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Method("New & bold", "enigma.adapt.tent:build", "Does it.", "Somebody et al. 2026, 100% {new}_method")
    monkeypatch.setitem(METHODS, "newest", new)
    text = references.bibtex(RunSpec(method="newest"), "429b4332ba79", "0.1.0")
    assert "@misc{method-newest," in text
    assert r"New \& bold" in text
    assert r"2026, 100\% \{new\}\_method" in text
    assert "@misc{method-mypackageadaptbuild," in references.bibtex(RunSpec(method="mypackage.adapt:build"), "1", "0")


def test_every_citation_has_an_entry_and_every_entry_is_cited() -> None:
    cited = {key for keys in references.CITED.values() for key in keys}
    assert cited | {references.PAPER, "hendrycks2019benchmarking"} == set(references.entries())
    assert set(DATASETS) | set(MODELS) <= set(references.CITED)
    assert "none" in CORRUPTIONS


def test_every_entry_is_read_whole_by_a_parser_of_bibtex() -> None:
    text = files("enigma.figures.files").joinpath("references.bib").read_text(encoding="utf-8")
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert {entry.key: entry.raw for entry in library.entries} == references.entries()


# What is refused


@pytest.mark.parametrize(
    "call",
    [
        lambda: Export("poster"),
        lambda: Export("curves", "gif"),
        lambda: Export("curves", color="mood"),
        lambda: Export("paper", width="1"),
        lambda: Export("paper", width="wide"),
        lambda: Export("paper", width="nan"),
    ],
)
def test_an_unknown_name_says_what_was_expected(call) -> None:
    with pytest.raises(InputError, match=r"^Expected .+, but got '\w+'\.$"):
        call()
