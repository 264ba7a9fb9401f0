"""The Unknowns page."""
