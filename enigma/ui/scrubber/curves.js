// Four curves over the same steps; dragging on any of them moves through the run.

import { css } from "./colors.js";
import { isNumber, percent, short, valueRange } from "./scales.js";

export const MARGIN = { left: 40, right: 14 };

const CURVES = [
  {
    name: "accuracy",
    title: "Accuracy %",
    hint: "rises in phase 1, falls in phase 2",
    factor: 100,
    fromZero: false,
  },
  { name: "entropy", title: "Entropy, nats", hint: "falls throughout: it is what is minimised", fromZero: true },
  { name: "silhouette", title: "Silhouette score", hint: "test clusters tighten throughout", fromZero: false },
  {
    name: "shift_distance",
    title: "Shift distance",
    hint: "falls in phase 1, grows as clusters leave",
    detail: "falls while test clusters approach the training means, grows when they leave",
    fromZero: true,
  },
];

/** The stack of curves with the step axis below. */
export class Curves {
  constructor(app, panel) {
    this.app = app;
    this.axisCanvas = panel.querySelector(".step-axis canvas");
    this.curves = CURVES.map((curve) => {
      const block = panel.querySelector("#curve").content.firstElementChild.cloneNode(true);
      block.querySelector("h3").textContent = curve.title;
      const hint = block.querySelector(".hint");
      hint.textContent = curve.hint;
      hint.title = curve.detail ?? curve.hint;
      panel.insertBefore(block, panel.querySelector(".step-axis"));
      const canvas = block.querySelector("canvas");
      app.scrubOn(canvas, MARGIN);
      return { ...curve, canvas, pen: canvas.getContext("2d"), note: block.querySelector(".note") };
    });
    app.scrubOn(this.axisCanvas, MARGIN);
  }

  load() {
    const { run } = this.app;
    for (const curve of this.curves) {
      const factor = curve.factor ?? 1;
      const values = run.metrics[curve.name] ?? [];
      curve.values = values.map((value) => (isNumber(value) ? value * factor : null));
      const accuracy = curve.name === "accuracy";
      const near = accuracy && isNumber(run.sourceAccuracy) ? run.sourceAccuracy * factor : null;
      curve.range = valueRange(curve.values, { fromZero: curve.fromZero, near });
      curve.limits = [curve.range.low, accuracy ? Math.min(curve.range.high, 100) : curve.range.high];
      // Room for the names of the phases above the curve.
      if (accuracy) curve.range.high += (curve.range.high - curve.range.low) * 0.22;
      curve.source = near;
      curve.note.textContent = near === null ? "" : `source ${percent(run.sourceAccuracy)}`;
      curve.canvas.setAttribute("aria-label", summary(curve, run.steps));
    }
  }

  resize(ratio) {
    this.ratio = ratio;
    for (const { canvas } of this.curves) fitCanvas(canvas, ratio);
    fitCanvas(this.axisCanvas, ratio);
  }

  draw() {
    const { theme, axis } = this.app;
    for (const curve of this.curves) this.drawCurve(curve);
    drawStepLabels(this.axisCanvas, this.ratio, axis, theme, MARGIN, 44);
  }

  drawCurve(curve) {
    const { run, view, theme, axis } = this.app;
    const { pen, canvas, range } = curve;
    const width = canvas.clientWidth - MARGIN.left - MARGIN.right;
    const height = canvas.clientHeight;
    const x = (position) => MARGIN.left + position * width;
    const y = (value) => height - 1 - ((value - range.low) / (range.high - range.low)) * (height - 2);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, height);
    const boundary = x(axis.position(run.phaseBoundary));
    tint(pen, theme.success, MARGIN.left, boundary, height, theme.dark);
    tint(pen, run.frameCount < 2 ? theme.line : theme.failure, boundary, MARGIN.left + width, height, theme.dark);
    pen.font = `11px ${theme.font}`;
    this.drawLimits(pen, curve, theme, y, height);
    if (range.empty) return;
    if (curve.name === "accuracy") this.drawReferences(pen, curve, x, y, width);
    drawLine(pen, curve.values, axis, x, y, theme.accent);
    drawCursor(pen, curve, view.time, axis, x, y, height, theme);
  }

  drawLimits(pen, { range, limits, values }, theme, y, height) {
    pen.fillStyle = css(theme.muted);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const digits = axisDigits(range.high - range.low);
    for (const value of range.empty ? [] : limits) {
      pen.fillText(value.toFixed(digits), MARGIN.left - 7, Math.min(Math.max(y(value), 6), height - 6));
    }
    if (values.every((value) => value === null)) {
      pen.textAlign = "left";
      pen.textBaseline = "middle";
      pen.fillText("not recorded", MARGIN.left + 12, height / 2);
    }
  }

  /** Frame 0, the source model when it is near, and the names of the phases. */
  drawReferences(pen, curve, x, y, width) {
    const { run, axis, theme } = this.app;
    if (run.frameCount < 2) return;
    pen.lineWidth = 1;
    pen.strokeStyle = css(theme.muted);
    pen.globalAlpha = 0.75;
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
    dashed(curve.source, [1.5, 3], "source");
    pen.globalAlpha = 1;
    pen.setLineDash([]);
    const split = axis.position(run.phaseBoundary);
    pen.textAlign = "center";
    pen.textBaseline = "top";
    if (split * width > 60) pen.fillText("phase 1", x(split / 2), 4);
    if ((1 - split) * width > 60) pen.fillText("phase 2", x((1 + split) / 2), 4);
  }
}

/** The frame at which a curve is farthest from a level, so that the level can be named there. */
export function farthestFrame(values, level) {
  let found = 0;
  values.forEach((value, frame) => {
    if (value !== null && Math.abs(value - level) > Math.abs(values[found] - level)) found = frame;
  });
  return found;
}

/** Digits after the point so that the two ends of an axis differ visibly. */
export const axisDigits = (spread) => (spread >= 20 ? 0 : spread >= 2 ? 1 : spread >= 0.1 ? 2 : 3);

function tint(pen, color, from, to, height, dark) {
  pen.globalAlpha = dark ? 0.13 : 0.09;
  pen.fillStyle = css(color);
  pen.fillRect(from, 0, Math.max(to - from, 0), height);
  pen.globalAlpha = 1;
}

/** Draws what is there; a missing value leaves a gap, a value without neighbours becomes a dot. */
function drawLine(pen, values, axis, x, y, color) {
  pen.strokeStyle = css(color);
  pen.fillStyle = css(color);
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.beginPath();
  for (let frame = 0; frame < values.length; frame++) {
    if (values[frame] === null) continue;
    const place = x(axis.frames[frame]);
    if (frame > 0 && values[frame - 1] !== null) pen.lineTo(place, y(values[frame]));
    else {
      pen.moveTo(place, y(values[frame]));
      if (values[frame + 1] === null || values[frame + 1] === undefined) pen.lineTo(place + 0.1, y(values[frame]));
    }
  }
  pen.lineCap = "round";
  pen.stroke();
}

function drawCursor(pen, curve, time, axis, x, y, height, theme) {
  const place = x(axis.positionOfTime(time));
  pen.fillStyle = css(theme.ink);
  pen.globalAlpha = 0.65;
  pen.fillRect(place - 0.75, 0, 1.5, height);
  pen.globalAlpha = 1;
  const before = Math.floor(time);
  const from = curve.values[before];
  const to = curve.values[Math.min(before + 1, curve.values.length - 1)];
  const frame = Math.round(time);
  if (!isNumber(curve.values[frame])) return;
  const value = isNumber(from) && isNumber(to) ? from + (to - from) * (time - before) : curve.values[frame];
  pen.beginPath();
  pen.arc(place, y(value), 4.2, 0, 2 * Math.PI);
  pen.fill();
  const text = curve.factor ? curve.values[frame].toFixed(1) : short(curve.values[frame]);
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

/** Steps written under an axis, kept inside the canvas. */
export function drawStepLabels(canvas, ratio, axis, theme, margin, gap) {
  const pen = canvas.getContext("2d");
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

/** Gives a canvas one pixel of its own for each pixel of the screen. */
export function fitCanvas(canvas, ratio) {
  const width = Math.max(Math.round(canvas.clientWidth * ratio), 1);
  const height = Math.max(Math.round(canvas.clientHeight * ratio), 1);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function summary({ title, hint, values }, steps) {
  const known = values.map((value, frame) => [value, steps[frame]]).filter(([value]) => value !== null);
  if (!known.length) return `${title}: not recorded`;
  const [first, last] = [known[0], known[known.length - 1]];
  return `${title}, ${hint}. ${short(first[0])} at step ${first[1]}, ${short(last[0])} at step ${last[1]}.`;
}
