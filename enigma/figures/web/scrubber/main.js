// Where Streamlit enters.

import { find } from "../shared/dom.js";
import { App } from "./app.js";

/** @import { Component } from "../types" */

const mounted = new WeakMap();

/**
 * Streamlit calls this at every rerun and at every change of theme, with the same parent element.
 * @param {Component<Uint8Array>} component
 */
export default function mount(component) {
  const root = find(component.parentElement, ".scrubber");
  if (!mounted.has(root)) mounted.set(root, new App(root));
  const app = mounted.get(root);
  app.update(component);
  return () => {
    app.unmount();
    mounted.delete(root);
  };
}
