"""Browser code, and the pages that stand alone."""
