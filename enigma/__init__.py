"""Entropy Enigma: watch entropy minimisation at test time succeed, then fail."""

__version__ = "0.2.0"
