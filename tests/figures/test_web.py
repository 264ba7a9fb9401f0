"""The browser's modules and style sheets: joined as they are mounted, and generated from the palette."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from enigma.figures.shared import palette
from enigma.figures.shared.palette import DARK, LIGHT, Theme
from enigma.figures.web import functional, modules, scrubber, theme, tokens, unknowns

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed; the browser code is tested with it")
COMPONENTS = (scrubber, functional, unknowns)
HEX = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")
BLACK_AND_WHITE = {"#fff", "#000", "#ffffff", "#FFFFFF", "#000000"}


def contrast(one: str, other: str) -> float:
    """WCAG 2: (lighter + 0.05) / (darker + 0.05), from relative luminances."""

    def luminance(color: str) -> float:
        channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def surface(scheme: Theme) -> str:
    """A panel of a component: the page with white mixed in, as figure.css does it."""
    share = 0.75 if scheme is LIGHT else 0.05
    channels = (int(scheme.background[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(channel + (255 - channel) * share):02X}" for channel in channels)


# The palette


def test_what_is_generated_is_fresh() -> None:
    for path, text in tokens.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run python -m enigma.figures.web.tokens: {path.name}"


@pytest.mark.parametrize(("name", "scheme"), [("light", LIGHT), ("dark", DARK)])
def test_streamlit_is_configured_with_the_palette(name: str, scheme: Theme) -> None:
    configured = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][name]
    assert configured == theme.streamlit_theme(scheme)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_have_the_contrast_that_small_text_needs_and_marks_that_of_graphics(scheme: Theme) -> None:
    for ground in (surface(scheme), scheme.panel):
        for name in ("text", "muted", "link", "failure_text", "green", "purple"):
            assert contrast(getattr(scheme, name), ground) >= 4.5, (name, ground)
        for name in ("accent", "orange"):
            assert contrast(getattr(scheme, name), ground) >= 3, (name, ground)
    for color in palette.ANYWHERE.values():
        assert contrast(color, scheme.background) >= 3
    for color in palette.BADGES.values():
        assert contrast(color, "#FFFFFF") >= 4.5


def test_no_other_file_of_the_page_writes_a_color_of_its_own() -> None:
    written = {}
    for path in [*(ROOT / "enigma/figures/web").rglob("*"), *(ROOT / "enigma/ui").rglob("*")]:
        generated = path in tokens.files() or "node_modules" in path.parts
        if path.suffix in (".css", ".js", ".py", ".html") and not generated:
            written[path.name] = set(HEX.findall(path.read_text(encoding="utf-8"))) - BLACK_AND_WHITE
    # The examples of docstrings.
    assert written.pop("cards.py") == {"#DEBC14", "#A51479"}
    assert written.pop("theme.py") == {"#12151c", "#2f5fd0"}
    assert {name for name, found in written.items() if found} == set()


def test_the_style_sheets_use_only_properties_that_somebody_declares() -> None:
    for component in COMPONENTS:
        sheet = modules.style_sheet(component.CSS)
        used = set(re.findall(r"var\(--([\w-]+)", sheet)) - {"mark"}
        declared = set(re.findall(r"--([\w-]+):", sheet))
        assert {name for name in used - declared if not name.startswith("st-")} == set()


# The modules


@needs_node
@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__.rsplit(".")[-1])
def test_joined_modules_are_one_module_with_a_mount(component, tmp_path: Path) -> None:
    code = modules.joined(component.JAVASCRIPT)
    assert "\nimport " not in code
    assert code.count("\nexport ") == 1
    (tmp_path / "joined.mjs").write_text(code, encoding="utf-8")
    check = "import(process.argv[1]).then((m) => process.exit(typeof m.default === 'function' ? 0 : 1))"
    subprocess.run([str(NODE), "-e", check, str(tmp_path / "joined.mjs")], check=True)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__.rsplit(".")[-1])
def test_every_module_comes_once_and_after_those_that_it_imports(component) -> None:
    names = re.findall(r"^const (\w+) = \(\(\) => \{", modules.joined(component.JAVASCRIPT), re.MULTILINE)
    assert len(set(names)) == len(names)
    for body in modules.joined(component.JAVASCRIPT).split("})();\n"):
        own = re.match(r"\s*const (\w+) = \(\(\)", body)
        for needed in re.findall(r"^const \{[^}]*\} = (\w+);$", body, re.MULTILINE):
            assert own
            if needed in names:
                assert names.index(needed) < names.index(own[1])


def files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def test_modules_that_import_each_other_in_a_circle_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, one='import { b } from "./two.js";\nexport const a = 1;\n')
    files(tmp_path, two='import { a } from "./one.js";\nexport const b = 1;\n')
    monkeypatch.setattr(modules, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"one\.js -> two\.js -> one\.js"):
        modules.joined.__wrapped__("one.js")


@pytest.mark.parametrize("line", ['import * as all from "./two.js";', 'import two from "./two.js";', "export { a };"])
def test_what_cannot_be_joined_is_refused(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, one=f"{line}\nconst a = 1;\n", two="export const b = 1;\n")
    monkeypatch.setattr(modules, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="Expected imports and exports by name in one.js"):
        modules.joined.__wrapped__("one.js")


@needs_node
@pytest.mark.parametrize("name", ["shared", "place", "course", "picture", "projection", "distances", "doubt"])
def test_functions_that_need_neither_a_page_nor_python(name: str) -> None:
    script = Path(__file__).parent / f"{name}.test.mjs"
    done = subprocess.run([str(NODE), "--test", str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
