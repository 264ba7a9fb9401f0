"""Which corruptions a run goes through, and in which order."""

from dataclasses import dataclass

from enigma.spec.run_spec import RunSpec


@dataclass(frozen=True)
class Domains:
    """The different corruptions with their severities, and how they follow.

    >>> domains(RunSpec(corruption="fog,snow", severity=2, sequence="gradual")).kinds
    (('fog', 1), ('fog', 2), ('snow', 1), ('snow', 2))
    >>> domains(RunSpec(corruption="fog,snow", severity=2, sequence="gradual")).sequence
    (0, 1, 0, 2, 3, 2)
    """

    kinds: tuple[tuple[str, int], ...]
    sequence: tuple[int, ...]
    is_mixed: bool = False


def domains(spec: RunSpec) -> Domains:
    """From one corruption to a sequence of many.

    'gradual' goes from severity 1 to `severity` and back within each corruption, so that corruptions
    change where they are weakest (Wang et al. 2022, CoTTA, arXiv:2203.13591, section 4.3).
    """
    if spec.sequence == "gradual":
        levels = range(1, spec.severity + 1)
        kinds = tuple((name, level) for name in spec.corruptions for level in levels)
        up_and_down = [*levels, *reversed(levels[:-1])]
        order = tuple(
            place * spec.severity + level - 1 for place in range(len(spec.corruptions)) for level in up_and_down
        )
        return Domains(kinds, order)
    kinds = tuple((name, spec.severity) for name in spec.corruptions)
    if spec.sequence == "mixed":
        return Domains(kinds, (0,), is_mixed=True)
    return Domains(kinds, tuple(range(len(kinds))))
