// Colours as numbers 0xrrggbb, in which they can be mixed, and as text.

/**
 * "#rrggbb" as one number.
 * @param {string} text
 */
export const parse = (text) => parseInt(text.slice(1), 16);

/**
 * One number as "#rrggbb".
 * @param {number} color
 */
export const hex = (color) => `#${color.toString(16).padStart(6, "0")}`;

/**
 * A colour between two.
 * @param {number} from
 * @param {number} to
 * @param {number} share
 */
export function mix(from, to, share) {
  let mixed = 0;
  for (let shift = 16; shift >= 0; shift -= 8) {
    const start = (from >> shift) & 255;
    mixed |= Math.round(start + (((to >> shift) & 255) - start) * share) << shift;
  }
  return mixed;
}

/**
 * A colour between two, as text.
 * @param {string} from
 * @param {string} to
 * @param {number} share
 */
export const blend = (from, to, share) => hex(mix(parse(from), parse(to), share));
