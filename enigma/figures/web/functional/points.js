// The data of the two-input neuron: sixty points in two groups, and variations of them.

import { normals } from "./maths.js";

/** @import { Dataset, Pair } from "../types" */

const NOISE = normals(120, 7);
const CENTRE = [1.15, 0.75];

export const DATASETS = { centred: "two groups", shifted: "shifted to one side", single: "one group" };

/**
 * Points [x, y] and the group (1 or 0) of each.
 * @param {string} name
 * @returns {Dataset}
 */
export function dataset(name) {
  const groups = Array.from({ length: 60 }, (_, index) => Number(index < 30 || name === "single"));
  const points = groups.map((group, index) => {
    const side = name === "single" ? 0 : group ? 1 : -1;
    const shift = name === "shifted" ? 1.6 : 0;
    const [x, y] = CENTRE.map((place, axis) => side * place + shift + 0.42 * NOISE[2 * index + axis]);
    return /** @type {Pair} */ ([x, y]);
  });
  return { points, groups };
}

/** The direction, in degrees, from one group to the other. */
export const AXIS = (Math.atan2(CENTRE[1], CENTRE[0]) * 180) / Math.PI;
