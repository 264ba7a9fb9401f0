// Where the training points are dense: one contour a class that holds most of its points.

/** @import { Run } from "./model.js" */

const CELLS = 96;
const MARGIN = 0.06;
const SHARE = 0.8;
const MOST_CLASSES = 20;

/**
 * Segments x1, y1, x2, y2, ... in coordinates, one array a class; with many classes a single one for all of them.
 *
 * The density is the number of points in each cell of a grid, blurred twice with a box of five cells; its contour is
 * drawn at the level above which 80 % of the points lie.
 * @param {Run} run
 */
export function densityContours(run) {
  const { left, right, bottom, top } = run.extent;
  const side = Math.max(right - left, top - bottom, 1) * (1 + 2 * MARGIN);
  const grid = { x: (left + right - side) / 2, y: (bottom + top - side) / 2, cell: side / CELLS };
  const groups = run.classes.length <= MOST_CLASSES ? run.classes.length : 1;
  const counts = Array.from({ length: groups }, () => new Float32Array(CELLS * CELLS));
  for (let point = 0; point < run.referenceCount; point++) {
    const column = Math.floor((run.referenceX[point] - grid.x) / grid.cell);
    const row = Math.floor((run.referenceY[point] - grid.y) / grid.cell);
    counts[groups === 1 ? 0 : run.referenceLabels[point]][row * CELLS + column]++;
  }
  return counts.map((count) => {
    const density = blur(blur(count));
    return marchingSquares(density, levelOfShare(density, SHARE), grid);
  });
}

/**
 * A box blur over five cells in both directions.
 * @param {Float32Array} values
 */
function blur(values) {
  const once = new Float32Array(values.length);
  const twice = new Float32Array(values.length);
  /**
   * @param {Float32Array} from
   * @param {Float32Array} to
   * @param {number} index
   * @param {number} place
   * @param {number} stride
   */
  const mean = (from, to, index, place, stride) => {
    let sum = 0;
    for (let shift = -2; shift <= 2; shift++) {
      if (place + shift >= 0 && place + shift < CELLS) sum += from[index + shift * stride];
    }
    to[index] = sum / 5;
  };
  for (let index = 0; index < values.length; index++) mean(values, once, index, index % CELLS, 1);
  for (let index = 0; index < values.length; index++) mean(once, twice, index, Math.floor(index / CELLS), CELLS);
  return twice;
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
 * The lines at which a grid of values crosses a level.
 * @param {Float32Array} values
 * @param {number} level
 * @param {{ x: number, y: number, cell: number }} options
 */
export function marchingSquares(values, level, { x, y, cell }) {
  /** @type {number[]} */
  const segments = [];
  if (level <= 0) return segments;
  for (let row = 0; row < CELLS - 1; row++) {
    for (let column = 0; column < CELLS - 1; column++) {
      const corner = row * CELLS + column;
      const square = [values[corner], values[corner + 1], values[corner + CELLS + 1], values[corner + CELLS]];
      for (const [place, other] of crossings(square, level)) {
        for (const [across, up] of [place, other]) {
          segments.push(x + (column + 0.5 + across) * cell, y + (row + 0.5 + up) * cell);
        }
      }
    }
  }
  return segments;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * The one or two lines in a square whose corners have these values, as pairs of places in it.
 * @param {number[]} square
 * @param {number} level
 */
function crossings(square, level) {
  /** @type {number[][]} */
  const places = [];
  for (let side = 0; side < 4; side++) {
    const from = square[side];
    const to = square[(side + 1) % 4];
    if (from < level === to < level) continue;
    const share = (level - from) / (to - from);
    const [start, end] = [CORNERS[side], CORNERS[(side + 1) % 4]];
    places.push(start.map((value, axis) => value + (end[axis] - value) * share));
  }
  /** @type {[number[], number[]][]} */
  const lines = [];
  for (let index = 0; index + 1 < places.length; index += 2) lines.push([places[index], places[index + 1]]);
  return lines;
}
