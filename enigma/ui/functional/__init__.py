"""The parts of the Functional page: the component that draws its figures, and its formulas with what was verified."""
