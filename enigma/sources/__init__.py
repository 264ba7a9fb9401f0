"""Where a run's model and images come from."""
