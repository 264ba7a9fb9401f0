"""The figures and tables of *The Entropy Enigma* made again, each beside the paper's claim."""
