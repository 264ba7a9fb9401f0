// Where Streamlit enters: one figure in each place that is mounted.

import { find } from "../shared/dom.js";
import { Batch } from "./batch.js";
import { Curve } from "./curve.js";
import { Layers } from "./layers.js";
import { Neuron } from "./neuron.js";

/** @import { Component, FigureData } from "../types" */

const FIGURES = { curve: Curve, neuron: Neuron, batch: Batch, layers: Layers };
const mounted = new WeakMap();

/**
 * Streamlit calls this at every rerun and at every change of theme, with the same parent element.
 * @param {Component<FigureData>} parts
 */
export default function mount({ parentElement, data }) {
  const root = find(parentElement, ".lab");
  if (!mounted.has(root)) mounted.set(root, new FIGURES[data.figure](root, data));
  mounted.get(root).update();
  return () => {
    mounted.get(root)?.unmount();
    mounted.delete(root);
    root.replaceChildren();
  };
}
