// One axis for all distances of a run.

import { ticks } from "../shared/numbers.js";

/** @import { DistanceAxis } from "../types" */

/** An axis on which the training images would be squeezed into less than this part of it is logarithmic. */
const MOST_MEDIANS = 12;

/**
 * One axis for all distances of a run.
 * @param {number} largest
 * @param {number} training the median of the training images
 * @returns {DistanceAxis}
 */
export function distanceAxis(largest, training) {
  const end = largest * 1.02;
  if (!(end > training * MOST_MEDIANS)) return { start: 0, end, logarithmic: false };
  return { start: training / 10, end, logarithmic: true };
}

/**
 * Where a distance lies on an axis, from 0 to 1 inside of it.
 * @param {DistanceAxis} axis
 * @param {number} distance
 */
export function placeOf(axis, distance) {
  const { start, end } = axis;
  return axis.logarithmic ? Math.log(distance / start) / Math.log(end / start) : (distance - start) / (end - start);
}

/**
 * The distance at a place on an axis; the inverse of `placeOf`.
 * @param {DistanceAxis} axis
 * @param {number} place
 */
export function distanceAt({ start, end, logarithmic }, place) {
  return logarithmic ? start * (end / start) ** place : start + (end - start) * place;
}

/**
 * Round values along an axis, about `count` of them.
 * @param {DistanceAxis} axis
 * @param {number} count
 */
export function axisTicks(axis, count) {
  if (!axis.logarithmic) return ticks(axis.start, axis.end, count);
  const found = [];
  for (let power = Math.floor(Math.log10(axis.start)); 10 ** power <= axis.end; power++)
    for (const factor of [1, 2, 5]) found.push(Number((factor * 10 ** power).toPrecision(6)));
  const inside = found.filter((value) => value >= axis.start && value <= axis.end);
  return inside.length > count ? inside.filter((value) => /^0*\.?0*1/.test(String(value))) : inside;
}
