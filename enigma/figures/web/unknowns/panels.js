// The three pictures of one frame: projection, scores, ROC.

import { percent } from "../shared/numbers.js";
import { UNKNOWNS_GRID as GRID } from "../shared/tokens.js";
import { Canvas, dot, line, text } from "./draw.js";

/** @import { Theme, UnknownsData, UnknownsPlace, UnknownsState } from "../types" */

/** Training, known and unknown images in the projection. */
export class Projection {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new Canvas(parent, "Projection of training, known and unknown images", 0.86);
  }

  /**
   * @param {UnknownsData} data
   * @param {Theme} theme
   * @param {UnknownsState} state
   */
  draw(data, theme, state) {
    const { pen } = this.canvas;
    const { width, height } = this.canvas.begin(theme.font);
    const size = Math.min(width, height) - 16;
    const left = (width - size) / 2;
    /**
     * @param {number[]} values
     * @param {number} at
     * @param {number} radius
     */
    const mark = (values, at, radius) => {
      pen.beginPath();
      pen.arc(left + (size * values[2 * at]) / GRID, 8 + size * (1 - values[2 * at + 1] / GRID), radius, 0, 7);
      pen.fill();
    };
    pen.fillStyle = theme.training;
    for (let at = 0; at < data.references.length / 2; at++) mark(data.references, at, 1.8);
    const points = data.probes[state.frame];
    for (const kind of [0, 1]) {
      pen.fillStyle = kind ? theme.orange : theme.blue;
      pen.globalAlpha = kind ? 0.9 : 0.55;
      data.is_unknown.forEach((unknown, at) => unknown === kind && mark(points, at, kind ? 2.6 : 2));
    }
    pen.globalAlpha = 1;
  }
}

/** How the chosen score of known and unknown images is spread, each as a share of its kind, with the threshold. */
export class Scores {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new Canvas(parent, "Histograms of the score of known and unknown images, with the threshold", 0.86);
  }

  /**
   * @param {UnknownsData} data
   * @param {Theme} theme
   * @param {UnknownsState} state
   */
  draw(data, theme, state) {
    const { pen } = this.canvas;
    const { width, height } = this.canvas.begin(theme.font);
    const [left, right, top, bottom] = [56, width - 10, 18, height - 36];
    const { low, high, known, unknown } = data.histograms[state.score];
    /** @type {[number[][], string][]} */
    const kinds = [
      [known, theme.blue],
      [unknown, theme.orange],
    ];
    // One scale for all frames, so that bars can be compared while scrubbing; tall bars at the ends are cut off.
    const inner = kinds.flatMap(([frames]) => frames.flatMap((bins) => bins.slice(1, -1)));
    const most = Math.max(...inner, 0.02);
    for (const [frames, color] of kinds) {
      const bins = frames[state.frame];
      const wide = (right - left) / bins.length;
      pen.fillStyle = color;
      pen.globalAlpha = 0.6;
      bins.forEach((share, bin) => {
        const tall = Math.min(1, share / most) * (bottom - top);
        pen.fillRect(left + bin * wide, bottom - tall, wide - 0.5, tall);
      });
      pen.globalAlpha = 1;
    }
    line(pen, [left, left, right], [top, bottom, bottom], theme.muted, 1);
    /** @type {CanvasTextAlign[]} */
    const sides = ["left", "center", "right"];
    sides.forEach((side, index) => {
      const share = index / 2;
      text(pen, (low + share * (high - low)).toFixed(2), left + share * (right - left), bottom + 14, theme.muted, side);
      text(pen, percent(share * most, 0), left - 5, bottom - share * (bottom - top) + 4, theme.muted, "right");
    });
    text(pen, axisTitle(state), (left + right) / 2, bottom + 29, theme.muted, "center");
    upright(pen, "share of each kind", (top + bottom) / 2, theme.muted);
    const level = levelOf(data, state);
    if (level === null) return;
    const x = left + Math.min(Math.max((level - low) / (high - low), 0), 1) * (right - left);
    line(pen, [x, x], [top - 8, bottom], theme.ink, 1.6);
    const side = x > (left + right) / 2 ? "right" : "left";
    text(pen, `threshold ${level.toFixed(2)}`, x + (side === "left" ? 5 : -5), top, theme.ink, side);
  }
}

/** @param {UnknownsState} state */
function axisTitle({ score, title }) {
  return score === "entropy" ? "entropy, nats: larger is more unknown" : `${title}: larger is more unknown`;
}

/**
 * A title of the axis on the left.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} words
 * @param {number} y
 * @param {string} color
 */
function upright(pen, words, y, color) {
  pen.save();
  pen.translate(11, y);
  pen.rotate(-Math.PI / 2);
  text(pen, words, 0, 0, color, "center");
  pen.restore();
}

/** Unknown images rejected against known ones rejected, with the threshold that was chosen. */
export class Roc {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new Canvas(parent, "ROC curve with the threshold", 0.86);
  }

  /**
   * @param {UnknownsData} data
   * @param {Theme} theme
   * @param {UnknownsState} state
   */
  draw(data, theme, state) {
    const { pen } = this.canvas;
    const { width, height } = this.canvas.begin(theme.font);
    const [left, right, top, bottom] = [56, width - 10, 10, height - 36];
    /** @param {number} share */
    const x = (share) => left + share * (right - left);
    /** @param {number} share */
    const y = (share) => bottom - share * (bottom - top);
    line(pen, [x(0), x(0), x(1)], [y(1), y(0), y(0)], theme.muted, 1);
    line(pen, [x(0), x(1)], [y(0), y(1)], theme.line, 1.5, [4, 4]);
    for (const share of [0, 0.5, 1]) {
      text(pen, percent(share, 0), x(share), bottom + 14, theme.muted, share === 1 ? "right" : "center");
      text(pen, percent(share, 0), left - 5, y(share) + 4, theme.muted, "right");
    }
    text(pen, "known rejected", (left + right) / 2, bottom + 29, theme.muted, "center");
    upright(pen, "unknown rejected", (top + bottom) / 2, theme.muted);
    const curve = data.roc[state.score][state.frame];
    /** @param {number} axis */
    const at = (axis) => curve.filter((_, index) => index % 2 === axis);
    line(pen, at(0).map(x), at(1).map(y), theme.purple, 2.2);
    const [known, unknown] = chosen(data, state);
    line(pen, [x(known), x(known)], [y(0), y(1)], theme.muted, 1, [3, 3]);
    dot(pen, x(known), y(unknown), theme.ink, theme.surface, 5);
  }
}

/**
 * What the threshold that keeps a share of the known images rejects: (known, unknown).
 * @param {UnknownsData} data
 * @param {UnknownsPlace} options
 */
export function chosen(data, { score, frame, keep }) {
  const at = 2 * (Math.round(100 * keep) - 50);
  return data.thresholds[score][frame].slice(at, at + 2);
}

/**
 * The threshold that keeps a share of the known images, where the score is a number.
 * @param {UnknownsData} data
 * @param {UnknownsPlace} options
 */
export function levelOf(data, { score, frame, keep }) {
  return data.levels[score][frame][Math.round(100 * keep) - 50];
}
