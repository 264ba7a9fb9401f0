"""Several runs side by side: numbers, differences, a verdict, what else is worth comparing."""
