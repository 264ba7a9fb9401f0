// The data of the two-input neuron: sixty points in two groups, and variations of them.

import { normals } from "./maths.js";

const NOISE = normals(120, 7);
const CENTRE = [1.15, 0.75];

export const DATASETS = { centred: "two groups", shifted: "shifted to one side", single: "one group" };

/** Points [x, y] and the group (1 or 0) of each. */
export function dataset(name) {
  const groups = Array.from({ length: 60 }, (_, index) => Number(index < 30));
  const points = groups.map((group, index) => {
    const side = name === "single" ? 0 : group ? 1 : -1;
    const shift = name === "shifted" ? 1.6 : 0;
    return [side * CENTRE[0] + shift + 0.42 * NOISE[2 * index], side * CENTRE[1] + shift + 0.42 * NOISE[2 * index + 1]];
  });
  return { points, groups };
}

/** The direction, in degrees, from one group to the other. */
export const AXIS = (Math.atan2(CENTRE[1], CENTRE[0]) * 180) / Math.PI;
