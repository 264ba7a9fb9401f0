// Colours, shapes and places of the test and training points, and how they are painted.

import { UNKNOWN, UNKNOWN_DISTANCE } from "../shared/tokens.js";
import { doubtColor, doubtOf } from "./doubt.js";
import { isClassShown } from "./density.js";
import { cross, disc, ring } from "./stamps.js";

/** @import { Run } from "./model.js" */
/** @import { NumericTheme, Stamp, Transform, View } from "../types" */
/** @import { PixelLayer } from "./stamps.js" */

export const HIDDEN = 0;
const DISC = 1;
const RING = 2;
const CROSS = 3;
const FAINT = 4;

/**
 * The group of a point under a colouring that sorts points into groups; -1 for continuous colourings.
 * @param {Run} run
 * @param {string} color
 * @param {number} point
 * @param {number} frame
 */
export function groupOf(run, color, point, frame) {
  const label = run.labels[point];
  const prediction = run.prediction(point, frame);
  if (color === "label") return label;
  if (color === "prediction") return prediction;
  if (color === "correctness") return label === UNKNOWN ? 2 : Number(prediction !== label);
  if (color === "flipped") return prediction === run.prediction(point, 0) ? 0 : prediction === label ? 1 : 2;
  return -1;
}

/**
 * How many classes can be shown alone: none where nothing says whose an image is, neither labels nor class means.
 * @param {Run} run
 */
export function classesApart({ distanceClasses, labels, classes }) {
  const owners = distanceClasses ?? labels;
  return owners.some((owner) => owner !== UNKNOWN) ? classes.length : 0;
}

/**
 * Whether a person has hidden the class or the group that a point belongs to, or all that is right or wrong.
 * @param {Run} run
 * @param {View} view
 * @param {number} point
 * @param {number} frame
 */
export function isHidden(run, view, point, frame) {
  if (view.alone >= 0 && run.distanceClass(point, frame) !== view.alone) return true;
  if (view.alone < 0 && view.hidden.label.has(run.labels[point])) return true;
  if (view.hidden.correctness.size && view.hidden.correctness.has(groupOf(run, "correctness", point, frame)))
    return true;
  const groups = view.hidden[view.color];
  return groups !== undefined && groups.size > 0 && groups.has(groupOf(run, view.color, point, frame));
}

/**
 * Writes colour and shape of every test point at one frame.
 * @param {Run} run
 * @param {View} view
 * @param {number} frame
 * @param {NumericTheme} theme
 * @param {Uint32Array} scale
 * @param {Uint32Array} colors
 * @param {Uint8Array} shapes
 */
export function shade(run, view, frame, theme, scale, colors, shapes) {
  const start = frame * run.count;
  for (let point = 0; point < run.count; point++) {
    if (isHidden(run, view, point, frame)) {
      shapes[point] = HIDDEN;
      continue;
    }
    shapes[point] = DISC;
    if (view.color === "entropy") colors[point] = scale[run.entropies[start + point]];
    else if (view.color === "distance") {
      const level = run.distances[start + point];
      const known = level !== UNKNOWN_DISTANCE;
      colors[point] = known ? scale[Math.round((run.distanceOf[level] / run.largestDistance) * 255)] : theme.muted;
      if (!known) shapes[point] = RING;
    } else if (view.color === "confidence") colors[point] = scale[255 - run.confidences[start + point]];
    else if (view.color === "doubt") {
      const doubt = doubtOf(run, point, frame);
      const known = !Number.isNaN(doubt);
      colors[point] = known ? doubtColor(doubt) : theme.muted;
      if (!known) shapes[point] = RING;
    } else shadeGroup(run, view.color, groupOf(run, view.color, point, frame), point, theme, colors, shapes);
  }
}

/**
 * @param {Run} run
 * @param {string} color
 * @param {number} group
 * @param {number} point
 * @param {NumericTheme} theme
 * @param {Uint32Array} colors
 * @param {Uint8Array} shapes
 */
function shadeGroup(run, color, group, point, theme, colors, shapes) {
  if (color === "label" || color === "prediction") {
    colors[point] = run.colors[group] ?? theme.muted;
  } else if (color === "correctness") {
    colors[point] = [theme.success, theme.failure, theme.muted][group];
    shapes[point] = [DISC, CROSS, RING][group];
  } else {
    colors[point] = [theme.neutral, theme.success, theme.failure][group];
    shapes[point] = [FAINT, DISC, CROSS][group];
  }
}

// The shorter side of a picture, in CSS pixels, from which on marks are as large as they get, and their least share of it.
const FULL_SIZE = 420;
const LEAST_SHARE = 0.45;

/**
 * How large marks are on a picture, as a share of their largest: on a small one they would cover the training images.
 * @param {number} size its shorter side in CSS pixels
 */
export const shareOfSize = (size) => Math.min(Math.max(size / FULL_SIZE, LEAST_SHARE), 1);

/**
 * Point radius in CSS pixels: smaller when there are many, a little larger when zoomed in.
 * @param {number} count
 * @param {number} zoom
 */
export function pointRadius(count, zoom) {
  const base = count <= 1500 ? 2.7 : count <= 6000 ? 2.1 : 1.5;
  return base * Math.min(zoom ** 0.3, 2.2);
}

/** The shapes for one radius and pixel ratio, made once and kept. */
export class Shapes {
  constructor() {
    this.key = "";
    /** A shape for each of RING and the like, but for HIDDEN. @type {(Stamp | null)[]} */
    this.probe = [];
    this.reference = disc(1);
  }

  /**
   * @param {number} radius
   * @param {number} ratio
   */
  prepare(radius, ratio) {
    const size = Math.round(radius * ratio * 8) / 8;
    const key = `${size} ${ratio}`;
    if (key === this.key) return;
    this.key = key;
    this.probe = [
      null,
      disc(size),
      ring(size * 1.15, 1.2 * ratio),
      cross(size * 1.3, 1.3 * ratio),
      ring(size * 0.95, 1.1 * ratio),
    ];
    this.reference = disc(Math.max(size * 0.5, 0.75 * ratio));
  }
}

/**
 * Places of all points at a time between two frames, in device pixels.
 * @param {Run} run
 * @param {number} time
 * @param {Transform} transform
 * @param {Float32Array} screenX
 * @param {Float32Array} screenY
 */
export function place(run, time, transform, screenX, screenY) {
  const before = Math.floor(time);
  const share = time - before;
  const first = before * run.count;
  const second = Math.min(before + 1, run.frameCount - 1) * run.count;
  const { scale, offsetX, offsetY } = transform;
  for (let point = 0; point < run.count; point++) {
    const x = run.x[first + point];
    const y = run.y[first + point];
    screenX[point] = (x + (run.x[second + point] - x) * share) * scale + offsetX;
    screenY[point] = offsetY - (y + (run.y[second + point] - y) * share) * scale;
  }
}

/**
 * Paints the test points; unselected ones step back while others are selected.
 * @param {PixelLayer} layer
 * @param {Float32Array} screenX
 * @param {Float32Array} screenY
 * @param {Uint32Array} colors
 * @param {Uint8Array} shapes
 * @param {(Stamp | null)[]} stamps
 * @param {Set<number>} selected
 */
export function paintProbes(layer, screenX, screenY, colors, shapes, stamps, selected) {
  const some = selected.size > 0;
  for (let point = 0; point < colors.length; point++) {
    const shape = shapes[point];
    if (shape === HIDDEN) continue;
    const strength = shape === FAINT ? 170 : 228;
    const opacity = some && !selected.has(point) ? strength * 0.4 : strength;
    const stamp = stamps[shape];
    if (stamp) layer.stamp(screenX[point], screenY[point], stamp, colors[point], opacity);
  }
}

/**
 * Paints the training points of the classes that are shown, in the colours of their classes, fainter than test points.
 * @param {PixelLayer} layer
 * @param {Run} run
 * @param {View} view
 * @param {Transform} transform
 * @param {Stamp} stamp
 * @param {number} unknown the colour of those without a class
 */
export function paintReferences(layer, run, view, transform, stamp, unknown) {
  const { scale, offsetX, offsetY } = transform;
  const shown = run.classes.map((_, index) => isClassShown(view, index));
  for (let point = 0; point < run.referenceCount; point++) {
    const label = run.referenceLabels[point];
    if (!(shown[label] ?? view.alone < 0)) continue;
    const x = run.referenceX[point] * scale + offsetX;
    layer.stamp(x, offsetY - run.referenceY[point] * scale, stamp, run.colors[label] ?? unknown, 120);
  }
}
