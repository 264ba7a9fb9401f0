// Curves over the same steps; dragging on any of them moves through the run.

import { css } from "./colors.js";
import { drawCursor, drawLine, drawStepLabels, fitCanvas, tint } from "./plots.js";
import { find, penOf } from "../shared/dom.js";
import { isNumber, percent, short } from "../shared/numbers.js";
import { valueRange } from "./ranges.js";

export const MARGIN = { left: 40, right: 14 };

/** The stack of curves with the step axis below; which there are, and how each is drawn, says the run. */
export class Curves {
  constructor(app, panel, explainer) {
    this.app = app;
    this.panel = panel;
    this.explainer = explainer;
    this.axisCanvas = find(panel, ".step-axis canvas", HTMLCanvasElement);
    this.curves = [];
    this.names = "";
    app.scrubOn(this.axisCanvas, MARGIN);
  }

  load() {
    const { run } = this.app;
    this.build(run.curves);
    const other = this.app.beside.otherRun;
    for (const curve of this.curves) {
      const factor = curve.percent ? 100 : 1;
      curve.values = metricValues(run, curve.name, factor);
      curve.others = other ? metricValues(other, curve.name, factor) : [];
      // What needs labels or training images is not there without them.
      curve.block.hidden = curve.values.every((value) => value === null);
      const accuracy = curve.name === "accuracy";
      const near = accuracy && isNumber(run.sourceAccuracy) ? run.sourceAccuracy * factor : null;
      curve.range = valueRange([...curve.values, ...curve.others], { fromZero: curve.from_zero, near });
      curve.limits = [curve.range.low, accuracy ? Math.min(curve.range.high, 100) : curve.range.high];
      // Room for the names of the phases above the curve.
      if (accuracy) curve.range.high += (curve.range.high - curve.range.low) * 0.22;
      curve.source = near;
      curve.note.textContent = near === null ? "" : `source ${percent(run.sourceAccuracy)}`;
    }
    this.frame = -1;
    this.forget();
  }

  /** Makes a block for each curve, unless these are the ones that are there. */
  build(entries) {
    const names = JSON.stringify(entries);
    if (names === this.names) return;
    this.names = names;
    for (const { block } of this.curves) block.remove();
    this.curves = entries.map((entry) => this.block(entry));
  }

  block(entry) {
    const { app, panel } = this;
    const template = find(panel, "#curve", HTMLTemplateElement).content;
    const block = find(template, ".curve").cloneNode(true);
    const heading = find(block, "h3");
    heading.textContent = entry.unit ? `${entry.title}, ${entry.unit}` : entry.title;
    find(block, ".hint").textContent = entry.hint;
    this.explainer.attach(heading, () => entry.help);
    panel.insertBefore(block, find(panel, ".step-axis"));
    const canvas = find(block, "canvas", HTMLCanvasElement);
    app.scrubOn(canvas, MARGIN);
    app.observe(canvas);
    // All but the cursor changes rarely, so it is drawn once and copied for each painted picture.
    const base = document.createElement("canvas");
    return { ...entry, heading, block, canvas, base, pen: penOf(canvas), note: find(block, ".note") };
  }

  /** Draws everything anew, after a change of run, axis, size or theme. */
  forget() {
    this.isStale = true;
  }

  resize(ratio) {
    this.ratio = ratio;
    for (const { canvas } of this.curves) fitCanvas(canvas, ratio);
    fitCanvas(this.axisCanvas, ratio);
    this.forget();
  }

  draw() {
    const { theme, axis } = this.app;
    if (this.isStale) drawStepLabels(this.axisCanvas, this.ratio, axis, theme, MARGIN, 44);
    for (const curve of this.curves) if (!curve.block.hidden) this.drawCurve(curve);
    this.isStale = false;
    this.describe();
  }

  /** Writes the current values into the text alternatives, once a frame. */
  describe() {
    const frame = Math.round(this.app.view.time);
    if (frame === this.frame) return;
    this.frame = frame;
    for (const curve of this.curves) curve.canvas.setAttribute("aria-label", summary(curve, this.app.run.steps, frame));
  }

  drawCurve(curve) {
    const { view, theme, axis } = this.app;
    const { pen, canvas, base, range } = curve;
    if (this.isStale) this.drawBase(curve);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(base, 0, 0);
    if (range.empty) return;
    const { x, y, height } = curve.place;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    drawCursor(pen, curve, view.time, axis, x, y, height, theme);
  }

  /** Everything but the cursor. */
  drawBase(curve) {
    const { run, theme, axis } = this.app;
    const { canvas, base, range } = curve;
    const width = canvas.clientWidth - MARGIN.left - MARGIN.right;
    const height = canvas.clientHeight;
    const x = (position) => MARGIN.left + position * width;
    const y = (value) => height - 1 - ((value - range.low) / (range.high - range.low)) * (height - 2);
    curve.place = { x, y, height };
    base.width = canvas.width;
    base.height = canvas.height;
    const pen = base.getContext("2d");
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const boundary = x(run.hasPhases ? axis.position(run.phaseBoundary) : 0);
    tint(pen, theme.success, MARGIN.left, boundary, height, theme.dark);
    tint(
      pen,
      run.frameCount < 2 || !run.hasPhases ? theme.line : theme.failure,
      boundary,
      MARGIN.left + width,
      height,
      theme.dark,
    );
    for (const { name, step } of run.marks) drawMark(pen, x(axis.position(step)), height, theme, name);
    pen.font = `11px ${theme.font}`;
    this.drawLimits(pen, curve, theme, y, height);
    if (range.empty) return;
    if (curve.name === "accuracy") this.drawReferences(pen, curve, width);
    const other = this.app.beside.otherRun;
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

  drawLimits(pen, { range, limits }, theme, y, height) {
    pen.fillStyle = css(theme.muted);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const digits = axisDigits(range.high - range.low);
    for (const value of range.empty ? [] : limits) {
      pen.fillText(value.toFixed(digits), MARGIN.left - 7, Math.min(Math.max(y(value), 6), height - 6));
    }
  }

  /** Frame 0, the source model when it is near, and the names of the phases. */
  drawReferences(pen, curve, width) {
    const { run, axis, theme } = this.app;
    const { x, y } = curve.place;
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

function metricValues(run, name, factor) {
  return (run.metrics[name] ?? []).map((value) => (isNumber(value) ? value * factor : null));
}

function summary({ heading, hint, values }, steps, frame) {
  const title = heading.textContent;
  const known = values.map((value, index) => [value, steps[index]]).filter(([value]) => value !== null);
  if (!known.length) return `${title}: not recorded`;
  const [first, last] = [known[0], known[known.length - 1]];
  const now = values[frame] === null ? "" : ` Now ${short(values[frame])} at step ${steps[frame]}.`;
  return `${title}, ${hint}.${now} ${short(first[0])} at step ${first[1]}, ${short(last[0])} at step ${last[1]}.`;
}

/** A dashed line where the stream told, without labels, to stop (grey) or of a collapse (red). */
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
