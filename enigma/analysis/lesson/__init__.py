"""The story of the paper in eight steps, told on the bundled run."""
