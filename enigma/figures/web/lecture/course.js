// Accuracy over the frames, under the picture; the phases lie over it as buttons.

import { penOf } from "../shared/dom.js";
import { percent } from "../shared/numbers.js";

/** @import { Theme } from "../types" */
/** @import { Run } from "../scrubber/model.js" */

export class Course {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Run} run
   */
  constructor(canvas, run) {
    this.canvas = canvas;
    this.run = run;
    this.pen = penOf(canvas);
    this.values = run.steps.map((_, frame) => run.metric("accuracy", frame) ?? NaN);
    this.low = Math.min(...this.values);
    this.high = Math.max(...this.values);
    /** @type {Theme} */
    this.theme;
    this.size = 13;
    this.ratio = 1;
  }

  /**
   * @param {Theme} theme
   * @param {number} size of letters, in pixels
   */
  prepare(theme, size) {
    this.theme = theme;
    this.size = size;
    this.ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * this.ratio);
    this.canvas.height = Math.round(this.canvas.clientHeight * this.ratio);
  }

  /** @param {number} time */
  x(time) {
    return (time / (this.run.frameCount - 1)) * this.canvas.clientWidth;
  }

  /** @param {number} time */
  y(time) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.run.frameCount - 1);
    const value = this.values[before] + (this.values[after] - this.values[before]) * (time - before);
    const [top, bottom] = [2.2 * this.size, this.canvas.clientHeight - 1.6 * this.size];
    return bottom - ((value - this.low) / (this.high - this.low || 1)) * (bottom - top);
  }

  /** @param {number} time */
  draw(time) {
    const { pen, theme, size, run } = this;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `${0.92 * size}px ${theme.font}`;
    pen.fillStyle = theme.muted;
    pen.textBaseline = "alphabetic";
    for (const step of [0, 1, 10, 100, 1000, 10000].filter((one) => one <= run.steps[run.frameCount - 1])) {
      const place = this.x(run.timeAt(step));
      if (step && place < 4.5 * size) continue;
      pen.textAlign = step === 0 ? "left" : "center";
      pen.fillText(step === 0 ? "step 0" : step.toLocaleString("en-GB"), place, height - 2);
    }
    pen.beginPath();
    for (let frame = 0; frame < run.frameCount; frame++) pen.lineTo(this.x(frame), this.y(frame));
    pen.strokeStyle = theme.accent;
    pen.lineWidth = 0.17 * size;
    pen.stroke();
    pen.beginPath();
    pen.arc(this.x(time), this.y(time), 0.42 * size, 0, 2 * Math.PI);
    pen.fillStyle = theme.accent;
    pen.fill();
    const share = this.x(time) / width;
    pen.textAlign = share < 0.1 ? "left" : share > 0.9 ? "right" : "center";
    pen.fillStyle = theme.ink;
    // At the top stand the names of the phases.
    const above = this.y(time) - 0.7 * size;
    pen.fillText(
      percent(this.values[Math.round(time)]),
      this.x(time),
      above > 2.4 * size ? above : this.y(time) + 1.5 * size,
    );
  }
}
