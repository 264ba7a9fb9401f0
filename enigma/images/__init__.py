"""Test, training and unknown images: where they lie, what happens to them, and in which order they arrive."""
