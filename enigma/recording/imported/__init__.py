"""Embeddings that somebody has in a file, as a run: .npz, .zarr, .parquet, and the tables of TensorBoard's projector.

Nothing in a file is run: no pickle is read, and no codec that could run one.
"""
