"""What is on disk: run folders, and the home that they live in."""
