// The names of the classes, each at its training images, pushed apart so that all can be read.

import { mix } from "../shared/colors.js";
import { penOf } from "../shared/dom.js";
import { UNKNOWN } from "../shared/tokens.js";
import { quantile } from "./classes.js";
import { css } from "./colors.js";
import { isClassShown } from "./density.js";

/** @import { Box, NumericTheme } from "../types" */
/** @import { Run } from "./model.js" */
/** @import { ProjectionPlot } from "./projection.js" */

const SIZE = 12;
const GAP = 2;
const PASSES = 40;
// So many of the training images of a class are nearer to its mean than its name.
const REACH = 0.9;
const OUTWARDS = 0.5;
// With more classes a name that finds no room is left out until one zooms in.
const MOST_PUSHED = 20;

/**
 * Moves boxes apart, each as little as it takes, and keeps them inside.
 * @param {Box[]} boxes changed in place
 * @param {number} width
 * @param {number} height
 * @param {number} gap
 */
export function pushApart(boxes, width, height, gap) {
  for (let pass = 0; pass < PASSES; pass++) {
    let moved = false;
    for (let first = 0; first < boxes.length; first++) {
      for (let second = first + 1; second < boxes.length; second++) {
        moved = separate(boxes[first], boxes[second], gap) || moved;
      }
    }
    for (const box of boxes) {
      box.x = Math.min(Math.max(box.x, box.width / 2), Math.max(width - box.width / 2, box.width / 2));
      box.y = Math.min(Math.max(box.y, box.height / 2), Math.max(height - box.height / 2, box.height / 2));
    }
    if (!moved) break;
  }
}

/**
 * @param {Box} one
 * @param {Box} other
 * @param {number} gap
 */
function separate(one, other, gap) {
  const across = (one.width + other.width) / 2 + gap - Math.abs(one.x - other.x);
  const up = (one.height + other.height) / 2 + gap - Math.abs(one.y - other.y);
  if (across <= 1e-6 || up <= 1e-6) return false;
  // Names are wide and low: they rather make way up and down.
  if (up <= across) {
    const shift = (one.y <= other.y ? 1 : -1) * (up / 2);
    one.y -= shift;
    other.y += shift;
  } else {
    const shift = (one.x <= other.x ? 1 : -1) * (across / 2);
    one.x -= shift;
    other.x += shift;
  }
  return true;
}

/**
 * Those boxes, in their order, that overlap none before them and lie inside.
 * @param {Box[]} boxes
 * @param {number} width
 * @param {number} height
 * @param {number} gap
 */
export function withRoom(boxes, width, height, gap) {
  /** @type {Box[]} */
  const kept = [];
  for (const box of boxes) {
    const inside = Math.abs(box.x - width / 2) * 2 + box.width <= width && Math.abs(box.y - height / 2) * 2 <= height;
    const free = kept.every(
      (other) =>
        Math.abs(other.x - box.x) >= (other.width + box.width) / 2 + gap ||
        Math.abs(other.y - box.y) >= (other.height + box.height) / 2 + gap,
    );
    if (inside && free) kept.push(box);
  }
  return kept;
}

/**
 * Where the name of each class belongs, in coordinates, and in which direction it goes on from there: above its training
 * images, or below them in the lower half, a little outwards, so that it hides none; nothing for a class without them.
 * @param {Run} run
 */
export function anchors(run) {
  const means = run.classes.map((_, index) => ({ x: run.meanX[index], y: run.meanY[index] }));
  const present = means.filter(({ x }) => x !== UNKNOWN);
  const middle = {
    x: present.reduce((sum, { x }) => sum + x, 0) / present.length,
    y: present.reduce((sum, { y }) => sum + y, 0) / present.length,
  };
  /** @type {number[][]} */
  const reaches = run.classes.map(() => []);
  for (let point = 0; point < run.referenceCount; point++) {
    const label = run.referenceLabels[point];
    if (!means[label]) continue;
    reaches[label].push(Math.hypot(run.referenceX[point] - means[label].x, run.referenceY[point] - means[label].y));
  }
  return means.map(({ x, y }, index) => {
    if (x === UNKNOWN) return null;
    // Names are wide and low, so there is more room above and below a cluster than beside it.
    const upwards = y >= middle.y ? 1 : -1;
    const outwards = Math.min(Math.max((OUTWARDS * (x - middle.x)) / (Math.abs(y - middle.y) + 1), -1), 1) * OUTWARDS;
    const length = Math.hypot(1, outwards);
    const [across, up] = [outwards / length, upwards / length];
    const reach = reaches[index].length
      ? quantile(
          reaches[index].sort((a, b) => a - b),
          REACH,
        )
      : 0;
    return { x: x + across * reach, y: y + up * reach, across, up };
  });
}

/** Draws the names; each is written once and then only copied. */
export class Names {
  constructor() {
    this.key = "";
    /** @type {HTMLCanvasElement[]} */
    this.written = [];
    /** @type {ReturnType<typeof anchors>} */
    this.anchors = [];
    /** @type {Run | null} */
    this.run = null;
  }

  /**
   * @param {Run} run
   * @param {NumericTheme} theme
   * @param {number} ratio
   */
  prepare(run, theme, ratio) {
    const key = [theme.surface, theme.ink, ratio].join();
    if (key === this.key && run === this.run) return;
    this.key = key;
    if (run !== this.run) this.anchors = anchors(run);
    this.run = run;
    this.written = run.classes.map((name, index) => write(name, run.colors[index], theme, ratio));
  }

  /**
   * Where each name stands, in device pixels.
   * @param {ProjectionPlot} stage
   */
  place({ run, view, transform, layer, ratio }) {
    const { scale, offsetX, offsetY } = transform;
    /** @type {Box[]} */
    const boxes = [];
    this.anchors.forEach((anchor, index) => {
      if (!anchor || !isClassShown(view, index)) return;
      const { width, height } = this.written[index];
      const x = anchor.x * scale + offsetX + (anchor.across * width) / 2;
      const y = offsetY - anchor.y * scale - (anchor.up * height) / 2;
      boxes.push({ index, x, y, width, height });
    });
    if (run.classes.length > MOST_PUSHED) return withRoom(boxes, layer.width, layer.height, GAP * ratio);
    // A class outside the picture is not called into it.
    const near = boxes.filter(({ x, y }) => isNear(x, layer.width) && isNear(y, layer.height));
    pushApart(near, layer.width, layer.height, GAP * ratio);
    return near;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {ProjectionPlot} stage
   */
  draw(pen, stage) {
    this.prepare(stage.run, stage.theme, stage.ratio);
    for (const { index, x, y, width, height } of this.place(stage)) {
      pen.drawImage(this.written[index], Math.round(x - width / 2), Math.round(y - height / 2));
    }
  }
}

/**
 * @param {number} place
 * @param {number} length
 */
const isNear = (place, length) => place > -0.08 * length && place < 1.08 * length;

/**
 * One name with a halo, in a colour of its class that can be read on the surface.
 * @param {string} name
 * @param {number} color
 * @param {NumericTheme} theme
 * @param {number} ratio
 */
function write(name, color, theme, ratio) {
  const canvas = document.createElement("canvas");
  const pen = penOf(canvas);
  const font = `650 ${SIZE * ratio}px ${theme.font}`;
  const edge = 3 * ratio;
  pen.font = font;
  canvas.width = Math.ceil(pen.measureText(name).width + 2 * edge);
  canvas.height = Math.ceil(SIZE * 1.3 * ratio + edge);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 2 * edge;
  pen.strokeStyle = css(theme.surface);
  pen.globalAlpha = 0.9;
  pen.strokeText(name, edge, canvas.height / 2);
  pen.globalAlpha = 1;
  pen.fillStyle = css(mix(color, theme.ink, 0.45));
  pen.fillText(name, edge, canvas.height / 2);
  return canvas;
}
