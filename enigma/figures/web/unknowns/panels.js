// The three pictures of one frame: projection, entropies, ROC.

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

/** How the entropies of known and unknown images are spread, each as a share of its kind. */
export class Entropies {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new Canvas(parent, "Histograms of the entropies of known and unknown images", 0.86);
  }

  /**
   * @param {UnknownsData} data
   * @param {Theme} theme
   * @param {UnknownsState} state
   */
  draw(data, theme, state) {
    const { pen } = this.canvas;
    const { width, height } = this.canvas.begin(theme.font);
    const [left, right, top, bottom] = [8, width - 8, 18, height - 30];
    /** @type {[number[][], number, string][]} */
    const kinds = [
      [data.known_histogram, data.known, theme.blue],
      [data.unknown_histogram, data.unknown, theme.orange],
    ];
    // One scale for all frames, so that bars can be compared while scrubbing; a tall first bar is cut off.
    const most = Math.max(
      ...kinds.flatMap(([frames, count]) => frames.flatMap((bins) => bins.slice(1).map((n) => n / count))),
    );
    for (const [frames, count, color] of kinds) {
      const bins = frames[state.frame];
      pen.fillStyle = color;
      pen.globalAlpha = 0.6;
      bins.forEach((n, bin) => {
        const tall = Math.min(1, n / count / Math.max(most, 1e-9)) * (bottom - top);
        const wide = (right - left) / bins.length;
        pen.fillRect(left + bin * wide, bottom - tall, wide - 0.5, tall);
      });
      pen.globalAlpha = 1;
    }
    line(pen, [left, right], [bottom, bottom], theme.muted, 1);
    /** @type {CanvasTextAlign[]} */
    const sides = ["left", "center", "right"];
    sides.forEach((side, index) => {
      const share = index / 2;
      const words = (share * data.most_entropy).toFixed(2);
      text(pen, words, left + share * (right - left), bottom + 14, theme.muted, side);
    });
    text(pen, "entropy, nats", (left + right) / 2, bottom + 27, theme.muted, "center");
    /** @type {[number[], string][]} */
    const means = [
      [data.known_entropy, theme.blue],
      [data.unknown_entropy, theme.orange],
    ];
    for (const [values, color] of means) {
      const x = left + (values[state.frame] / data.most_entropy) * (right - left);
      line(pen, [x, x], [top - 6, bottom], color, 1.6, [4, 3]);
    }
  }
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
    pen.save();
    pen.translate(11, (top + bottom) / 2);
    pen.rotate(-Math.PI / 2);
    text(pen, "unknown rejected", 0, 0, theme.muted, "center");
    pen.restore();
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
