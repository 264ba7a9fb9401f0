"""The projections by name, for whoever offers them without making one."""

TRUE_DISTANCES = "true-distances"

DEFAULT = TRUE_DISTANCES
"""The projection that goes without saying: the one that shows both phases."""

TITLES = {
    TRUE_DISTANCES: "True distances",
    "umap": "UMAP, fitted jointly",
    "pca": "PCA",
    "umap-training": "UMAP, training only (hides collapse)",
}
