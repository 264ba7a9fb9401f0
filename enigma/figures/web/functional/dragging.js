// Dragging on a plot.

import { onDrag } from "../shared/drag.js";

/** @import { Plot } from "./plot.js" */

/**
 * Makes dragging on a plot call `move` with the event; arrow keys are the business of sliders and handles.
 * `grab` is asked at the start of a drag and may return another function, which this drag then calls instead.
 * @param {Plot} plot
 * @param {(event: PointerEvent) => void} move
 * @param {(event: PointerEvent) => ((event: PointerEvent) => void) | null} [grab]
 */
export function dragOn(plot, move, grab = () => null) {
  const { root } = plot;
  let follow = move;
  root.style.touchAction = "pan-y";
  onDrag(root, {
    start: (event) => (follow = grab(event) ?? move),
    move: (event) => follow(event),
    end: () => (follow = move),
  });
  // A finger on what was grabbed moves it in every direction; anywhere else it may still scroll the page.
  root.addEventListener("touchstart", (event) => follow !== move && event.preventDefault(), { passive: false });
  // The mouse would take the focus from what was grabbed.
  root.addEventListener("mousedown", (event) => follow !== move && event.preventDefault());
}
