"""When a rerun of the page moves the browser, and when it leaves it alone."""

from dataclasses import asdict, replace

from enigma.figures.web.scrubber.pack import View
from enigma.ui.pages.watch.scrubber import _Mounted, _next, _selected

START = View()
FIRST = _Mounted(START, START, 0)
REPORTED = asdict(View(80, "entropy"))


def test_an_argument_that_never_changes_never_moves_the_browser():
    assert _next(FIRST, REPORTED, START).command == 0


def test_echoing_what_the_browser_reported_does_not_move_it():
    assert _next(FIRST, REPORTED, View(80, "entropy")).command == 0


def test_a_new_step_moves_the_browser_and_keeps_everything_else():
    reported = asdict(View(80, "entropy", (3, 5), "2.00,1,1", "10"))
    wanted = _next(FIRST, reported, View(35))
    assert (wanted.command, wanted.wanted) == (1, View(35, "entropy", (3, 5), "2.00,1,1", "10"))


def test_a_new_selection_moves_the_browser():
    wanted = _next(FIRST, REPORTED, View(80, "entropy", (7,)))
    assert (wanted.command, wanted.wanted.selected) == (1, (7,))


def test_asking_twice_for_the_same_step_is_one_command():
    mounted = _next(FIRST, asdict(View(80)), View(35))
    assert _next(mounted, asdict(View(80)), View(35)).command == mounted.command


def test_repeating_what_the_last_call_returned_does_not_move_a_browser_that_is_already_elsewhere():
    mounted = replace(FIRST, returned=View(40))
    assert _next(mounted, asdict(View(80)), View(40)).command == 0


def test_returning_to_the_page_starts_from_the_argument():
    wanted = _next(replace(FIRST, command=3), None, View(35, "entropy"))
    assert (wanted.command, wanted.wanted) == (4, View(35, "entropy"))


def test_only_what_changed_is_asked_for_and_again_until_it_is_answered():
    to_step = _next(FIRST, asdict(START), View(35)).heard(START)
    assert set(to_step.pending) == {"step"}
    to_color = _next(to_step, asdict(START), View(35, "entropy"))
    assert set(to_color.pending) == {"step", "color"}
    assert (to_color.wanted, to_color.command, to_color.started_at) == (View(35, "entropy"), 2, 0)
    answered = to_color.heard(View(35, "entropy"))
    assert answered.pending == {}
    assert _next(answered, None, View(35)).started_at == 3


def test_what_was_asked_counts_until_the_browser_has_answered():
    asked = _next(FIRST, asdict(View(80, projection="pca")), View(projection="umap-training"))
    early = asked.heard(View(80, projection="pca"))
    assert early.returned == View(80, projection="umap-training")
    late = early.heard(View(80, projection="umap-training"))
    assert (late.returned, late.pending) == (View(80, projection="umap-training"), {})
    assert late.heard(View(80, projection="pca")).returned == View(80, projection="pca")


def test_neighbours_are_looked_for_of_what_the_browser_has_selected_unless_it_was_asked_for_others():
    assert _selected(_Mounted(View(selected=(3,)), View(selected=(3,)), 0), None) == (3,)
    assert _selected(FIRST, asdict(View(80, selected=(5, 9)))) == (5, 9)
    asked = _next(FIRST, asdict(View(80, selected=(5,))), View(selected=(7,)))
    assert _selected(asked, asdict(View(80, selected=(5,)))) == (7,)
