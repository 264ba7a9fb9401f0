// One run as the browser holds it, and where the person stands in it.

import { parse } from "../shared/colors.js";
import {
  DISTANCE_LEVELS,
  FIRST_COLORING,
  FIRST_PROJECTION,
  LEVELS,
  UNKNOWN,
  UNKNOWN_DISTANCE,
} from "../shared/tokens.js";
import { firstShown } from "./layers.js";

/** @import { Arrays, Header, View, Words } from "../types" */

/** The type of what `Run` takes over from its payload. */
const Recorded = /** @type {new () => Omit<Header, "colors"> & Arrays} */ (/** @type {unknown} */ (Object));

/** Everything that does not change while a person moves through the run. */
export class Run extends Recorded {
  /**
   * @param {Header} header
   * @param {Arrays} arrays
   */
  constructor(header, arrays) {
    super();
    Object.assign(this, header, arrays);
    this.frameCount = header.steps.length;
    this.count = arrays.labels.length;
    this.referenceCount = arrays.referenceLabels.length;
    this.isFullyLabelled = !arrays.labels.includes(UNKNOWN);
    this.isLabelled = arrays.labels.some((label) => label !== UNKNOWN);
    this.colors = header.colors.map(parse);
    /** The distance that each stored number stands for. */
    this.distanceOf = distanceTable(header.smallestDistance, header.largestDistance);
    // A class without reference images has no mean; its place says so.
    /** @param {Words} values */
    const known = (values) => values.filter((value) => value !== UNKNOWN);
    const [meanX, meanY] = [known(this.meanX), known(this.meanY)];
    this.extent = extent([this.x, this.referenceX, meanX], [this.y, this.referenceY, meanY]);
    /** What is known of the selected images' nearest training images. @type {Header["neighbors"]} */
    this.neighbors = header.neighbors ?? null;
    this.flips = flipCounts(this.predictions, this.frameCount, this.count);
  }

  /**
   * The phase of a frame, of those that were measured beyond chance; 0 for none.
   * @param {number} frame
   */
  phase(frame) {
    return this.course.phases[frame] ?? 0;
  }

  /**
   * The stretches of the run up to the best step and after it, each with its phase; 0 where none was measured.
   * @returns {{ phase: number, from: number, to: number }[]}
   */
  get stretches() {
    const [first, last] = [this.steps[0], this.steps[this.frameCount - 1]];
    const spans = new Set(this.course.spans);
    if (this.frameCount < 2 || !this.hasPhases) return [{ phase: 0, from: first, to: last }];
    return [
      { phase: spans.has(1) ? 1 : 0, from: first, to: this.phaseBoundary },
      { phase: spans.has(2) ? 2 : 0, from: this.phaseBoundary, to: last },
    ];
  }

  /** Whether accuracy is known, from which the phases follow. */
  get hasPhases() {
    return this.phaseBoundary >= 0;
  }

  /**
   * The last frame at or before a step.
   * @param {number} step
   */
  frameAt(step) {
    let frame = 0;
    while (frame + 1 < this.frameCount && this.steps[frame + 1] <= step) frame++;
    return frame;
  }

  /** @param {number} index */
  className(index) {
    return this.classes[index] ?? "unknown";
  }

  /**
   * @param {number} point
   * @param {number} frame
   */
  prediction(point, frame) {
    return this.predictions[frame * this.count + point];
  }

  /**
   * @param {number} point
   * @param {number} frame
   */
  confidence(point, frame) {
    return this.confidences[frame * this.count + point] / LEVELS;
  }

  /**
   * @param {number} point
   * @param {number} frame
   */
  entropy(point, frame) {
    return (this.entropies[frame * this.count + point] / LEVELS) * this.largestEntropy;
  }

  /**
   * Distance in embedding space to the training mean of the true class, or to the nearest one where that is unknown;
   * NaN where there is none.
   * @param {number} point
   * @param {number} frame
   */
  distance(point, frame) {
    return this.distanceOf[this.distances[frame * this.count + point]];
  }

  /**
   * The same of a training image.
   * @param {number} point
   */
  referenceDistance(point) {
    return this.distanceOf[this.referenceDistances[point]];
  }

  /**
   * The class whose mean that is.
   * @param {number} point
   * @param {number} frame
   */
  distanceClass(point, frame) {
    return this.distanceClasses?.[frame * this.count + point] ?? this.labels[point];
  }

  /**
   * How many pixels a distance of 1 in embedding space is long; 0 where distances in the picture are not true.
   * @param {number} pixelsPerUnit of the stored coordinates
   */
  pixelsPerDistance(pixelsPerUnit) {
    const { scale } = this.projection;
    return scale ? (scale / this.axes[2]) * this.levels * pixelsPerUnit : 0;
  }

  /**
   * The step at a time, which counts frames and may lie between two.
   * @param {number} time
   */
  stepAt(time) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.frameCount - 1);
    return this.steps[before] + (this.steps[after] - this.steps[before]) * (time - before);
  }

  /**
   * The time at a step; the inverse of `stepAt`, and the last frame beyond the end.
   * @param {number} step
   */
  timeAt(step) {
    const before = this.frameAt(step);
    if (before === this.frameCount - 1) return before;
    return before + (step - this.steps[before]) / (this.steps[before + 1] - this.steps[before]);
  }

  /**
   * @param {string} name
   * @param {number} frame
   */
  metric(name, frame) {
    return this.metrics[name]?.[frame] ?? null;
  }

  /**
   * Says in words where a frame stands, for people who hear the page.
   * @param {number} frame
   */
  describe(frame) {
    const accuracy = this.metric("accuracy", frame);
    const said = accuracy === null ? "" : `, accuracy ${(accuracy * 100).toFixed(1)} percent`;
    const phase = this.phase(frame) ? `, phase ${this.course.labels[frame]}` : "";
    return `step ${this.steps[frame]} of ${this.steps[this.frameCount - 1]}${said}${phase}`;
  }
}

/**
 * The distance for each of 256 stored numbers, even in its logarithm; NaN for what nobody knows.
 * @param {number} smallest
 * @param {number} largest
 */
export function distanceTable(smallest, largest) {
  return Float32Array.from({ length: 256 }, (_, level) =>
    level === UNKNOWN_DISTANCE ? NaN : smallest * (largest / smallest) ** (level / DISTANCE_LEVELS),
  );
}

/**
 * Lowest and highest coordinates over all frames.
 * @param {ArrayLike<number>[]} horizontal
 * @param {ArrayLike<number>[]} vertical
 */
export function extent(horizontal, vertical) {
  /** @param {ArrayLike<number>[]} parts */
  const bounds = (parts) => {
    let low = Infinity;
    let high = -Infinity;
    for (const part of parts) {
      for (let index = 0; index < part.length; index++) {
        if (part[index] < low) low = part[index];
        if (part[index] > high) high = part[index];
      }
    }
    return low <= high ? [low, high] : [0, 1];
  };
  const [left, right] = bounds(horizontal);
  const [bottom, top] = bounds(vertical);
  return { left, right, bottom, top };
}

/**
 * For every frame, how many predictions differ from those of frame 0.
 * @param {ArrayLike<number>} predictions
 * @param {number} frameCount
 * @param {number} count
 */
export function flipCounts(predictions, frameCount, count) {
  const flips = new Uint32Array(frameCount);
  for (let frame = 0; frame < frameCount; frame++) {
    for (let point = 0; point < count; point++) {
      if (predictions[frame * count + point] !== predictions[point]) flips[frame]++;
    }
  }
  return flips;
}

/**
 * Where a person stands in a run; survives reruns of the server and new frames.
 * @returns {View}
 */
export function newView() {
  return {
    time: 0,
    color: FIRST_COLORING,
    selected: new Set(),
    hidden: { label: new Set(), prediction: new Set(), correctness: new Set(), flipped: new Set() },
    alone: -1,
    show: firstShown(),
    beside: "",
    projection: FIRST_PROJECTION,
    logarithmic: true,
    speed: 1,
    loop: true,
    zoom: { scale: 1, x: 0, y: 0 },
    hover: -1,
    lassoing: false,
    command: -1,
  };
}

/**
 * The time at which a view should stand once `next` has replaced `previous`.
 * @param {View} view
 * @param {Run | null} previous null where the view goes to the step that `next` asks for
 * @param {Run} next
 */
export function timeAfterReload(view, previous, next) {
  if (!previous) return next.frameAt(next.view.step);
  // Whoever stood on the last frame of a run that is still recording wants to follow it.
  const stoodLast = Math.round(view.time) === previous.frameCount - 1;
  if (previous.runId === next.runId && stoodLast && previous.frameCount > 1) return next.frameCount - 1;
  return next.frameAt(previous.steps[Math.round(view.time)]);
}

/**
 * Keeps the zoom of a run that grows; another run or another projection starts with the whole picture, and another run
 * with all classes.
 * @param {View} view
 * @param {Run | null} previous
 * @param {Run} next
 */
export function carryZoom(view, previous, next) {
  if (!previous) return;
  if (previous.runId === next.runId && previous.projection.name === next.projection.name) return;
  view.zoom = { scale: 1, x: 0, y: 0 };
  if (previous.runId !== next.runId) view.alone = -1;
}
