// Where the bar above the story enters.

import { find } from "../shared/dom.js";
import { Stepper } from "./stepper.js";

/** @import { Component } from "../types" */

/** @type {WeakMap<HTMLElement, Stepper>} */
const mounted = new WeakMap();

/**
 * Called at every rerun of the server and at every change of theme, with the same parent element.
 * @param {Component<{ words: string[] }>} parts
 */
export default function mount({ parentElement, data }) {
  const nav = find(parentElement, ".stepper");
  if (!mounted.has(nav)) mounted.set(nav, new Stepper(nav, data.words));
  // The bar and the lecture cover what is below them, and only a component knows the colour of the page.
  const paper = getComputedStyle(nav).getPropertyValue("--st-background-color");
  document.documentElement.style.setProperty("--ee-paper", paper);
  return () => {
    mounted.get(nav)?.unmount();
    mounted.delete(nav);
  };
}
