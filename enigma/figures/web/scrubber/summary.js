// What a set of images has in common: their classes, what they are predicted as, how accurate and how far they are.

import { UNKNOWN } from "../shared/tokens.js";

/** @import { ClassCount } from "../types" */
/** @import { Run } from "./model.js" */

/**
 * How many of some images are in which class, and what each class is predicted as at a frame; the commonest first.
 * @param {Run} run
 * @param {Iterable<number>} points
 * @param {number} frame
 * @returns {ClassCount[]}
 */
export function classesOf(run, points, frame) {
  /** @type {Map<number, Map<number, number>>} */
  const found = new Map();
  for (const point of points) {
    const label = run.labels[point];
    const predicted = found.get(label) ?? new Map();
    const prediction = run.prediction(point, frame);
    predicted.set(prediction, (predicted.get(prediction) ?? 0) + 1);
    found.set(label, predicted);
  }
  return [...found]
    .map(([label, predicted]) => ({
      label,
      count: [...predicted.values()].reduce((sum, count) => sum + count, 0),
      predicted: ordered([...predicted].map(([prediction, count]) => ({ prediction, count }))),
    }))
    .sort((a, b) => b.count - a.count || a.label - b.label);
}

/** @param {ClassCount["predicted"]} counts */
const ordered = (counts) => counts.sort((a, b) => b.count - a.count || a.prediction - b.prediction);

/**
 * How many of some images are right at a frame, of those whose class is known.
 * @param {Run} run
 * @param {Iterable<number>} points
 * @param {number} frame
 */
export function rightOf(run, points, frame) {
  let known = 0;
  let right = 0;
  for (const point of points) {
    const label = run.labels[point];
    if (label === UNKNOWN || !run.hasPredictions) continue;
    known++;
    if (run.prediction(point, frame) === label) right++;
  }
  return { known, right };
}

/**
 * Mean distance of some images to their class mean at a frame; null where none is known.
 * @param {Run} run
 * @param {Iterable<number>} points
 * @param {number} frame
 */
export function meanDistance(run, points, frame) {
  let sum = 0;
  let count = 0;
  for (const point of points) {
    const distance = run.distance(point, frame);
    if (Number.isNaN(distance)) continue;
    sum += distance;
    count++;
  }
  return count ? sum / count : null;
}

/**
 * Accuracy and mean distance of some images at every frame.
 * @param {Run} run
 * @param {number[]} points
 */
export function throughTime(run, points) {
  const frames = Array.from({ length: run.frameCount }, (_, frame) => frame);
  return {
    accuracy: frames.map((frame) => {
      const { known, right } = rightOf(run, points, frame);
      return known ? right / known : null;
    }),
    distance: frames.map((frame) => meanDistance(run, points, frame)),
  };
}

/**
 * The first counts with their names, and one number for all the others: "Trouser 40, Dress 5, 2 others".
 * @param {{ name: string, count: number }[]} counts
 * @param {number} most
 */
export function listed(counts, most) {
  // One more name is no longer than "1 other".
  const shown = counts.length === most + 1 ? most + 1 : most;
  const others = counts.slice(shown).reduce((sum, { count }) => sum + count, 0);
  const parts = counts.slice(0, shown).map(({ name, count }) => `${name} ${count}`);
  return [...parts, ...(others ? [`${others} others`] : [])].join(", ");
}
