// Draws one moment of a run: training images, which stay, and test images, which move.

import { blend, hex } from "../shared/colors.js";
import { penOf } from "../shared/dom.js";
import { UNKNOWN } from "../shared/tokens.js";
import { css } from "../scrubber/colors.js";
import { pushApart } from "../scrubber/names.js";

/** @import { Box, Theme } from "../types" */
/** @import { Run } from "../scrubber/model.js" */

// So many of the training images of a class lie inside its disc.
const INSIDE = 0.9;
const MARGIN = 0.05;

export class Painter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Run} run
   * @param {string} color what points are coloured by: `label` or `correctness`
   */
  constructor(canvas, run, color) {
    this.canvas = canvas;
    this.run = run;
    this.color = color;
    this.pen = penOf(canvas);
    this.ground = document.createElement("canvas");
    this.ratio = 1;
    this.size = 13;
    this.unit = 1;
    /** @type {Theme} */
    this.theme;
    this.classes = run.classes.map((_, index) => index).filter((index) => run.meanX[index] !== UNKNOWN);
    this.reach = this.classes.map((index) => reachOf(run, index));
  }

  /**
   * Draws what stays, for a theme and a size of letters in pixels.
   * @param {Theme} theme
   * @param {number} size
   */
  prepare(theme, size) {
    this.theme = theme;
    this.size = size;
    this.ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.ground]) {
      canvas.width = Math.round(this.canvas.clientWidth * this.ratio);
      canvas.height = Math.round(this.canvas.clientHeight * this.ratio);
    }
    const { left, right, bottom, top } = this.run.extent;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const room = 1 + 2 * MARGIN;
    this.unit = Math.min(width / ((right - left) * room || 1), height / ((top - bottom) * room || 1));
    this.originX = width / 2 - (this.unit * (left + right)) / 2;
    this.originY = height / 2 + (this.unit * (bottom + top)) / 2;
    this.drawGround();
  }

  /** @param {number} x */
  x(x) {
    return (this.originX ?? 0) + this.unit * x;
  }

  /** @param {number} y */
  y(y) {
    return (this.originY ?? 0) - this.unit * y;
  }

  drawGround() {
    const { run, theme } = this;
    const pen = penOf(this.ground);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    this.classes.forEach((index, order) => {
      pen.beginPath();
      pen.arc(this.x(run.meanX[index]), this.y(run.meanY[index]), this.unit * this.reach[order], 0, 2 * Math.PI);
      pen.fillStyle = css(run.colors[index]);
      pen.globalAlpha = 0.2;
      pen.fill();
    });
    pen.globalAlpha = 0.5;
    for (let point = 0; point < run.referenceCount; point++) {
      const label = run.referenceLabels[point];
      pen.fillStyle = label === UNKNOWN ? theme.neutral : css(run.colors[label]);
      const side = 0.11 * this.size;
      pen.fillRect(this.x(run.referenceX[point]), this.y(run.referenceY[point]), side, side);
    }
    pen.globalAlpha = 1;
  }

  /** @param {number} time */
  draw(time) {
    const { pen, run, canvas } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.ground, 0, 0);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const before = Math.floor(time) * run.count;
    const after = Math.min(Math.floor(time) + 1, run.frameCount - 1) * run.count;
    const share = time - Math.floor(time);
    const sums = run.classes.map(() => ({ x: 0, y: 0, count: 0 }));
    for (let point = 0; point < run.count; point++) {
      const x = run.x[before + point] + (run.x[after + point] - run.x[before + point]) * share;
      const y = run.y[before + point] + (run.y[after + point] - run.y[before + point]) * share;
      this.drawPoint(point, Math.round(time), this.x(x), this.y(y));
      const sum = sums[run.labels[point]];
      if (sum) Object.assign(sum, { x: sum.x + x, y: sum.y + y, count: sum.count + 1 });
    }
    for (const index of this.classes) this.drawClass(index, sums[index]);
    this.drawNames();
  }

  /**
   * @param {number} point
   * @param {number} frame
   * @param {number} x
   * @param {number} y
   */
  drawPoint(point, frame, x, y) {
    const { pen, run, theme } = this;
    const [label, radius] = [run.labels[point], 0.2 * this.size];
    if (this.color === "correctness" && run.prediction(point, frame) !== label) {
      pen.strokeStyle = theme.failure;
      pen.lineWidth = 0.11 * this.size;
      pen.beginPath();
      pen.moveTo(x - radius, y - radius);
      pen.lineTo(x + radius, y + radius);
      pen.moveTo(x - radius, y + radius);
      pen.lineTo(x + radius, y - radius);
      pen.stroke();
      return;
    }
    const own = label === UNKNOWN ? theme.neutral : css(run.colors[label]);
    pen.fillStyle = this.color === "correctness" ? theme.success : own;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
  }

  /**
   * The cross at the mean of a class and the arrow from there to the centre of its test images.
   * @param {number} index
   * @param {{ x: number, y: number, count: number }} sum
   */
  drawClass(index, sum) {
    const { run, size } = this;
    const [x, y] = [this.x(run.meanX[index]), this.y(run.meanY[index])];
    const arm = 0.5 * size;
    this.stroke(0.13 * size, this.theme.ink, [x - arm, y, x + arm, y], [x, y - arm, x, y + arm]);
    if (!sum.count) return;
    const [toX, toY] = [this.x(sum.x / sum.count), this.y(sum.y / sum.count)];
    const length = Math.hypot(toX - x, toY - y);
    if (length < 0.4 * size) return;
    const [alongX, alongY] = [((toX - x) / length) * 0.6 * size, ((toY - y) / length) * 0.6 * size];
    const head = (/** @type {number} */ side) => [
      toX - alongX + side * alongY * 0.7,
      toY - alongY - side * alongX * 0.7,
      toX,
      toY,
    ];
    this.stroke(0.3 * size, this.nameColor(index), [x, y, toX, toY], head(1), head(-1));
  }

  /**
   * Lines on a rim of paper, which keeps them apart from the points below.
   * @param {number} width
   * @param {string} color
   * @param {...number[]} lines
   */
  stroke(width, color, ...lines) {
    const { pen } = this;
    for (const [thick, shade] of /** @type {[number, string][]} */ ([
      [1.8 * width, this.theme.surface],
      [width, color],
    ])) {
      pen.strokeStyle = shade;
      pen.lineWidth = thick;
      pen.lineCap = "round";
      pen.beginPath();
      for (const [fromX, fromY, toX, toY] of lines) {
        pen.moveTo(fromX, fromY);
        pen.lineTo(toX, toY);
      }
      pen.stroke();
    }
  }

  /** @param {number} index */
  nameColor(index) {
    return blend(hex(this.run.colors[index]), this.theme.ink, 0.5);
  }

  drawNames() {
    const { pen, run, size, theme } = this;
    pen.font = `600 ${1.05 * size}px ${theme.font}`;
    /** @type {Box[]} */
    const boxes = this.classes.map((index, order) => ({
      index,
      x: this.x(run.meanX[index]),
      y: this.y(run.meanY[index]) + this.unit * this.reach[order] + 0.9 * size,
      width: pen.measureText(run.classes[index]).width,
      height: 1.2 * size,
    }));
    pushApart(boxes, this.canvas.clientWidth, this.canvas.clientHeight, 2);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    boxes.forEach((box, order) => {
      pen.strokeStyle = theme.surface;
      pen.lineWidth = 0.3 * size;
      pen.strokeText(run.classes[this.classes[order]], box.x, box.y);
      pen.fillStyle = this.nameColor(this.classes[order]);
      pen.fillText(run.classes[this.classes[order]], box.x, box.y);
    });
  }
}

/**
 * How far from its mean the training images of a class lie, in stored coordinates, but for the furthest tenth.
 * @param {Run} run
 * @param {number} index
 */
export function reachOf(run, index) {
  const found = [];
  for (let point = 0; point < run.referenceCount; point++) {
    if (run.referenceLabels[point] !== index) continue;
    found.push(Math.hypot(run.referenceX[point] - run.meanX[index], run.referenceY[point] - run.meanY[index]));
  }
  found.sort((one, other) => one - other);
  return found[Math.max(Math.ceil(INSIDE * found.length) - 1, 0)] ?? 0;
}
