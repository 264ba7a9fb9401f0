"""What is measured at every frame."""
