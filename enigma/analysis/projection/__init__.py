"""Two-dimensional pictures of the embeddings through time."""
