// One run as the browser holds it, and where the person stands in it.

import { parse } from "../shared/colors.js";
import { DISTANCE_LEVELS, FIRST_COLORING, FIRST_PROJECTION, UNKNOWN } from "../shared/tokens.js";

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
    // A class without reference images has no mean; its place says so.
    /** @param {Words} values */
    const known = (values) => values.filter((value) => value !== UNKNOWN);
    const [meanX, meanY] = [known(this.meanX), known(this.meanY)];
    this.extent = extent([this.x, this.referenceX, meanX], [this.y, this.referenceY, meanY]);
    this.travellers = travellers(this);
    this.flips = flipCounts(this.predictions, this.frameCount, this.count);
  }

  /**
   * Phase 1 up to the best step, phase 2 after it; 0 where there is nothing to tell apart.
   * @param {number} frame
   */
  phase(frame) {
    if (this.frameCount < 2 || !this.hasPhases) return 0;
    if (this.phaseBoundary <= this.steps[0]) return frame === 0 ? 0 : 2;
    return this.steps[frame] <= this.phaseBoundary ? 1 : 2;
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
    return this.confidences[frame * this.count + point] / 255;
  }

  /**
   * @param {number} point
   * @param {number} frame
   */
  entropy(point, frame) {
    return (this.entropies[frame * this.count + point] / 255) * this.largestEntropy;
  }

  /**
   * Distance in embedding space to the training mean of the true class.
   * @param {number} point
   * @param {number} frame
   */
  distance(point, frame) {
    return (this.distances[frame * this.count + point] / DISTANCE_LEVELS) * this.largestDistance;
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
    const phase = this.phase(frame);
    return `step ${this.steps[frame]} of ${this.steps[this.frameCount - 1]}${said}${phase ? `, phase ${phase}` : ""}`;
  }
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
 * The points that end farthest from where they began: one or two a class, at most twelve.
 * @param {Pick<Run, "x" | "y" | "labels" | "count" | "frameCount" | "classes">} parts
 */
export function travellers({ x, y, labels, count, frameCount, classes }) {
  const eachClass = classes.length <= 6 ? 2 : 1;
  const last = (frameCount - 1) * count;
  const order = Array.from({ length: count }, (_, point) => point);
  const distance = Float32Array.from(order, (point) =>
    Math.hypot(x[last + point] - x[point], y[last + point] - y[point]),
  );
  /** @type {Map<number, number>} */
  const taken = new Map();
  const chosen = [];
  for (const point of order.sort((a, b) => distance[b] - distance[a])) {
    const already = taken.get(labels[point]) ?? 0;
    if (already >= eachClass || distance[point] === 0) continue;
    taken.set(labels[point], already + 1);
    chosen.push(point);
    if (chosen.length === 12) break;
  }
  return chosen;
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
    show: { training: true, means: true, density: false, trails: true, arrows: false },
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
 * @param {Run | null} previous
 * @param {Run} next
 */
export function timeAfterReload(view, previous, next) {
  if (!previous || view.command !== next.command) return next.frameAt(next.view.step);
  // Whoever stood on the last frame of a run that is still recording wants to follow it.
  const stoodLast = Math.round(view.time) === previous.frameCount - 1;
  if (previous.runId === next.runId && stoodLast && previous.frameCount > 1) return next.frameCount - 1;
  return next.frameAt(previous.steps[Math.round(view.time)]);
}

/**
 * Keeps the zoom of a run that grows; another run or another projection starts with the whole picture.
 * @param {View} view
 * @param {Run | null} previous
 * @param {Run} next
 */
export function carryZoom(view, previous, next) {
  if (!previous) return;
  if (previous.runId === next.runId && previous.projection.name === next.projection.name) return;
  view.zoom = { scale: 1, x: 0, y: 0 };
}
