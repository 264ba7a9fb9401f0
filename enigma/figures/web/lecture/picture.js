// Where the live picture of the lesson enters: one in each place that is mounted.

import { find } from "../shared/dom.js";
import { Moving } from "./moving.js";

/** @import { Component, MovingData } from "../types" */

/** @type {WeakMap<HTMLElement, Moving>} */
const mounted = new WeakMap();

/**
 * Called at every rerun of the server and at every change of theme, with the same parent element.
 * @param {Component<MovingData>} parts
 */
export default function mount({ parentElement, data }) {
  const root = find(parentElement, ".moving");
  const before = mounted.get(root);
  if (before) before.readTheme();
  else mounted.set(root, new Moving(root, data));
  return () => {
    mounted.get(root)?.unmount();
    mounted.delete(root);
    root.replaceChildren();
  };
}
