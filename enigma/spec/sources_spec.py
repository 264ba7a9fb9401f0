"""Which parts of a run's spec say what it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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

    @property
    def wishes(self) -> dict[str, int]:
        """How many images are asked for."""
        return {
            "probes": self.probe.probes,
            "batch_size": self.stream.batch_size,
            "references": self.probe.references,
        }

    def at_most(self, available: Mapping[str, int]) -> "SourcesSpec":
        """The same with no more images than there are; of 0, as of reference images, nothing is known."""
        fewer = {name: available[name] for name, wish in self.wishes.items() if 0 < available[name] < wish}
        size = {name: fewer.pop(name) for name in ("batch_size",) if name in fewer}
        return replace(self, probe=self.probe.model_copy(update=fewer), stream=self.stream.model_copy(update=size))
