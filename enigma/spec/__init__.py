"""What determines a run: its spec, what the fields may hold, and everything that can be chosen by name."""
