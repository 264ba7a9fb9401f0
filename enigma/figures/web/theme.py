"""The palette in the words of style sheets and of Streamlit."""

from collections.abc import Mapping

from enigma.figures.shared.palette import ANYWHERE, BADGES, DARK, LIGHT, Theme

# What a component draws with and Streamlit's theme does not name; `--st-` variables give the rest.
TOKENS = {
    "blue": "link", "green": "green", "orange": "orange", "purple": "purple", "failure-text": "failure_text",
    "training": "training", "neutral": "neutral",
}  # fmt: skip
ROLES = {"success": "green", "failure": "orange", "second": "purple"}
"""Second names of tokens, for what they mean on the Watch page."""

# Streamlit's names for the colours of a theme, in a style sheet and in its configuration.
_STREAMLIT = {
    "background-color": "background", "secondary-background-color": "panel", "text-color": "text",
    "primary-color": "accent", "border-color": "border", "link-color": "link",
}  # fmt: skip


def tokens() -> str:
    """The colours of a component, light and dark, as rules of a style sheet."""
    roles = {role: f"var(--{name})" for role, name in ROLES.items()}
    light, dark = ({name: getattr(theme, field).lower() for name, field in TOKENS.items()} for theme in (LIGHT, DARK))
    return _rule(".figure", light | roles) + _rule('.figure[data-theme="dark"]', dark)


def anywhere() -> str:
    """Custom properties for parts of the page outside components, which stand on light and on dark."""
    named = {f"ee-{name}": color.lower() for name, color in ANYWHERE.items()}
    # As the element that uses it has it, light or dark.
    named["ee-panel"] = f"light-dark({LIGHT.panel.lower()}, {DARK.panel.lower()})"
    return _rule(":root", named | {f"ee-{name}-badge": color.lower() for name, color in BADGES.items()})


def streamlit_variables(theme: Theme) -> str:
    """The declarations with which Streamlit hands a theme to a component.

    >>> streamlit_variables(DARK).split(";")[0]
    '--st-background-color: #12151c'
    """
    return " ".join(f"--st-{name}: {getattr(theme, field).lower()};" for name, field in _STREAMLIT.items())


def streamlit_theme(theme: Theme) -> dict[str, str | dict[str, str]]:
    """A theme as `.streamlit/config.toml` has to write it; the sidebar has page and panel the other way round.

    >>> streamlit_theme(LIGHT)["primaryColor"]
    '#2f5fd0'
    """
    colors = {_camel(name): getattr(theme, field).lower() for name, field in _STREAMLIT.items()}
    sidebar = {"backgroundColor": theme.panel.lower(), "secondaryBackgroundColor": theme.background.lower()}
    return {**colors, "sidebar": sidebar}


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    declared = "".join(f"  --{name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{declared}}}\n"
