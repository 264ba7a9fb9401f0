"""The two phases of a run: measures, merging classes, and what happened in words."""
