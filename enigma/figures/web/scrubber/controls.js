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

// Where keys have a meaning of their own. A slider of ours is the timeline itself.
const FIELDS = "input, textarea, select, [contenteditable], [role=slider]:not(.slider), [role=listbox], [role=dialog]";

/**
 * Whether somebody is at work elsewhere on the page, with keys that are meant for that.
 * @param {EventTarget[]} path from where the key was pressed outwards
 * @param {string} key
 */
export function isTaken(path, key) {
  const elements = path.filter((target) => target instanceof HTMLElement);
  if (elements.some((element) => element.matches(FIELDS))) return key !== "Escape";
  // Space on a button or a summary presses that.
  return key === " " && elements.some((element) => element.matches("button, summary, [role=button], a"));
}

/**
 * Arrows, Home, End, space and Escape, wherever on the page no field has the focus; the skip link of the page.
 * @param {App} app
 * @returns {() => void} stops listening
 */
export function listenToKeys(app) {
  /** @param {KeyboardEvent} event */
  const listener = (event) => {
    if (!app.run || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTaken(event.composedPath(), event.key)) return;
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
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  };
  const arrive = () => app.timeline.slider.focus();
  document.addEventListener("keydown", listener);
  document.addEventListener("enigma-timeline", arrive);
  return () => {
    document.removeEventListener("keydown", listener);
    document.removeEventListener("enigma-timeline", arrive);
  };
}
