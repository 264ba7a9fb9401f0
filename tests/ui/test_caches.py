"""What the server keeps between two requests is bounded by its bytes, not by how many values there are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import enigma.ui

CACHES = {"cache_data", "cache_resource"}


def caches() -> Iterator[tuple[str, ast.expr]]:
    """Every use of a cache of Streamlit, with where it is."""
    for path in Path(enigma.ui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for decorator in getattr(node, "decorator_list", ()):
                used = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(used, ast.Attribute) and used.attr in CACHES:
                    yield f"{path.name}:{decorator.lineno}", decorator


def test_every_cache_says_how_many_bytes_it_may_hold() -> None:
    found = list(caches())
    assert len(found) > 10
    unbounded = [
        place
        for place, decorator in found
        if not (isinstance(decorator, ast.Call) and any(each.arg == "max_size" for each in decorator.keywords))
    ]
    assert unbounded == []
