"""Points that are moved on the Functional page, and drags that are painted at once, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import button
from tests.browser.serving import Server
from tests.browser.test_functional import PARTS, part_of
from tests.browser.waiting import next_frame, until

pytestmark = pytest.mark.browser

WATCHING = """(part) => {
  window.prompt = window.late = 0;
  const channel = new MessageChannel();
  // One plot runs many descents, a few in each picture, so that the others need not wait for it.
  const plots = [...part.querySelectorAll('.plot')]
    .filter((plot) => !plot.closest('.panel').textContent.includes('The start decides'));
  // The pointer's shape is no part of the picture.
  const drawn = () => plots.map((plot) => plot.innerHTML.replace(/ ?cursor: [a-z-]+;/g, '')).join();
  let changed = false, waiting = false, last = drawn();
  const observer = new MutationObserver(() => {
    if (waiting) changed = true;
    else if (drawn() !== last) window.late += 1;
  });
  for (const plot of part.querySelectorAll('.plot')) {
    observer.observe(plot, { subtree: true, attributes: true, childList: true, characterData: true });
  }
  channel.port1.onmessage = () => {
    if (changed) window.prompt += 1;
    changed = waiting = false;
    last = drawn();
  };
  const begin = (event) => {
    if (waiting || (event.type === 'pointermove' && !event.buttons)) return;
    waiting = true;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  for (const name of ['pointerdown', 'pointermove', 'pointerup']) addEventListener(name, begin, true);
}"""
"""Counts the inputs after which a plot changed in the very next picture, and the changes that came later than that."""


def point_of(part: Locator) -> Locator:
    """The handle of the point that the keyboard moves."""
    return part.get_by_role("slider", name=re.compile(r"^point \d+ of 60, a (circle|square)$"))


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def position(handle: Locator) -> list[float]:
    """Where a point says it is."""
    says = str(handle.get_attribute("aria-valuetext")).replace("−", "-")
    return [float(value) for value in re.findall(r"x. (-?[\d.]+)", says)]


def drawn(part: Locator) -> tuple[str, ...]:
    """The decision line, the field and the story as they are drawn, all of one picture."""
    plane = part.locator(".plot svg").first
    return tuple(
        plane.evaluate(
            """plane => [plane.querySelector('path[stroke-dasharray]').getAttribute('d'),
              plane.querySelector('linearGradient').getAttribute('x1'),
              plane.getRootNode().querySelector('.story').innerText]"""
        )
    )


def drag(page: Page, start: tuple[float, float], by: tuple[float, float], moves: int = 20) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for move in range(1, moves + 1):
        page.mouse.move(start[0] + by[0] * move / moves, start[1] + by[1] * move / moves)
        next_frame(page)
    page.mouse.up()


def test_dragged_point_moves_line_field_and_entropy_and_reset_puts_it_back(page: Page, server: Server) -> None:
    part = part_of(page, server, "A neuron")
    handle, story = point_of(part), part.locator(".story")
    for _ in range(30):
        button(part, "Step").click()
    expect(story).to_contain_text("Step 30:")
    home, before = handle.get_attribute("aria-valuetext"), drawn(part)
    place = middle(handle)
    drag(page, place, (-150, 160))
    expect(handle).not_to_have_attribute("aria-valuetext", str(home))
    assert middle(handle) == pytest.approx((place[0] - 150, place[1] + 160), abs=1)
    after = drawn(part)
    assert all(one != other for one, other in zip(before, after, strict=True))
    expect(story).to_contain_text("Step 30:")
    expect(story).to_contain_text("w − G has changed by 0.")
    # A rerun of the page and a change of theme keep what was moved, as they keep the weights.
    moved = handle.get_attribute("aria-valuetext")
    page.get_by_role("tab", name="A batch").click()
    page.get_by_role("tab", name="A neuron").click()
    page.emulate_media(color_scheme="dark")
    expect(part.locator(".lab[data-theme=dark]")).to_be_visible()
    expect(handle).to_have_attribute("aria-valuetext", str(moved))
    assert drawn(part) == after
    part.get_by_role("button", name="Reset").click()
    expect(story).to_contain_text("Step 0:")
    assert middle(handle) == pytest.approx(place, abs=0.1)
    for _ in range(30):
        button(part, "Step").click()
    expect(story).to_contain_text("Step 30:")
    expect(handle).to_have_attribute("aria-valuetext", str(home))
    assert drawn(part) == before


def test_point_is_reached_chosen_and_moved_by_keyboard_with_a_visible_focus(page: Page, server: Server) -> None:
    part = part_of(page, server, "A neuron")
    part.get_by_role("button", name="Save functional-plane as PNG").focus()
    page.keyboard.press("Tab")
    handle = point_of(part)
    expect(handle).to_be_focused()
    assert handle.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    x, y = position(handle)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(handle).not_to_have_attribute("aria-valuetext", re.compile(f"x₂ {y:.2f}"))
    assert position(handle) == pytest.approx([x + 0.05, y - 0.5], abs=0.011)
    page.keyboard.press("PageUp")
    expect(handle).to_have_attribute("aria-label", "point 60 of 60, a square")
    page.keyboard.press("PageDown")
    expect(handle).to_have_attribute("aria-label", "point 1 of 60, a circle")


def test_finger_moves_a_point_without_scrolling_and_scrolls_beside_it(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    part = part_of(page, server, "A neuron")
    handle = point_of(part)
    handle.scroll_into_view_if_needed()
    start, client = middle(handle), context.new_cdp_session(page)

    def swipe(x: float, y: float, by: float) -> None:
        client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 11):
            touch = {"x": x, "y": y + by * step / 10}
            client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [touch]})
            next_frame(page)
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(*start, -60)
    until(lambda: middle(handle) == pytest.approx((start[0], start[1] - 60), abs=1.5), "the point follows the finger")
    box = part.locator(".plot svg").first.bounding_box()
    assert box is not None
    swipe(box["x"] + 60, box["y"] + box["height"] - 80, -60)
    until(lambda: middle(handle)[1] < start[1] - 90, "the page scrolls with the finger")
    context.close()


@pytest.mark.parametrize("part_name", PARTS)
def test_every_drag_is_painted_in_the_next_picture(page: Page, server: Server, part_name: str) -> None:
    part = part_of(page, server, part_name)
    targets = []
    if part_name == "A neuron":
        for _ in range(100):
            button(part, "Step").click()
        targets = [("a point", middle(point_of(part)), (-200.0, 150.0))]
    plot = part.locator(".plot svg").nth(2 if part_name == "A batch" else 0)
    targets.append(("in a plot", middle(plot), (150.0, 40.0)))
    for slider in part.get_by_role("slider").and_(part.locator("input")).all():
        box = slider.bounding_box()
        assert box is not None
        targets.append((f"slider {slider.get_attribute('aria-label')}", middle(slider), (0.4 * box["width"], 0.0)))
    part.locator(".lab").evaluate(WATCHING)
    for name, start, by in targets:
        page.evaluate("window.prompt = window.late = 0")
        drag(page, start, by)
        # A slider with few steps does not change at every move.
        assert page.evaluate("window.prompt") >= 10, name
        assert page.evaluate("window.late") == 0, name
