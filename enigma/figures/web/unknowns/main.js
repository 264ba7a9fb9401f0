// What Streamlit calls: once at first, and again at every rerun of the page.

import { find } from "../shared/dom.js";
import { View } from "./view.js";

/** @import { Component, UnknownsData } from "../types" */

/** @type {WeakMap<HTMLElement, View>} */
const mounted = new WeakMap();

/**
 * Streamlit calls this at every rerun, with the same parent element.
 * @param {Component<UnknownsData>} parts
 */
export default function mount({ parentElement, data, setStateValue }) {
  const root = find(parentElement, ".unknowns");
  // With another run beside it, or another pair of them, the axes are others.
  const identity = `${data.run} ${data.steps.join()} ${JSON.stringify(data.axes)}`;
  if (mounted.get(root)?.identity !== identity) {
    mounted.get(root)?.unmount();
    const view = new View(root, data, (state) => {
      for (const [name, value] of Object.entries(state)) setStateValue(name, value);
    });
    view.identity = identity;
    mounted.set(root, view);
  }
  return () => {
    mounted.get(root)?.unmount();
    mounted.delete(root);
  };
}
