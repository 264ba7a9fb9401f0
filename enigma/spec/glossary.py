"""The project's words, and what each means, for pages, exports, the command line and the docs."""

WORDS: dict[str, str] = {
    "accuracy": "Share of images that are classified right, in percent.",
    "adapted": "Of the model after its updates, at the frame that is named; without one, at the last.",
    "batch statistics": "Mean and variance of each channel over the test batch, in place of those stored in training.",
    "centroid distance": (
        "Mean over the classes of the distance from the centroid of the test images to the mean of the training images."
    ),
    "class mean": "Mean embedding of the training images of a class under the source model: a cross in the picture.",
    "confidence": "The largest predicted probability of an image.",
    "embedding": (
        "What the last layer before the classifier makes of an image: a list of numbers. Distances between images are "
        "distances between embeddings."
    ),
    "entropy": "How undecided a prediction is, in nats: 0 when one class has all the probability.",
    "entropy of the mean prediction": (
        "Entropy of the mean of all predictions: how evenly the classes are used. It needs no labels."
    ),
    "flip": "A predicted class that is another than at frame 0.",
    "frame": "What is recorded at one step. Frame *k* is after *k* updates.",
    "frame 0": "The frame before any update. Methods with batch statistics use those already, so it is not the source.",
    "label flips": "How many probe images have another predicted class than at frame 0.",
    "nat": "Unit of entropy with the natural logarithm: 1 nat is 1.44 bits.",
    "phase 1": "From frame 0 to the step of best accuracy, where accuracy has risen beyond chance: success.",
    "phase 2": "From the step of best accuracy on, where accuracy has fallen beyond chance: failure.",
    "point": "A hundredth of a whole: from 62.9 % to 69.0 % are 6.1 points.",
    "probe": "The fixed test images that are evaluated at every frame.",
    "projection": "A picture of embeddings in two dimensions. It states how faithful it is.",
    "reference": "Fixed training images, as the source model embeds them: the clouds.",
    "run": "One recording: a model that adapts to a stream of shifted test images, frame by frame.",
    "shift": "What sets test images apart from training images, such as noise, blur or another contrast.",
    "shift distance": "Mean distance between clusters of test embeddings and the class means matched to them.",
    "silhouette score": "How much nearer images are to their own cluster than to the next one, from −1 to 1.",
    "source accuracy": "Accuracy of the model as trained, with the statistics stored in training.",
    "source model": "The model as trained, before anything adapts.",
    "step": "One update on one test batch.",
    "weighted flips": "Label flips, each counted by the rank of the image's confidence at frame 0, from 0 to 1.",
}
"""Every word with its meaning in Markdown, in alphabetical order."""


def meaning(word: str) -> str:
    """What a word means, as plain text.

    >>> meaning("step")
    'One update on one test batch.'

    Raises:
        KeyError: it is not one of the project's words.
    """
    return WORDS[word].replace("*", "")
