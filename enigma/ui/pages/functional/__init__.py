"""The Functional page."""
