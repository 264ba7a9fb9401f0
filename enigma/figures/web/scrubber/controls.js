// Dragging and keys: the ways to move through a run that do not belong to one part of the view.

import { onDrag } from "../shared/drag.js";

/** @import { App } from "./app.js" */
/** @import { Margin } from "../types" */

/**
 * Makes dragging on an element move through the run; its margins lie outside the axis.
 * @param {App} app
 * @param {HTMLElement} element
 * @param {Margin} margin
 */
export function scrubOn(app, element, margin) {
  onDrag(element, {
    start() {
      if (!app.run) return false;
      app.motion.interrupt();
      return true;
    },
    move(event) {
      const box = element.getBoundingClientRect();
      const width = box.width - margin.left - margin.right;
      app.motion.setTime(app.axis.timeAt((event.clientX - box.left - margin.left) / width));
    },
    end: () => app.motion.settle(),
  });
}

/**
 * Arrows, Home, End, space and Escape, wherever in the view the focus is.
 * @param {App} app
 * @param {HTMLElement} root
 */
export function listenToKeys(app, root) {
  root.addEventListener("keydown", (event) => {
    const inside = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!app.run || event.ctrlKey || event.metaKey || event.altKey || inside.tagName === "SELECT") return;
    const stride = event.shiftKey ? 10 : 1;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => app.motion.jump(app.motion.frame - stride),
      ArrowRight: () => app.motion.jump(app.motion.frame + stride),
      Home: () => app.motion.jump(0),
      End: () => app.motion.jump(app.run.frameCount - 1),
      Escape: () => app.escape(),
      " ": () => app.timeline.toggle(),
    };
    // Space on a button presses that button.
    if (!(event.key in actions) || (event.key === " " && inside.tagName === "BUTTON")) return;
    event.preventDefault();
    actions[event.key]();
  });
}
