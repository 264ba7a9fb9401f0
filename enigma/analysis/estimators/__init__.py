"""Accuracy without labels: what can be read from predictions alone, and how it is turned into an accuracy."""
