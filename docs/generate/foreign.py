"""Looks through a built site for anything that a browser would load from elsewhere."""

import re
from pathlib import Path

_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\ssrc=[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|<link\b(?![^>]*rel=[\"']?(?:canonical|prev|next))[^>]*?\shref=[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|url\([\"']?((?:https?:)?//[^\"')]+)"
    r"|@import\s+[\"']((?:https?:)?//[^\"']+)"
)


def loaded(text: str) -> list[str]:
    """Addresses elsewhere that a page or a style sheet loads; links that a reader may follow are none.

    >>> loaded('<a href="https://arxiv.org"></a><script src="https://cdn.example/x.js"></script>')
    ['https://cdn.example/x.js']
    """
    return [next(filter(None, found)) for found in _LOADED.findall(text)]


def of_site(site: Path) -> list[str]:
    """What each file of a built site loads from elsewhere, as 'file: address'."""
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    return [
        f"{path.relative_to(site)}: {address}"
        for path in sorted(files)
        for address in loaded(path.read_text(encoding="utf-8"))
    ]
