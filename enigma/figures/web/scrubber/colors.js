// Colours as numbers, as the pixels and marks of the projection and the curves need them.

import { mix, parse } from "../shared/colors.js";
import { readTheme } from "../shared/theme.js";
import { SCALE } from "../shared/tokens.js";

/** @import { NumericTheme } from "../types" */

const COLORS = SCALE.map(parse);

/**
 * One number as "rgb(...)".
 * @param {number} color
 */
export const css = (color) => `rgb(${color >> 16} ${(color >> 8) & 255} ${color & 255})`;

/** Colours for 256 equal steps of a continuous value. */
export function scaleTable() {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (COLORS.length - 1);
    const before = Math.min(Math.floor(place), COLORS.length - 2);
    return mix(COLORS[before], COLORS[before + 1], place - before);
  });
}

/**
 * A continuous scale as a background.
 * @param {string[]} colors
 */
export const scaleGradient = (colors) => `linear-gradient(90deg, ${colors.join(", ")})`;

/**
 * The theme with its colours as numbers.
 * @param {HTMLElement} root
 */
export function numericTheme(root) {
  const entries = Object.entries(readTheme(root)).map(([name, value]) => {
    const isColor = typeof value === "string" && value.startsWith("#");
    return [name, isColor ? parse(value) : value];
  });
  return /** @type {NumericTheme} */ (Object.fromEntries(entries));
}
