// What curves and timeline are drawn with.

import { penOf } from "../shared/dom.js";
import { css } from "./colors.js";
import { isNumber, short } from "../shared/numbers.js";

/** @import { StepAxis } from "../shared/step_axis.js" */
/** @import { Curve, Margin, NumericTheme } from "../types" */

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} color
 * @param {number} from
 * @param {number} to
 * @param {number} height
 * @param {boolean} dark
 */
export function tint(pen, color, from, to, height, dark) {
  pen.globalAlpha = dark ? 0.13 : 0.09;
  pen.fillStyle = css(color);
  pen.fillRect(from, 0, Math.max(to - from, 0), height);
  pen.globalAlpha = 1;
}

/**
 * Draws what is there at positions from 0 to 1; a missing value leaves a gap, a value without neighbours becomes a dot.
 * @param {CanvasRenderingContext2D} pen
 * @param {(number | null)[]} values
 * @param {ArrayLike<number>} positions
 * @param {(position: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} color
 * @param {CanvasRenderingContext2D} pen
 * @param {(number | null)[]} values
 * @param {ArrayLike<number>} positions
 * @param {(position: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} color
 * @param {CanvasRenderingContext2D} pen
 * @param {(number | null)[]} values
 * @param {ArrayLike<number>} positions
 * @param {(position: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} color
 * @param {number[]} [dash]
 */
export function drawLine(pen, values, positions, x, y, color, dash = []) {
  pen.strokeStyle = css(color);
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  pen.lineJoin = "round";
  pen.beginPath();
  for (let frame = 0; frame < values.length; frame++) {
    const value = values[frame];
    if (value === null) continue;
    if (positions[frame] > 1) break;
    const [place, level] = [x(positions[frame]), y(value)];
    if (frame > 0 && values[frame - 1] !== null) pen.lineTo(place, level);
    else {
      pen.moveTo(place, level);
      if (values[frame + 1] === null || values[frame + 1] === undefined) pen.lineTo(place + 0.1, level);
    }
  }
  pen.lineCap = dash.length ? "butt" : "round";
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Curve} curve
 * @param {number} time
 * @param {StepAxis} axis
 * @param {(position: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} height
 * @param {NumericTheme} theme
 */
export function drawCursor(pen, curve, time, axis, x, y, height, theme) {
  const place = x(axis.positionOfTime(time));
  pen.fillStyle = css(theme.ink);
  pen.globalAlpha = 0.65;
  pen.fillRect(place - 0.75, 0, 1.5, height);
  pen.globalAlpha = 1;
  const before = Math.floor(time);
  const from = curve.values[before];
  const to = curve.values[Math.min(before + 1, curve.values.length - 1)];
  const shown = curve.values[Math.round(time)];
  if (!isNumber(shown)) return;
  const value = isNumber(from) && isNumber(to) ? from + (to - from) * (time - before) : shown;
  pen.beginPath();
  pen.arc(place, y(value), 4.2, 0, 2 * Math.PI);
  pen.fill();
  const text = curve.digits === null ? short(shown) : shown.toFixed(curve.digits);
  pen.font = `600 12px ${theme.font}`;
  const right = place + 10 + pen.measureText(text).width < x(1);
  pen.textAlign = right ? "left" : "right";
  pen.textBaseline = "middle";
  const level = Math.min(Math.max(y(value) - 11, 8), height - 8);
  pen.strokeStyle = css(theme.surface);
  pen.lineWidth = 4;
  pen.strokeText(text, place + (right ? 8 : -8), level);
  pen.fillText(text, place + (right ? 8 : -8), level);
}

/**
 * Steps written under an axis, kept inside the canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 * @param {StepAxis} axis
 * @param {NumericTheme} theme
 * @param {Margin} margin
 * @param {number} gap
 */
export function drawStepLabels(canvas, ratio, axis, theme, margin, gap) {
  const pen = penOf(canvas);
  const width = canvas.clientWidth - margin.left - margin.right;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  pen.font = `11px ${theme.font}`;
  pen.fillStyle = css(theme.muted);
  pen.textBaseline = "top";
  for (const step of axis.ticks(width, gap)) {
    const text = String(step);
    const half = pen.measureText(text).width / 2;
    const place = margin.left + axis.position(step) * width;
    pen.textAlign = "center";
    pen.fillText(text, Math.min(Math.max(place, half), canvas.clientWidth - half), 4);
  }
}

/**
 * Gives a canvas one pixel of its own for each pixel of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 */
export function fitCanvas(canvas, ratio) {
  const width = Math.max(Math.round(canvas.clientWidth * ratio), 1);
  const height = Math.max(Math.round(canvas.clientHeight * ratio), 1);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
