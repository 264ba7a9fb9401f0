// Curves over the same steps; dragging on any of them moves through the run.

import { drawGround, MARGIN } from "./curve_ground.js";
import { drawCursor, drawStepLabels, fitCanvas } from "./plots.js";
import { find, penOf } from "../shared/dom.js";
import { isNumber, short } from "../shared/numbers.js";
import { valueRange } from "./ranges.js";

/** @import { Curve, CurveEntry } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */
/** @import { Explainer } from "./panels.js" */

/** The stack of curves with the step axis below; which there are, and how each is drawn, says the run. */
export class Curves {
  /**
   * @param {App} app
   * @param {HTMLElement} panel
   * @param {Explainer} explainer
   */
  constructor(app, panel, explainer) {
    this.app = app;
    this.panel = panel;
    this.explainer = explainer;
    this.axisCanvas = find(panel, ".step-axis canvas", HTMLCanvasElement);
    /** @type {Curve[]} */
    this.curves = [];
    this.ratio = 1;
    this.frame = -1;
    this.isStale = true;
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
      const source = accuracy && isNumber(run.sourceAccuracy) ? run.sourceAccuracy * factor : null;
      curve.range = valueRange([...curve.values, ...curve.others, source], {
        fromZero: curve.from_zero,
        leastSpan: curve.least_span,
      });
      if (accuracy) curve.range.low = Math.max(curve.range.low, 0);
      curve.limits = [curve.range.low, accuracy ? Math.min(curve.range.high, 100) : curve.range.high];
      // Room for the names of the phases above the curve.
      if (accuracy) curve.range.high += (curve.range.high - curve.range.low) * 0.16;
      curve.source = source;
    }
    this.frame = -1;
    this.forget();
  }

  /**
   * Makes a block for each curve, unless these are the ones that are there.
   * @param {CurveEntry[]} entries
   */
  build(entries) {
    const names = JSON.stringify(entries);
    if (names === this.names) return;
    this.names = names;
    for (const { block } of this.curves) block.remove();
    this.curves = entries.map((entry) => this.block(entry));
  }

  /** @param {CurveEntry} entry */
  block(entry) {
    const { app, panel } = this;
    const template = find(panel, "#curve", HTMLTemplateElement).content;
    const block = /** @type {HTMLElement} */ (find(template, ".curve").cloneNode(true));
    // The one question of the page is whether the model gets better.
    block.classList.toggle("large", entry.name === "accuracy");
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
    const drawn = {
      values: [],
      others: [],
      range: valueRange([]),
      limits: /** @type {[number, number]} */ ([0, 1]),
      source: null,
    };
    return {
      ...entry,
      ...drawn,
      place: { x: Number, y: Number, height: 1 },
      heading,
      block,
      canvas,
      base,
      pen: penOf(canvas),
    };
  }

  /** Draws everything anew, after a change of run, axis, size or theme. */
  forget() {
    this.isStale = true;
  }

  /** @param {number} ratio */
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

  /** @param {Curve} curve */
  drawCurve(curve) {
    const { view, theme, axis } = this.app;
    const { pen, canvas, base, range } = curve;
    if (this.isStale) drawGround(this.app, curve, this.ratio);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(base, 0, 0);
    if (range.empty) return;
    const { x, y, height } = curve.place;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    drawCursor(pen, curve, view.time, axis, x, y, height, theme);
  }
}

/**
 * @param {Run} run
 * @param {string} name
 * @param {number} factor
 */
function metricValues(run, name, factor) {
  return (run.metrics[name] ?? []).map((value) => (isNumber(value) ? value * factor : null));
}

/**
 * @param {Curve} parts
 * @param {number[]} steps
 * @param {number} frame
 */
function summary({ heading, hint, values }, steps, frame) {
  const title = heading.textContent;
  const known = values.flatMap((value, index) => (value === null ? [] : [[value, steps[index]]]));
  if (!known.length) return `${title}: not recorded`;
  const [first, last] = [known[0], known[known.length - 1]];
  const now = values[frame] === null ? "" : ` Now ${short(values[frame])} at step ${steps[frame]}.`;
  return `${title}, ${hint}.${now} ${short(first[0])} at step ${first[1]}, ${short(last[0])} at step ${last[1]}.`;
}
