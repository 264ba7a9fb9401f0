// Where a neuron can start, and what descent from each start ends with.

import { activation, agreement, neuronStep } from "./maths.js";

/** @import { Dataset, NeuronState, Pair } from "../types" */

export const STEPS = 200;
/** First directions of w + G in degrees. */
export const STARTS = Array.from({ length: 73 }, (_, index) => -180 + 5 * index);

/**
 * The direction that descent from a first direction ends with, and how its line agrees with the two groups.
 * @param {number} angle
 * @param {number} b
 * @param {Dataset} options
 * @param {number} rate
 */
export function endOf(angle, b, { points, groups }, rate) {
  /** @type {NeuronState} */
  let neuron = { ...starting(angle, 0.5), b };
  for (let step = 0; step < STEPS; step++) neuron = neuronStep(neuron, points, rate);
  const sides = points.filter((point) => activation(neuron, point) > 0).length;
  return { angle, end: direction(neuron), constant: sides % points.length === 0, ...agreement(neuron, points, groups) };
}

/**
 * Direction of w + G in degrees; NaN where there is none.
 * @param {NeuronState} parts
 */
export function direction({ w, g }) {
  const [x, y] = [w[0] + g[0], w[1] + g[1]];
  return Math.hypot(x, y) < 1e-9 ? NaN : (Math.atan2(y, x) * 180) / Math.PI;
}

/**
 * A neuron whose w + G has this direction (degrees) and length, half of it in w and half in G.
 * @param {number} angle
 * @param {number} length
 * @returns {NeuronState}
 */
export function starting(angle, length) {
  const radians = (angle * Math.PI) / 180;
  /** @type {Pair} */
  const half = [(Math.cos(radians) * length) / 2, (Math.sin(radians) * length) / 2];
  return { w: half, g: [...half], b: 0 };
}
