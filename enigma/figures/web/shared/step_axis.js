// Where steps lie on the axis that curves and timelines share.

import { roundStride } from "./numbers.js";

/** Positions run from 0 to 1; times count frames and may lie between two. */
export class StepAxis {
  /**
   * @param {number[]} steps the recorded steps, ascending
   * @param {boolean} logarithmic
   */
  constructor(steps, logarithmic) {
    this.logarithmic = logarithmic;
    this.last = steps[steps.length - 1];
    this.frames = Float64Array.from(steps, (step) => this.position(step));
  }

  /**
   * Position of any step, recorded or not.
   * @param {number} step
   */
  position(step) {
    if (this.last <= 0) return 0;
    return this.logarithmic ? Math.log1p(step) / Math.log1p(this.last) : step / this.last;
  }

  /**
   * Position of a time.
   * @param {number} time
   */
  positionOfTime(time) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.frames.length - 1);
    return this.frames[before] + (this.frames[after] - this.frames[before]) * (time - before);
  }

  /**
   * The time whose position is given; the inverse of `positionOfTime`.
   * @param {number} position
   */
  timeAt(position) {
    const last = this.frames.length - 1;
    if (last === 0 || position <= this.frames[0]) return 0;
    if (position >= this.frames[last]) return last;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.frames[middle] <= position) low = middle;
      else high = middle;
    }
    return low + (position - this.frames[low]) / (this.frames[high] - this.frames[low]);
  }

  /**
   * Round steps to label, at least `gap` pixels apart on an axis of `width` pixels.
   * @param {number} width
   * @param {number} [gap]
   */
  ticks(width, gap = 44) {
    const kept = [];
    let previous = -Infinity;
    for (const step of this.logarithmic ? decades(this.last) : evenSteps(this.last, width / gap / 1.5)) {
      const place = this.position(step) * width;
      if (place - previous < gap) continue;
      kept.push(step);
      previous = place;
    }
    return kept;
  }
}

/** @param {number} last */
function decades(last) {
  const steps = [0];
  for (let step = 1; step <= last; step *= 10) steps.push(step);
  return steps;
}

/**
 * @param {number} last
 * @param {number} wanted
 */
function evenSteps(last, wanted) {
  const stride = roundStride(Math.max(last / Math.max(wanted, 1), 1));
  return Array.from({ length: Math.floor(last / stride) + 1 }, (_, index) => index * stride);
}
