"""Which corruptions a run goes through, and in which order."""

from dataclasses import dataclass

from enigma.spec.images_spec import ImagesSpec


@dataclass(frozen=True)
class CorruptionSequence:
    """The different corruptions with their severities, and how they follow.

    >>> corruption_sequence(ImagesSpec(corruption="fog,snow", severity=2, sequence="gradual")).kinds
    (('fog', 1), ('fog', 2), ('snow', 1), ('snow', 2))
    >>> corruption_sequence(ImagesSpec(corruption="fog,snow", severity=2, sequence="gradual")).sequence
    (0, 1, 0, 2, 3, 2)
    """

    kinds: tuple[tuple[str, int], ...]
    sequence: tuple[int, ...]
    is_mixed: bool = False


def corruption_sequence(images: ImagesSpec) -> CorruptionSequence:
    """From one corruption to a sequence of many.

    'gradual' goes from severity 1 to `severity` and back within each corruption, so that corruptions
    change where they are weakest (Wang et al. 2022, CoTTA, arXiv:2203.13591, section 4.3).
    """
    if images.sequence == "gradual":
        levels = range(1, images.severity + 1)
        kinds = tuple((name, level) for name in images.corruptions for level in levels)
        up_and_down = [*levels, *reversed(levels[:-1])]
        order = tuple(
            place * images.severity + level - 1 for place in range(len(images.corruptions)) for level in up_and_down
        )
        return CorruptionSequence(kinds, order)
    kinds = tuple((name, images.severity) for name in images.corruptions)
    if images.sequence == "mixed":
        return CorruptionSequence(kinds, (0,), is_mixed=True)
    return CorruptionSequence(kinds, tuple(range(len(kinds))))
