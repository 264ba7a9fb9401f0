"""Which parts of a run's spec say what it reads."""

from dataclasses import dataclass

from enigma.spec.images_spec import ImagesSpec
from enigma.spec.model_spec import ModelSpec
from enigma.spec.probe_spec import ProbeSpec
from enigma.spec.stream_spec import StreamSpec
from enigma.spec.unknown_spec import UnknownSpec


@dataclass(frozen=True)
class SourcesSpec:
    """What a run reads, whatever adapts to it and wherever it computes; `seed` draws what is chosen at random."""

    classifier: ModelSpec
    images: ImagesSpec
    stream: StreamSpec
    unknown_images: UnknownSpec
    probe: ProbeSpec
    seed: int = 0
