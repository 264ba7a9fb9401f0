// Which images the picture draws too near their class mean or too far from it; as enigma.analysis.projection.doubt.

import { mix, parse } from "../shared/colors.js";
import { DOUBT_SCALE, MOST_DOUBT, UNKNOWN } from "../shared/tokens.js";

/** @import { Run } from "./model.js" */

const COLORS = DOUBT_SCALE.map(parse);

/** The measure of each run's picture, found when first asked for. @type {WeakMap<Run, number>} */
const measures = new WeakMap();

/**
 * The median, over the training images, of distance on the picture over distance in embedding space; NaN without any.
 * @param {Run} run
 */
export function measureOf(run) {
  const known = measures.get(run);
  if (known !== undefined) return known;
  const ratios = [];
  for (let point = 0; point < run.referenceCount; point++) {
    const ratio = run.distanceOf[run.referenceDistances[point]];
    const drawn = fromMean(run, run.referenceLabels[point], run.referenceX[point], run.referenceY[point]);
    if (drawn > 0 && ratio > 0) ratios.push(drawn / ratio);
  }
  ratios.sort((a, b) => a - b);
  const half = ratios.length / 2;
  const found = ratios.length ? (ratios[Math.ceil(half) - 1] + ratios[Math.floor(half)]) / 2 : NaN;
  measures.set(run, found);
  return found;
}

/**
 * By what power of two an image is drawn too far from its class mean; NaN where there is none.
 * @param {Run} run
 * @param {number} point
 * @param {number} frame
 */
export function doubtOf(run, point, frame) {
  const index = frame * run.count + point;
  const drawn = fromMean(run, run.distanceClass(point, frame), run.x[index], run.y[index]);
  return drawn > 0 ? Math.log2(drawn / run.distanceOf[run.distances[index]] / measureOf(run)) : NaN;
}

/**
 * @param {Run} run
 * @param {number} label
 * @param {number} x
 * @param {number} y
 */
function fromMean(run, label, x, y) {
  const meanX = run.meanX[label];
  return meanX === undefined || meanX === UNKNOWN ? NaN : Math.hypot(x - meanX, y - run.meanY[label]);
}

/**
 * The colour of a doubt: blue for too near, grey for right, red for too far.
 * @param {number} doubt
 */
export function doubtColor(doubt) {
  const place = ((Math.min(Math.max(doubt / MOST_DOUBT, -1), 1) + 1) / 2) * (COLORS.length - 1);
  const before = Math.min(Math.floor(place), COLORS.length - 2);
  return mix(COLORS[before], COLORS[before + 1], place - before);
}

/**
 * A doubt in words; none where it is less than a tenth of the distance.
 * @param {number} doubt
 */
export function describeDoubt(doubt) {
  if (Number.isNaN(doubt)) return "";
  const factor = 2 ** Math.abs(doubt);
  if (factor < 1.1) return ", drawn as far as it is";
  return `, drawn ${factor.toFixed(1)} × too ${doubt < 0 ? "near" : "far"}`;
}

/**
 * What the colours compare; a picture with true distances leaves nothing to doubt, and one without training images all.
 * @param {Run} run
 */
export function doubtSentence(run) {
  if (Number.isNaN(measureOf(run))) return "no training images to measure by";
  return run.projection.scale === null
    ? "drawn distance over the true one; grey: as for training images"
    : "all grey: every image is drawn at its true distance from its class mean";
}
