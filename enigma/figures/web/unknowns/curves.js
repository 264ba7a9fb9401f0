// Accuracy and AUROC over the steps.

import { onDrag } from "../shared/drag.js";
import { percent } from "../shared/numbers.js";
import { StepAxis } from "../shared/step_axis.js";
import { Canvas, dot, line, text } from "./draw.js";

/** @import { Theme, UnknownsData, UnknownsState, Values } from "../types" */

/** Accuracy above, AUROC below, over the same steps and with one cursor. */
export class Curves {
  /**
   * @param {HTMLElement} parent
   * @param {(frame: number) => void} seek
   */
  constructor(parent, seek) {
    this.canvas = new Canvas(parent, "Accuracy and AUROC over the steps; drag to scrub", 0.86);
    this.left = 44;
    this.right = 45;
    this.axis = new StepAxis([0], true);
    onDrag(this.canvas.node, {
      move: (event) => seek(Math.round(this.axis.timeAt((event.offsetX - this.left) / (this.right - this.left)))),
    });
  }

  /**
   * @param {UnknownsData} data
   * @param {Theme} theme
   * @param {UnknownsState} state
   */
  draw(data, theme, state) {
    const { pen } = this.canvas;
    const { width, height } = this.canvas.begin(theme.font);
    this.right = width - 12;
    this.axis = new StepAxis(data.steps, true);
    const half = (height - 34) / 2;
    const { accuracy, auroc } = data.axes;
    /** @type {[string, Values, number, number[], string, number][]} */
    const panels = [
      ["Accuracy of known images, %", data.accuracy, data.source.accuracy, accuracy, theme.green, 4],
      [
        `AUROC of ${state.title}, %`,
        data.auroc[state.score],
        data.source.auroc[state.score],
        auroc[state.score],
        theme.purple,
        4 + half,
      ],
    ];
    for (const [title, values, source, ends, color, top] of panels)
      this.panel(pen, theme, state, title, values, source, ends, color, top, half);
    for (const step of this.axis.ticks(this.right - this.left, 12)) {
      text(pen, String(step), this.x(step), height - 18, theme.muted, "center");
    }
    text(pen, "adaptation step", (this.left + this.right) / 2, height - 4, theme.muted, "center");
    const cursor = this.x(data.steps[state.frame]);
    line(pen, [cursor, cursor], [18, height - 30], theme.ink, 1);
  }

  /** @param {number} step */
  x(step) {
    return this.left + this.axis.position(step) * (this.right - this.left);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Theme} theme
   * @param {UnknownsState} state
   * @param {string} title
   * @param {Values} values
   * @param {number} source
   * @param {number[]} ends
   * @param {string} color
   * @param {number} top
   * @param {number} half
   */
  panel(pen, theme, state, title, values, source, [low, high], color, top, half) {
    const room = Math.max(0.1 * (high - low), 0.005);
    const [first, last] = [top + 20, top + half - 12];
    /** @param {number} value */
    const y = (value) => last - ((value - low + room) / (high - low + 2 * room)) * (last - first);
    text(pen, title, this.left, top + 12, theme.ink);
    text(pen, percent(values[state.frame]), this.right, top + 12, color, "right");
    for (const value of [low, high])
      text(pen, (100 * value).toFixed(0), this.left - 6, y(value) + 4, theme.muted, "right");
    line(pen, [this.left, this.right], [y(source), y(source)], theme.muted, 1, [4, 4]);
    const xs = Array.from(this.axis.frames, (position) => this.left + position * (this.right - this.left));
    line(
      pen,
      xs,
      values.map((value) => y(value ?? low)),
      color,
      2.2,
    );
    const best = values.indexOf(Math.max(...values.filter((value) => value !== null)));
    dot(pen, xs[best], y(values[best] ?? low), theme.surface, color, 4);
    dot(pen, xs[state.frame], y(values[state.frame] ?? low), color, theme.surface, 4.5);
  }
}
