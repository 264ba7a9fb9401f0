"""From a run folder to numbers and words: metrics, projections, phases, comparisons, estimates; without torch."""
