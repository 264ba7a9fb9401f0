"""The colours of every figure; the page's scrubber draws with the same."""

import colorsys

COLORS = ("label", "prediction", "correctness", "flipped", "entropy", "confidence", "distance")
"""What points can be coloured by; `label` is the true class."""

# Ten colours at least 8 units apart in Oklab, also for people with protanopia, deuteranopia and tritanopia
# (simulated after Machado 2009), and visible on paper and on ink.
CLASS_COLORS = (
    "#4B8397",
    "#E740B7",
    "#307414",
    "#DEBC14",
    "#5FC7EC",
    "#A51479",
    "#E58548",
    "#53B486",
    "#8D7DE8",
    "#8C685F",
)

# From certain to uncertain.
SCALE = ("#3E6BD6", "#8A5CC8", "#CE5397", "#EE7455", "#F0AE36")

PAPER = "#FFFFFF"
INK = "#1C2230"
MUTED = "#616775"
LINE = "#E3E1DA"
ACCENT = "#2F5FD0"
TRAINING = "#CBC7BD"
NEUTRAL = "#8E96A6"
SUCCESS = "#0F8573"
FAILURE = "#C2620F"
# The tints of the two phases behind a curve.
SUCCESS_TINT = "#E4F3F0"
FAILURE_TINT = "#FBF0E6"


def class_colors(count: int) -> tuple[str, ...]:
    """One colour for each class; more than ten classes go round the hues with alternating lightness.

    >>> class_colors(2)
    ('#4B8397', '#E740B7')
    """
    if count <= len(CLASS_COLORS):
        return CLASS_COLORS[:count]
    return tuple(_from_hue(index / count, (0.46, 0.62, 0.54)[index % 3]) for index in range(count))


def _from_hue(hue: float, lightness: float) -> str:
    channels = colorsys.hls_to_rgb(hue, lightness, 0.6)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)
