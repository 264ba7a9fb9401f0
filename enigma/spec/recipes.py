"""The optimizer and learning rate that a method starts from: one answer for every door.

`enigma.adapt.build`, `enigma run`, `enigma.run`, a sweep and the form of the page all ask here, so that what is not
named is the same everywhere: the paper's, for CIFAR-like models (at most 100 classes) or for ImageNet-like ones.

There is one exception, `DEMONSTRATION`: Tent on a bundled model is recorded with three times the paper's learning
rate, because both phases then show within 500 steps.

A `RunSpec` whose `optimizer` or `lr` is None has not been opened yet: how many classes a model has is known once its
weights are read. What is recorded always names both, so that a stored spec means the same for ever.
"""

from enigma.spec.catalogue import MODELS
from enigma.spec.methods import METHODS, Recipe
from enigma.spec.watched import WATCHED

CIFAR_LIKE = 100
"""A model with more classes than CIFAR-100 counts as ImageNet-like: the number of classes is what the papers'
settings go by, and the one thing every model tells."""

DEMONSTRATION = Recipe("adam", 3e-3)
"""Tent on a bundled model. Also what is written into the spec of a method that takes no optimizer, or is one's own."""

_CLASSES_OF_BUNDLED = 10
"""At most; all are CIFAR-like."""


def recipe(method: str, classes: int) -> Recipe | None:
    """The optimizer and learning rate of a method's paper for a model of so many classes.

    None for a method that takes no optimizer and for one's own, of which no paper says anything.

    >>> recipe("eata", 10), recipe("eata", 1000), recipe("norm", 10)
    (Recipe(optimizer='adam', lr=0.001), Recipe(optimizer='sgd', lr=0.00025), None)
    """
    recipes = METHODS[method].recipes if method in METHODS else None
    return None if recipes is None else recipes[0] if classes <= CIFAR_LIKE else recipes[1]


def recorded_recipe(method: str, model: str, *, weights: str | None, classes: int | None) -> Recipe | None:
    """What a run of a method on a model is recorded with, as far as it can be told before the model is opened.

    Args:
        method: a name in `METHODS`, or one's own.
        model: as in `RunSpec`.
        weights: a file of one's own weights; then a bundled model is no longer the demonstration's.
        classes: outputs of the model where they are known.

    Returns:
        None where it depends on the number of classes and that is not known, and for a loop that was watched.

    >>> recorded_recipe("tent", "resnet-bn", weights=None, classes=None)
    Recipe(optimizer='adam', lr=0.003)
    >>> recorded_recipe("tent", "torchvision:resnet50", weights=None, classes=1000)
    Recipe(optimizer='sgd', lr=0.00025)
    """
    if method == WATCHED:
        return None
    is_bundled = model in MODELS and weights is None
    if method not in METHODS or not METHODS[method].uses_gradient or (is_bundled and method == "tent"):
        return DEMONSTRATION
    known = _CLASSES_OF_BUNDLED if is_bundled else classes
    return None if known is None else recipe(method, known)


def published_recipe(method: str, model: str, *, weights: str | None) -> Recipe | None:
    """The recipe of a method's paper for a bundled model; None for other models, which take it anyway.

    >>> published_recipe("tent", "resnet-bn", weights=None)
    Recipe(optimizer='adam', lr=0.001)
    """
    return recipe(method, _CLASSES_OF_BUNDLED) if model in MODELS and weights is None else None
