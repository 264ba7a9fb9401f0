"""Every figure and table of the paper that can be made again, by name."""

from enigma.reproduce import dynamics, estimators, excluded, flips, limited, mixture, pictures
from enigma.reproduce.grid import corruptions, grid, models
from enigma.reproduce.result import Reproduction
from enigma.spec.errors import InputError

SECONDS_A_RUN = 60
"""Of a run of the bundled grid, 200 steps and 14 frames of 1,000 images, on one core."""


_ALL = (
    Reproduction(
        "figure-1", "Embeddings early and late",
        "After a few steps test images are embedded near the class means of the training images; after many, far "
        "from them (t-SNE, Gaussian noise 3).",
        pictures.example, pictures.figure_1,
    ),
    Reproduction(
        "figure-2", "Adaptation without the images that are known already",
        "Tent still gains 10.50 points without the images that are classified right and 7.88 without those whose label "
        "is in the top 10, against 12.38 with all (Gaussian noise 3).",
        excluded.top_specs, excluded.figure_2,
    ),
    Reproduction(
        "figure-4", "What the two phases have to do with accuracy",
        "The silhouette score rises in both phases in more than 98 % of cases; in phase 1 its change correlates with "
        "that of accuracy (0.70), in phase 2 the change of the shift distance does (-0.79).",
        corruptions, dynamics.figure_4,
    ),
    Reproduction(
        "figure-5", "Silhouette score and label flips",
        "The silhouette score at step 0 and the label flips at the last are strongly correlated, and both are "
        "with accuracy.",
        corruptions, dynamics.figure_5,
    ),
    Reproduction(
        "figure-6", "The function f from weighted flips to accuracy",
        "A quadratic f fitted on four held-out corruptions and clean images gives the accuracy on other datasets; its "
        "mean absolute error over 23 is 5.75 points.",
        grid, flips.figure_6,
    ),
    Reproduction(
        "figure-7", "How many datasets f is fitted on",
        "Weighted flips err less than the other methods for almost all numbers of datasets that f is fitted on "
        "(50 draws each; COT 8.17 points).",
        grid, limited.figure_7,
    ),
    Reproduction(
        "figure-8", "A mixture of Gaussians",
        "From a smart start the samples converge to the right clusters; from a shifted one they first cluster well "
        "and then mix classes.",
        mixture.no_specs, mixture.figure_8,
    ),
    Reproduction(
        "figure-9", "The step at which flips are counted",
        "The error is 10.12 points at step 50, 2.98 at 500 and 4.08 at 1,000, with f fitted for each.",
        grid, flips.figure_9,
    ),
    Reproduction(
        "figure-10", "The number of images that flips are counted among",
        "The error is 9.04 points with 50 images, 5.19 with 250 and 4.08 with 1,000, with f fitted for each.",
        grid, flips.figure_10,
    ),
    Reproduction(
        "figure-11", "The entropy of the images that are left out",
        "The images classified right are 45 % and have a mean entropy of 1.85 nats; all have 2.84.",
        pictures.noise, excluded.figure_11,
    ),
    Reproduction(
        "figure-12", "Adaptation without the images of low entropy",
        "Images of low entropy can be left out while barely hurting performance.",
        excluded.entropy_specs, excluded.figure_12,
    ),
    Reproduction(
        "figure-13", "Silhouette score, shift distance and accuracy through time",
        "Silhouette score and shift distance rise at every severity, more at higher ones; accuracy rises and then "
        "falls (severity 5: about 32 to 46 to 2 %).",
        corruptions, dynamics.figure_13,
    ),
    Reproduction(
        "table-1", "Every estimator of accuracy without labels",
        "Weighted flips err least: 5.75 points on average over 23 datasets, COT 8.17, ATC 11.81, DoC 22.29, average "
        "confidence 26.02; on the worst dataset 21.61, 30.38, 99.90, 96.34 and 99.90.",
        grid, estimators.table_1,
    ),
    Reproduction(
        "table-2", "One f for other models",
        "The f of a ResNet-50 (4.08 points) serves nine other models without a new fit: 2.74 to 6.76 points.",
        models, estimators.table_2,
    ),
    Reproduction(
        "table-3", "The form of f",
        "Average error in points: weighted quadratic 5.75, unweighted linear 6.14, unweighted quadratic 6.27, weighted "
        "cubic 6.36, weighted linear 6.47.",
        grid, flips.table_3,
    ),
    Reproduction(
        "table-4", "Little memory and few images",
        "With 100 stored images the error is 5.67 points instead of 5.75, with 1,000 images in all 9.40; COT has "
        "23.87 then.",
        grid, limited.table_4,
    ),
    Reproduction(
        "table-5", "One f for other methods",
        "The f fitted with RDumb (4.08 points) serves Tent (5.07), RPL (4.97) and conjugate pseudo-labels (3.33).",
        estimators.method_specs, estimators.table_5,
    ),
    Reproduction(
        "table-6", "A Vision Transformer",
        "On a ViT-B/16 weighted flips err by 6.61 points with the f of the ResNet-50 and by 4.15 with its own; COT by "
        "16.44.",
        estimators.transformer_specs, estimators.table_6,
    ),
)  # fmt: skip

REPRODUCTIONS: dict[str, Reproduction] = {one.name: one for one in _ALL}


def find(name: str) -> Reproduction:
    """The reproduction of a name.

    Raises:
        InputError: there is none.
    """
    if name not in REPRODUCTIONS:
        raise InputError(f"Expected a name among {', '.join(REPRODUCTIONS)}, but got {name!r}.")
    return REPRODUCTIONS[name]


def duration(runs: int) -> str:
    """About how long so many runs take on one core.

    >>> duration(0), duration(1), duration(192)
    ('a minute', 'about 1 minute', 'about 3.2 hours')
    """
    if not runs:
        return "a minute"
    minutes = runs * SECONDS_A_RUN / 60
    if minutes < 60:
        return f"about {minutes:.0f} minute{'s' if minutes > 1 else ''}"
    return f"about {minutes / 60:.1f} hours"
