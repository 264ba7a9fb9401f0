// What lies under the cursor of a curve: the phases, the ends of the axis, what it is compared with, the curve itself.

import { penOf } from "../shared/dom.js";
import { isNumber } from "../shared/numbers.js";
import { css } from "./colors.js";
import { drawLine, tint } from "./plots.js";

/** @import { Curve, NumericTheme } from "../types" */
/** @import { App } from "./app.js" */

export const MARGIN = { left: 40, right: 14 };

/**
 * Draws all of a curve but its cursor onto its base.
 * @param {App} app
 * @param {Curve} curve
 * @param {number} ratio
 */
export function drawGround(app, curve, ratio) {
  const { run, theme, axis } = app;
  const { canvas, base, range } = curve;
  const width = canvas.clientWidth - MARGIN.left - MARGIN.right;
  const height = canvas.clientHeight;
  /** @param {number} position */
  const x = (position) => MARGIN.left + position * width;
  /** @param {number} value */
  const y = (value) => height - 1 - ((value - range.low) / (range.high - range.low)) * (height - 2);
  curve.place = { x, y, height };
  base.width = canvas.width;
  base.height = canvas.height;
  const pen = penOf(base);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const grounds = [theme.line, theme.success, theme.failure];
  for (const { phase, from, to } of run.stretches) {
    tint(pen, grounds[phase], x(axis.position(from)), x(axis.position(to)), height, theme.dark);
  }
  for (const { name, step } of run.marks) drawMark(pen, x(axis.position(step)), height, theme, name);
  pen.font = `11px ${theme.font}`;
  drawLimits(pen, curve, theme, y, height);
  if (range.empty) return;
  if (curve.name === "accuracy") drawReferences(pen, app, curve, width);
  const other = app.beside.otherRun;
  if (other)
    drawLine(
      pen,
      curve.others,
      other.steps.map((step) => axis.position(step)),
      x,
      y,
      theme.second,
      [5, 4],
    );
  drawLine(pen, curve.values, axis.frames, x, y, theme.accent);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Curve} options
 * @param {NumericTheme} theme
 * @param {(value: number) => number} y
 * @param {number} height
 */
function drawLimits(pen, { range, limits }, theme, y, height) {
  pen.fillStyle = css(theme.muted);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const digits = axisDigits(range.high - range.low);
  for (const value of range.empty ? [] : limits) {
    pen.fillText(value.toFixed(digits), MARGIN.left - 7, Math.min(Math.max(y(value), 6), height - 6));
  }
}

/**
 * Frame 0, the source model when it is near, and the names of the phases.
 * @param {CanvasRenderingContext2D} pen
 * @param {App} app
 * @param {Curve} curve
 * @param {number} width
 */
function drawReferences(pen, app, curve, width) {
  const { run, axis, theme } = app;
  const { x, y } = curve.place;
  if (run.frameCount < 2) return;
  pen.lineWidth = 1;
  pen.strokeStyle = css(theme.muted);
  pen.globalAlpha = 0.75;
  /**
   * @param {number | null} value
   * @param {number[]} dash
   * @param {string} name
   */
  const dashed = (value, dash, name) => {
    if (!isNumber(value) || value < curve.range.low || value > curve.range.high) return;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(x(0), y(value));
    pen.lineTo(x(1), y(value));
    pen.stroke();
    pen.textAlign = "center";
    pen.textBaseline = "bottom";
    const place = x(axis.frames[farthestFrame(curve.values, value)]);
    pen.fillText(name, Math.min(Math.max(place, x(0) + 28), x(1) - 28), y(value) - 3);
  };
  dashed(curve.values[0], [5, 4], "frame 0");
  dashed(curve.source, [1.5, 3], `source ${curve.source?.toFixed(1)} %`);
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  pen.textBaseline = "top";
  for (const { phase, from, to } of run.stretches) {
    const [start, end] = [axis.position(from), axis.position(to)];
    if (!phase || (end - start) * width < 60) continue;
    // At the ends of the run: where the phases meet stands the value of the best step.
    const isLast = end === 1;
    pen.textAlign = isLast ? "right" : "left";
    pen.fillText(`phase ${phase}`, isLast ? x(end) - 6 : x(start) + 6, 4);
  }
}

/**
 * The frame at which a curve is farthest from a level, so that the level can be named there.
 * @param {(number | null)[]} values
 * @param {number} level
 */
export function farthestFrame(values, level) {
  let found = 0;
  values.forEach((value, frame) => {
    if (value !== null && Math.abs(value - level) > Math.abs((values[found] ?? level) - level)) found = frame;
  });
  return found;
}

/**
 * Digits after the point so that the two ends of an axis differ visibly.
 * @param {number} spread
 */
export const axisDigits = (spread) => (spread >= 20 ? 0 : spread >= 2 ? 1 : spread >= 0.1 ? 2 : 3);

/**
 * A dashed line where the stream told, without labels, to stop (grey) or of a collapse (red).
 * @param {CanvasRenderingContext2D} pen
 * @param {number} place
 * @param {number} height
 * @param {NumericTheme} theme
 * @param {string} name
 */
function drawMark(pen, place, height, theme, name) {
  pen.save();
  pen.setLineDash(name === "stop" ? [4, 3] : [2, 2]);
  pen.lineWidth = 1.5;
  pen.strokeStyle = css(name === "stop" ? theme.ink : theme.failure);
  pen.beginPath();
  pen.moveTo(place, 0);
  pen.lineTo(place, height);
  pen.stroke();
  pen.restore();
}
