"""What an address asks for, and that it leads back to the view it was written for."""

from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from enigma.analysis.projection.methods import PROJECTIONS
from enigma.figures.shared.palette import COLORS
from enigma.figures.web.scrubber.pack import MOST_SELECTED, View
from enigma.ui.address import asked, written

STEPS, PROBES = (0, 9, 99, 999), 50

VIEWS = some.fixed_dictionaries(
    {
        "step": some.sampled_from(STEPS),
        "color": some.sampled_from(COLORS),
        "selected": some.sets(some.integers(0, PROBES - 1)).map(lambda chosen: tuple(sorted(chosen))),
        "zoom": some.just("") | some.from_regex(r"\A[1-9]\.[0-9]{1,3},-?[0-9]{1,4}(\.[0-9])?,-?[0-9]{1,4}(\.[0-9])?\Z"),
        "beside": some.just("") | some.from_regex(r"\A([0-9a-f]{12}|[0-9]{1,11})\Z"),
        "projection": some.sampled_from(sorted(PROJECTIONS)),
        "alone": some.just("") | some.integers(0, 999).map(str),
        "hidden": some.sampled_from(("", "label.2.5", "label.0,flipped.1.2")),
        "without": some.sampled_from(("", "density", "names,follow")),
        "axis": some.sampled_from(("", "linear")),
    }
)
NAMES = tuple(field.name for field in fields(View))


def query_of(view: View) -> dict[str, str]:
    return {name: value for name, value in written(view).items() if value is not None}


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


def test_the_view_that_everybody_starts_with_needs_no_words_but_its_step():
    assert query_of(View()) == {"step": "0"}


def test_whoever_stands_at_the_first_step_of_a_live_run_stays_there():
    assert asked(query_of(View()), STEPS, PROBES, live=True).step == 0


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
        "alone": "-1",
        "hidden": "label",
        "without": "<b>",
        "axis": "logarithmic",
    }
    assert asked(query, STEPS, PROBES, live=False) == View(selected=(1, 2))


@given(VIEWS)
def test_any_written_view_is_asked_for_again(values):
    view = View(**values)
    assert asked(query_of(view), STEPS, PROBES, live=False) == view


@given(some.dictionaries(some.sampled_from(NAMES), some.text() | some.text("0123456789.,-", max_size=12)))
@example({"step": "9" * 5000, "selected": "1," + "9" * 5000})
@example({"step": "\u0663", "selected": "\u0661,\u00b2"})
def test_any_address_shows_something_that_can_be_written_and_asked_for_again(query):
    view = asked(query, STEPS, PROBES, live=False)
    assert view.color in COLORS
    assert view.projection in PROJECTIONS
    assert all(0 <= position < PROBES for position in view.selected)
    assert asked(query_of(view), STEPS, PROBES, live=False) == view


def test_a_large_selection_is_left_out():
    assert written(View(selected=tuple(range(MOST_SELECTED + 1))))["selected"] is None
