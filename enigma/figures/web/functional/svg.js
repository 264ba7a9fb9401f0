// Elements of SVG, and how numbers are written along an axis.

/** @import { Attributes } from "../types" */

export const SPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {Attributes} [attributes]
 */
export function svg(name, attributes = {}, text = "") {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text) node.textContent = text;
  return node;
}

/**
 * A number for an axis: plain, with a minus sign of full width.
 * @param {number} value
 */
export const label = (value) =>
  (Math.abs(value) >= 1e4 ? value.toLocaleString("en-GB") : String(Number(value.toPrecision(6)))).replace("-", "−");

/**
 * @param {number} value
 * @param {boolean} logarithmic
 */
export function tickText(value, logarithmic) {
  if (!logarithmic) return label(value);
  const power = Math.round(Math.log10(value));
  return power === 0 ? "1" : `1e${String(power).replace("-", "−")}`;
}
