// What belongs to a class as a whole: where its test images are on average, and how far its training images lie.

/** @import { Run } from "./model.js" */
/** @import { Ring } from "../types" */

/** The mean position of the test images of each class, frame by frame. */
export class Centroids {
  /** @param {Run} run */
  constructor(run) {
    this.run = run;
    const { frameCount, count } = run;
    const classes = run.classes.length;
    this.x = new Float64Array(frameCount * classes);
    this.y = new Float64Array(frameCount * classes);
    this.images = new Uint32Array(frameCount * classes);
    for (let frame = 0; frame < frameCount; frame++) {
      for (let point = 0; point < count; point++) {
        const index = run.distanceClass(point, frame);
        if (index >= classes) continue;
        const place = frame * classes + index;
        this.x[place] += run.x[frame * count + point];
        this.y[place] += run.y[frame * count + point];
        this.images[place]++;
      }
    }
    for (let place = 0; place < this.images.length; place++) {
      this.x[place] /= this.images[place];
      this.y[place] /= this.images[place];
    }
  }

  /**
   * Where it is at a time between two frames; nothing while the class has no test image.
   * @param {number} index
   * @param {number} time
   */
  at(index, time) {
    const classes = this.run.classes.length;
    const before = Math.floor(time);
    const first = before * classes + index;
    const second = Math.min(before + 1, this.run.frameCount - 1) * classes + index;
    if (!this.images[first] && !this.images[second]) return null;
    // Images without labels may come to a class or leave it whole between two frames.
    const share = this.images[first] ? (this.images[second] ? time - before : 0) : 1;
    if (share === 0) return { x: this.x[first], y: this.y[first] };
    if (share === 1) return { x: this.x[second], y: this.y[second] };
    return {
      x: this.x[first] + (this.x[second] - this.x[first]) * share,
      y: this.y[first] + (this.y[second] - this.y[first]) * share,
    };
  }
}

/**
 * A quantile of ascending values, linear between two of them.
 * @param {ArrayLike<number>} sorted
 * @param {number} share
 */
export function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const before = Math.floor(place);
  const after = Math.min(before + 1, sorted.length - 1);
  return sorted[before] + (sorted[after] - sorted[before]) * (place - before);
}

/**
 * The training images' own distances to the mean of their class, in embedding space: 10th, 50th and 90th percentile of
 * each class; nothing for a class without training images.
 * @param {Run} run
 * @returns {(Ring | null)[]}
 */
export function rings(run) {
  /** @type {number[][]} */
  const distances = run.classes.map(() => []);
  for (let point = 0; point < run.referenceCount; point++) {
    const distance = run.referenceDistance(point);
    if (Number.isFinite(distance)) distances[run.referenceLabels[point]]?.push(distance);
  }
  return distances.map((own) => {
    if (!own.length) return null;
    own.sort((a, b) => a - b);
    return { inner: quantile(own, 0.1), median: quantile(own, 0.5), outer: quantile(own, 0.9) };
  });
}

/**
 * The longest scale bar of a round distance (1, 2 or 5 times a power of ten) that is not longer than `most`.
 * @param {number} pixelsPerDistance
 * @param {number} most in pixels
 */
export function scaleBar(pixelsPerDistance, most) {
  const rough = most / pixelsPerDistance;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [5, 2, 1].find((one) => one * power <= rough) ?? 1;
  const distance = Number((factor * power).toPrecision(1));
  return { distance, length: distance * pixelsPerDistance };
}
