// A strip below the picture that no projection can bend: how far the images are from their class means in truth.

import { isClassShown } from "./density.js";
import { distanceAxis } from "./distance_axis.js";
import { BINS, countProbes, countReferences, highest, smoothed, Spread, spreadFactors } from "./distribution.js";
import { isHidden } from "./points.js";
import { fitCanvas } from "./plots.js";
import { StripStage } from "./strip_stage.js";
import { find, penOf } from "../shared/dom.js";
import { short } from "../shared/numbers.js";

/** @import { DistanceAxis } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Explainer } from "./panels.js" */

/** Standard deviation of the blur, in bins: 1 % of the axis. */
const BLUR = BINS / 100;
const FEW = 30;

const NOTHING = "The run has no training images, so there is no class mean to measure distances to.";

const EXPLANATION =
  "Each image's own distance, with the spread inside its class. It changes less than the arrows, which lead to the mean " +
  "of all test images of a class, where that spread cancels.";

/** Test against training images, at the present time, over one axis for the whole run. */
export class DistanceStrip {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   * @param {Explainer} explainer
   */
  constructor(app, root, explainer) {
    this.app = app;
    this.title = find(root, ".distances .title");
    explainer.attach(this.title, () => (this.canvas.hidden ? NOTHING : EXPLANATION));
    this.tests = find(root, ".distances .tests");
    this.trainings = find(root, ".distances .trainings");
    this.canvas = find(root, ".distances canvas", HTMLCanvasElement);
    this.pen = penOf(this.canvas);
    // All that stays while the time moves is drawn once and copied for each painted picture.
    this.ground = document.createElement("canvas");
    this.isStale = true;
    this.ratio = 1;
    this.test = new Spread();
    this.training = new Spread();
    /** @type {DistanceAxis} */
    this.axis = distanceAxis(1, 1);
    this.factors = new Float32Array();
    this.referenceFactors = new Float32Array();
    /** Those that are shown. */
    this.points = new Uint32Array();
    /** How high the hills may become. */
    this.peaks = { training: 1, test: 1 };
    this.shown = "";
    this.painted = "";
    this.frame = -1;
  }

  load() {
    const { run } = this.app;
    const { smallestDistance, largestDistance } = run;
    this.factors = spreadFactors(run.count, smallestDistance, largestDistance);
    this.referenceFactors = spreadFactors(run.referenceCount, smallestDistance, largestDistance);
    const every = Array.from({ length: run.referenceCount }, (_, index) => index);
    this.axis = distanceAxis(largestDistance, largestDistance);
    countReferences(run, every, this.referenceFactors, this.axis, this.training);
    this.axis = distanceAxis(largestDistance, this.training.median);
    const known = !Number.isNaN(this.training.median);
    this.canvas.hidden = !known;
    this.title.textContent = known ? `${distanceName(run)}, embedding units` : NOTHING;
    this.tests.hidden = this.trainings.hidden = !known;
    this.forget();
  }

  /** Counts and draws everything anew, after a change of run, theme or selection. */
  forget() {
    this.shown = this.painted = "";
    this.frame = -1;
    this.isStale = true;
  }

  /** @param {number} ratio */
  resize(ratio) {
    this.ratio = ratio;
    fitCanvas(this.canvas, ratio);
    this.painted = "";
    this.isStale = true;
  }

  draw() {
    const { view } = this.app;
    if (this.canvas.hidden) return;
    this.choose();
    const key = `${view.time} ${view.hover} ${this.canvas.width} ${this.canvas.height}`;
    if (key === this.painted) return;
    this.painted = key;
    countProbes(this.app.run, view.time, this.points, this.factors, this.axis, this.test);
    this.paint();
    this.describe();
  }

  /** Finds which images are shown, when that may have changed. */
  choose() {
    const { run, view } = this.app;
    const others = Object.entries(view.hidden).filter(([name]) => name !== "label");
    const frame = Math.round(view.time);
    const still = [view.alone, view.color, ...Object.values(view.hidden).flatMap((set) => ["", ...set])].join();
    // Which images are right, or were flipped, changes with the time.
    const moves = others.some(([, set]) => set.size > 0);
    const key = `${still} ${moves ? frame : ""}`;
    if (key === this.shown) return;
    const sameChoice = this.shown.startsWith(`${still} `);
    this.shown = key;
    this.painted = "";
    this.frame = -1;
    const candidates = view.selected.size ? [...view.selected] : Array.from({ length: run.count }, (_, point) => point);
    this.points = Uint32Array.from(candidates.filter((point) => !isHidden(run, view, point, frame)));
    if (sameChoice) return;
    this.isStale = true;
    const classes = view.selected.size
      ? new Set(Array.from(this.points, (point) => run.distanceClass(point, frame)))
      : null;
    const isShown = run.classes.map((_, index) => isClassShown(view, index));
    const references = [];
    for (let point = 0; point < run.referenceCount; point++) {
      const own = run.referenceLabels[point];
      if (isShown[own] && (!classes || classes.has(own))) references.push(point);
    }
    countReferences(run, references, this.referenceFactors, this.axis, this.training);
    const own = Math.max(...smoothed(this.training, BLUR)) || 1;
    const other = highest(run, this.points, this.factors, this.axis, BLUR) || 1;
    // A few images make narrow hills, beside which that of the training images would vanish.
    const few = this.points.length < FEW;
    this.peaks = few ? { training: own, test: other } : { training: Math.max(own, other), test: Math.max(own, other) };
    this.write(this.points.length < run.count, classes !== null);
  }

  /**
   * Says which images the two hills are made of.
   * @param {boolean} some
   * @param {boolean} selected
   */
  write(some, selected) {
    const { hidden, alone } = this.app.view;
    const hides = alone >= 0 || hidden.label.size > 0;
    this.tests.textContent = some ? `${this.points.length} ${selected ? "selected" : "shown"}` : "test images";
    const own = this.app.run.isFullyLabelled ? "" : " to their own";
    this.trainings.textContent = `training images${own}${selected || hides ? ", same classes" : ""}`;
  }

  /** Writes the medians into the text alternative, once a frame and not on the way to it. */
  describe() {
    const { run, view } = this.app;
    if (view.time === this.frame || !Number.isInteger(view.time)) return;
    const frame = (this.frame = view.time);
    this.canvas.setAttribute(
      "aria-label",
      `${this.title.textContent}, at step ${run.steps[frame]}. ${this.tests.textContent}: median ` +
        `${short(this.test.median)}. ${this.trainings.textContent}: median ${short(this.training.median)}.`,
    );
  }

  paint() {
    const { pen, canvas, ground, test, training, peaks } = this;
    const { run, view, theme } = this.app;
    if (this.isStale) {
      ground.width = canvas.width;
      ground.height = canvas.height;
      const below = this.stage(penOf(ground));
      below.axis();
      below.hill(smoothed(training, BLUR), peaks.training, theme.muted, 0.3);
      this.isStale = false;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(ground, 0, 0);
    const stage = this.stage(pen);
    stage.hill(smoothed(test, BLUR), peaks.test, theme.blue, 0.34);
    stage.medians(test, training);
    const under = view.hover >= 0 ? run.distance(view.hover, Math.round(view.time)) : NaN;
    if (!Number.isNaN(under)) stage.pointer(under);
  }

  /** @param {CanvasRenderingContext2D} pen */
  stage(pen) {
    const { canvas, ratio, axis } = this;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return new StripStage(pen, canvas.width / ratio, canvas.height / ratio, axis, this.app.theme);
  }
}

/**
 * What the distances of a run are, in words.
 * @param {Pick<import("./model.js").Run, "isLabelled" | "isFullyLabelled">} run
 */
export function distanceName({ isLabelled, isFullyLabelled }) {
  if (isFullyLabelled) return "Distance to the own class mean";
  return `Distance to the ${isLabelled ? "own class mean, the nearest where the class is unknown" : "nearest class mean"}`;
}
