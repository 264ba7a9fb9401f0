"""Classifiers: architectures, heads, weights of one's own and of others, and the embeddings they compute."""
