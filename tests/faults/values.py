"""Values that nobody would give: what inputs are made of."""

import json
import random

from hypothesis import strategies as some

LONG = ("x" * 300, "ü" * 200, "a/" * 200, "\0", "a\nb", "\udcff", "..", "~", " ", "", "9" * 5000, "😀" * 70)
TEXTS = some.text(max_size=12) | some.sampled_from(LONG)
NUMBERS = (
    some.integers(-3, 300)
    | some.sampled_from([2**31, 2**53, 2**63, -(2**63), 10**30, 10**400])
    | some.floats()
    | some.sampled_from([0.5, 1e-300, 1e23, 1e308])
)
SCALARS = some.none() | some.booleans() | NUMBERS | TEXTS
VALUES = some.recursive(
    SCALARS, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
DEEP = ("[" * 100_000, "{" * 5_000, '{"a":' * 3_000 + "1" + "}" * 3_000, "[" * 200 + "]" * 200)


def as_json(value: object) -> bytes:
    """JSON as Python writes it: with NaN, with whole numbers of any length, with half of a surrogate pair."""
    return json.dumps(value).encode()


JSON = VALUES.map(as_json) | some.sampled_from(DEEP).map(str.encode) | some.binary(max_size=40)

_EXTREMES = (
    b"\0" * 8,
    b"\xff" * 8,
    b"\xff" * 7 + b"\x7f",
    b"\0" * 7 + b"\x80",
    b"9" * 20,
    b"-1",
    b"1e999",
    b"[" * 5_000,
)


def mangled(content: bytes, seed: int) -> bytes:
    """A file after one to four accidents: bits flipped, cut off, pieces lost, doubled or overwritten."""
    chance, changed = random.Random(seed), bytearray(content)
    for _ in range(chance.randint(1, 4)):
        here = chance.randrange(max(len(changed), 1))
        # Most of what is read of a file stands at its beginning.
        here = here if chance.random() < 0.5 else here % 128
        piece = slice(here, here + chance.choice((1, 2, 4, 8, 64, 1000)))
        match chance.randrange(7):
            case 0 if changed:
                changed[min(here, len(changed) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del changed[here:]
            case 2:
                del changed[piece]
            case 3:
                changed[piece] = bytes(changed[piece]) * 2
            case 4:
                changed[piece] = chance.randbytes(len(changed[piece]))
            case 5:
                extreme = chance.choice(_EXTREMES)
                changed[here : here + len(extreme)] = extreme
            case _:
                changed[here:here] = chance.choice(_EXTREMES)
    return bytes(changed)


def mangles(samples: list[bytes]) -> some.SearchStrategy[bytes]:
    """Files of a kind, of which some samples are given, each after some accidents."""
    return some.builds(mangled, some.sampled_from(samples), some.integers(0, 2**32 - 1))
