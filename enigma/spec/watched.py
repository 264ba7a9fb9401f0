"""What the spec of a run says that was watched from outside, in a loop which is not ours: see `enigma.watch`."""

WATCHED = "watched"
"""Stands for model, images and method, of which nothing is known but the name that the loop was given."""
