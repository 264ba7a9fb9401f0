// How dense points lie: a kernel estimate on a grid of cells.

/** @import { Grid } from "../types" */

/**
 * The density of some points on a grid: their number in each cell, blurred three times by a box, which comes close to
 * a normal distribution.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {Grid} grid
 * @param {number} reach how many cells the box goes to each side
 */
export function densityOf(x, y, { left, bottom, cell, columns, rows }, reach) {
  let density = new Float32Array(columns * rows);
  for (let point = 0; point < x.length; point++) {
    const column = Math.min(Math.max(Math.floor((x[point] - left) / cell), 0), columns - 1);
    const row = Math.min(Math.max(Math.floor((y[point] - bottom) / cell), 0), rows - 1);
    density[row * columns + column]++;
  }
  for (let pass = 0; pass < 3; pass++) {
    density = blurLines(density, rows, columns, columns, 1, reach);
    density = blurLines(density, columns, rows, 1, columns, reach);
  }
  return density;
}

/**
 * A box blur along every line of a grid, with a running sum.
 * @param {Float32Array} values
 * @param {number} lines
 * @param {number} length of a line
 * @param {number} lineStride
 * @param {number} stride
 * @param {number} reach
 */
function blurLines(values, lines, length, lineStride, stride, reach) {
  const blurred = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStride;
    let sum = 0;
    for (let place = 0; place < Math.min(reach, length); place++) sum += values[start + place * stride];
    for (let place = 0; place < length; place++) {
      if (place + reach < length) sum += values[start + (place + reach) * stride];
      if (place - reach > 0) sum -= values[start + (place - reach - 1) * stride];
      blurred[start + place * stride] = Math.max(sum, 0) / (2 * reach + 1);
    }
  }
  return blurred;
}

/**
 * The highest level above which this share of the whole lies.
 * @param {Float32Array} density
 * @param {number} share
 */
export function levelOfShare(density, share) {
  const sorted = Float32Array.from(density).sort().reverse();
  const wanted = share * sorted.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  for (const value of sorted) {
    sum += value;
    if (sum >= wanted) return value;
  }
  return 0;
}

/**
 * A value between the centres of four cells.
 * @param {Float32Array} values
 * @param {number} columns
 * @param {number} rows
 * @param {number} x
 * @param {number} y
 */
export function bilinear(values, columns, rows, x, y) {
  const column = Math.min(Math.max(Math.floor(x), 0), columns - 2);
  const row = Math.min(Math.max(Math.floor(y), 0), rows - 2);
  const [right, up] = [x - column, y - row];
  const first = row * columns + column;
  const low = values[first] + (values[first + 1] - values[first]) * right;
  const high = values[first + columns] + (values[first + columns + 1] - values[first + columns]) * right;
  return low + (high - low) * up;
}

/** @param {number[]} values */
export const least = (values) => values.reduce((low, value) => Math.min(low, value), Infinity);

/** @param {number[]} values */
export function deviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
