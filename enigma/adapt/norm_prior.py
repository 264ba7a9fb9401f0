"""Norm with a source prior (BN-alpha): batch statistics, held near the stored ones.

Minimises nothing. BatchNorm takes N/(N + n) of the stored mean and variance and n/(N + n) of the batch's, where the
batch has n images: as if the source had added N images to it. N = 0 is `norm`, and a very large N `source`.
Source: Schneider et al. 2020, arXiv:2006.16971, equation 3.
"""

from torch import nn

from enigma.adapt.adapter import Adapter, FixedAdapter
from enigma.adapt.building_blocks import with_source_prior


def build(model: nn.Module, *, prior: float = 16.0) -> Adapter:
    """`prior` 16 is what the paper and MEMO use for small batches."""
    return FixedAdapter(with_source_prior(model, prior))
