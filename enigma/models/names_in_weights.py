"""What trainers put before the names of tensors: found by what the network calls them, taken off, and said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

# torch.compile puts it wherever a part of a model is compiled.
_COMPILED = "_orig_mod."
# Most tensors of the network have to be found under a prefix for it to be one.
_MOST = 0.5


@dataclass(frozen=True)
class Renamed:
    """Tensors by the names that a network has for them.

    Attributes:
        note: a sentence on what was changed in the names; empty where nothing was.
    """

    tensors: dict[str, Tensor]
    note: str


def renamed(weights: Mapping[str, Tensor], own: Iterable[str], file: str) -> Renamed:
    """The tensors by the names `own` of the network, without what stands before them all in the file.

    Whatever stands there is found by trying: 'model.' (Lightning), 'module.' (DataParallel), 'net.', 'ema.', or any
    other; likewise what only the network has before its names. Names that fit are left as they are.

    >>> renamed({"net.fc.weight": Tensor(1), "loss.scale": Tensor(1)}, ["fc.weight"], "a.ckpt").note
    "The names in a.ckpt begin with 'net.', which was left out; 1 other tensor, such as 'loss.scale', was not taken."
    """
    bare = {name.replace(_COMPILED, ""): value for name, value in weights.items()}
    wanted = {name.replace(_COMPILED, ""): name for name in own}
    before, added = _prefixes(list(bare), list(wanted))
    taken = {name: value for name, value in bare.items() if name.startswith(before)}
    tensors = {}
    for name, value in taken.items():
        there = added + name.removeprefix(before)
        tensors[wanted.get(there, there)] = value
    return Renamed(tensors, _said(before, added, [name for name in bare if name not in taken], file))


def _prefixes(names: list[str], wanted: list[str]) -> tuple[str, str]:
    """What to take off in the file, and what to put in its place, so that most names fit."""
    least = max(1, _MOST * len(wanted))
    own = [prefix for prefix, count in _counted(wanted).items() if count >= least]
    suffixes = {prefix: {name.removeprefix(prefix) for name in wanted if name.startswith(prefix)} for prefix in own}
    best, found = ("", ""), len(set(names) & suffixes.get("", set()))
    for before in sorted((p for p, count in _counted(names).items() if count >= least), key=_by_preference):
        there = {name.removeprefix(before) for name in names if name.startswith(before)}
        for added in own:
            fitting = len(there & suffixes[added])
            if fitting > max(found, least - 1):
                best, found = (before, added), fitting
    return best


def _counted(names: list[str]) -> Counter[str]:
    """How many names begin with each prefix that ends in a dot, and with none."""
    counts: Counter[str] = Counter()
    for name in names:
        parts = name.split(".")
        counts.update("".join(f"{part}." for part in parts[:length]) for length in range(len(parts)))
    return counts


def _by_preference(prefix: str) -> tuple[int, bool, str]:
    # The weights themselves rather than their moving average, where a file holds both.
    return prefix.count("."), "ema" in prefix, prefix


def _said(before: str, added: str, others: list[str], file: str) -> str:
    if not before and not added:
        return ""
    if not before:
        return f"The names of the model begin with {added!r}, those in {file} do not; it was added."
    put = f" {added!r} was put in its place" if added else " which was left out"
    left = ""
    if others:
        many, were = ("s", "were") if len(others) > 1 else ("", "was")
        left = f"; {len(others):,} other tensor{many}, such as {others[0]!r}, {were} not taken"
    return f"The names in {file} begin with {before!r},{put}{left}."
