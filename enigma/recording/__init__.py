"""From a spec to a run folder: the one loop that steps, evaluates and writes frames."""
