"""What an address asks for, and that it leads back to the view it was written for."""

import pytest

from enigma.figures.web.scrubber.pack import MOST_SELECTED, View
from enigma.ui.address import asked, written

STEPS, PROBES = (0, 9, 99, 999), 50


def query_of(view: View) -> dict[str, str]:
    return {name: value for name, value in written(view, 0).items() if value is not None}


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(9, "entropy"),
        View(9, "distance", (0, 7, 49), "2.50,120,-33", "13"),
        View(0, "flipped", (), "", "0123456789ab", "pca"),
    ],
)
def test_a_written_view_is_asked_for_again(view):
    assert asked(query_of(view), STEPS, PROBES, live=False) == view


def test_the_view_that_everybody_starts_with_needs_no_words():
    assert query_of(View()) == {}


def test_a_live_run_without_a_step_shows_its_newest_frame():
    assert asked({}, STEPS, PROBES, live=True).step == STEPS[-1]


def test_nonsense_is_as_if_it_were_not_there():
    query = {
        "step": "-3",
        "color": "<b>",
        "selected": "1,x,900,,2",
        "zoom": "NaN,1",
        "beside": "../../etc",
        "projection": "x",
    }
    assert asked(query, STEPS, PROBES, live=False) == View(selected=(1, 2))


def test_a_large_selection_is_left_out():
    assert written(View(selected=tuple(range(MOST_SELECTED + 1))), 0)["selected"] is None
