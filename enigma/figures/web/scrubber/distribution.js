// How distances spread over one axis: counted in fine bins, smoothed, with their median.

import { distanceAt, placeOf } from "./distance_axis.js";
import { DISTANCE_LEVELS, UNKNOWN_DISTANCE } from "../shared/tokens.js";

/** @import { DistanceAxis } from "../types" */
/** @import { Run } from "./model.js" */

/** Places of a hill. */
export const BINS = 512;
/** Images are counted in finer ones, which the median is read from. */
const COUNTED = 4 * BINS;

/** Fewer images are shown where they are stored to be. */
const MANY = 30;
/** Frames that are looked at for the height of a hill. */
const LOOKED_AT = 12;

/** What is found of a set of distances: images a bin, how many in all, and the median; NaN for none. */
export class Spread {
  constructor() {
    this.bins = new Float32Array(COUNTED);
    this.count = 0;
    this.median = NaN;
  }
}

/**
 * Factors that spread stored distances evenly over what each stored number stands for. Otherwise many images would
 * share one number, and the median could only be one of them.
 * @param {number} count
 * @param {number} smallest
 * @param {number} largest
 */
export function spreadFactors(count, smallest, largest) {
  const level = Math.log(largest / smallest) / DISTANCE_LEVELS;
  // Multiples of the golden ratio fill an interval evenly, however many there are.
  return Float32Array.from({ length: count }, (_, index) =>
    Math.exp(((index * 0.6180339887498949) % 1) * level - level / 2),
  );
}

/**
 * Counts the distances of some points at a time between two frames.
 * @param {Run} run
 * @param {number} time
 * @param {ArrayLike<number>} points
 * @param {Float32Array} factors
 * @param {DistanceAxis} axis
 * @param {Spread} spread
 */
export function countProbes(run, time, points, factors, axis, spread) {
  const { distances, distanceOf, count } = run;
  const before = Math.floor(time);
  const share = time - before;
  const first = before * count;
  const second = Math.min(before + 1, run.frameCount - 1) * count;
  const few = points.length <= MANY;
  const exact = [];
  begin(spread);
  for (let index = 0; index < points.length; index++) {
    const point = points[index];
    const from = distances[first + point];
    const to = distances[second + point];
    if (from === UNKNOWN_DISTANCE || to === UNKNOWN_DISTANCE) continue;
    const distance = distanceOf[from] + (distanceOf[to] - distanceOf[from]) * share;
    add(spread, axis, few ? distance : distance * factors[point]);
    if (few) exact.push(distance);
  }
  spread.median = few ? middle(exact) : median(spread, axis);
}

/**
 * Counts the distances of some training images.
 * @param {Run} run
 * @param {ArrayLike<number>} points
 * @param {Float32Array} factors
 * @param {DistanceAxis} axis
 * @param {Spread} spread
 */
export function countReferences(run, points, factors, axis, spread) {
  begin(spread);
  for (let index = 0; index < points.length; index++) {
    const level = run.referenceDistances[points[index]];
    if (level !== UNKNOWN_DISTANCE) add(spread, axis, run.distanceOf[level] * factors[points[index]]);
  }
  spread.median = median(spread, axis);
}

/** @param {Spread} spread */
function begin(spread) {
  spread.bins.fill(0);
  spread.count = 0;
}

/**
 * @param {Spread} spread
 * @param {DistanceAxis} axis
 * @param {number} distance
 */
function add(spread, axis, distance) {
  const bin = Math.floor(placeOf(axis, distance) * COUNTED);
  spread.bins[bin < 0 ? 0 : bin < COUNTED ? bin : COUNTED - 1]++;
  spread.count++;
}

/**
 * The distance below which half of the images lie, evenly inside its bin.
 * @param {Spread} spread
 * @param {DistanceAxis} axis
 */
function median({ bins, count }, axis) {
  if (!count) return NaN;
  let below = 0;
  let bin = 0;
  while (below + bins[bin] < count / 2) below += bins[bin++];
  return distanceAt(axis, (bin + (count / 2 - below) / bins[bin]) / COUNTED);
}

/** @param {number[]} values */
function middle(values) {
  values.sort((a, b) => a - b);
  const half = values.length / 2;
  return values.length ? (values[Math.ceil(half) - 1] + values[Math.floor(half)]) / 2 : NaN;
}

/**
 * The share of images at each place of a hill, blurred by a normal distribution of `width` places.
 * @param {Spread} spread
 * @param {number} width
 */
export function smoothed({ bins, count }, width) {
  const reach = Math.ceil(width * 3);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-0.5 * ((index - reach) / width) ** 2),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0) * Math.max(count, 1);
  const density = new Float32Array(BINS);
  for (let bin = 0; bin < BINS; bin++) {
    const images = bins[4 * bin] + bins[4 * bin + 1] + bins[4 * bin + 2] + bins[4 * bin + 3];
    if (!images) continue;
    const share = images / total;
    const last = Math.min(bin + reach, BINS - 1);
    for (let place = Math.max(bin - reach, 0); place <= last; place++)
      density[place] += share * kernel[place - bin + reach];
  }
  return density;
}

/**
 * The highest place of the hills of some points, over frames from all of the run.
 * @param {Run} run
 * @param {ArrayLike<number>} points
 * @param {Float32Array} factors
 * @param {DistanceAxis} axis
 * @param {number} width
 */
export function highest(run, points, factors, axis, width) {
  const spread = new Spread();
  const looked = Math.min(run.frameCount, LOOKED_AT);
  let peak = 0;
  for (let index = 0; index < looked; index++) {
    const frame = Math.round((index * (run.frameCount - 1)) / Math.max(looked - 1, 1));
    countProbes(run, frame, points, factors, axis, spread);
    for (const height of smoothed(spread, width)) peak = Math.max(peak, height);
  }
  return peak;
}
