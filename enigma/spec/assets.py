"""Where the bundled files lie: beside the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def asset(*parts: str) -> Path:
    """Path of a bundled file or folder, e.g. `asset("models", "resnet-bn.safetensors")`."""
    return _beside_or_inside("assets").joinpath(*parts)


def app_script() -> Path:
    """The script that `streamlit run` starts."""
    return _beside_or_inside("app.py")


def streamlit_config() -> Path:
    """Theme and server settings, which Streamlit itself finds only when it is started in a checkout."""
    inside = _PACKAGE / "streamlit.toml"
    return inside if inside.exists() else _PACKAGE.parent / ".streamlit" / "config.toml"


def _beside_or_inside(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name
