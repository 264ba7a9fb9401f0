// A second picture beside the first: another run at the same step, or another step of the same run.

import { find } from "../shared/dom.js";
import { Tooltip } from "./images.js";
import { Run } from "./model.js";
import { ProjectionPlot } from "./projection.js";
import { percent } from "../shared/numbers.js";

/** @import { Decoded, Zoom } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Sprite } from "./images.js" */

/** @type {Set<number>} */
const NONE = new Set();
const PIN = "pin";

/** Stands between the second plot and the app: its own run and time, everything else shared. */
export class Beside {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.stages = find(root, ".stages");
    this.choice = find(root, ".beside", HTMLSelectElement);
    this.captions = [...root.querySelectorAll(".stage .caption-line")];
    const stage = find(root, ".stage.second");
    stage.append(find(root, ".stage .tooltip").cloneNode(true));
    /** @type {Run | null} */
    this.otherRun = null;
    /** @type {Sprite | null} */
    this.otherSprite = null;
    /** The point under the pointer, where this picture shows other images. */
    this.own = -1;
    this.view = app.view;
    this.plot = new ProjectionPlot(this, find(stage, "canvas", HTMLCanvasElement));
    this.tooltip = new Tooltip(this, stage);
    this.choice.addEventListener("change", () => this.choose(this.choice.value));
  }

  /**
   * Takes the run that came along with the first one, or none.
   * @param {Decoded | undefined} payload
   */
  setOther(payload) {
    this.otherRun = payload ? new Run(payload.header, payload.arrays) : null;
    this.otherSprite = payload?.sprite ?? null;
  }

  get isShown() {
    return this.run !== null;
  }

  /** The run in the second picture: a step of the first, or the other. */
  get run() {
    const { beside } = this.app.view;
    if (!beside || !this.app.run) return null;
    return isStep(beside) ? this.app.run : this.otherRun;
  }

  /** The time of the step that is pinned beside, or nothing. */
  get pinned() {
    const { beside } = this.app.view;
    return isStep(beside) ? this.app.run.frameAt(Number(beside)) : null;
  }

  /** Two pictures of one run share one camera; another run has its own. */
  get times() {
    return this.pinned === null ? [this.view.time] : this.app.times;
  }

  get sprite() {
    return this.run === this.app.run ? this.app.sprite : this.otherSprite;
  }

  get theme() {
    return this.app.theme;
  }

  /** Whether both pictures show the same images, so that a selection means the same in both. */
  get sharesImages() {
    return this.run?.images === this.app.run.images && this.run.count === this.app.run.count;
  }

  /** @param {string} value */
  choose(value) {
    this.app.setBeside(value === PIN ? String(this.app.run.steps[this.app.motion.frame]) : value);
  }

  load() {
    const { view, run } = this.app;
    const options = [new Option("nothing", ""), new Option("this step, pinned", PIN)];
    if (isStep(view.beside)) options.push(new Option(`step ${view.beside}, pinned`, view.beside));
    options.push(...run.others.map(([id, title]) => new Option(title, id)));
    this.choice.replaceChildren(...options);
    this.choice.value = view.beside;
    this.stages.classList.toggle("both", this.isShown);
    if (this.isShown) this.plot.load();
  }

  /** @param {number} ratio */
  resize(ratio) {
    if (this.isShown) this.plot.resize(ratio);
  }

  draw() {
    const { app, run } = this;
    if (!run) return;
    const { beside, time } = app.view;
    this.view = Object.create(app.view, {
      time: { value: isStep(beside) ? run.frameAt(Number(beside)) : run.timeAt(app.run.stepAt(time)) },
    });
    if (!this.sharesImages)
      Object.defineProperties(this.view, { selected: { value: NONE }, hover: { value: this.own } });
    this.plot.draw();
    this.tooltip.draw();
    this.write();
  }

  /** What each of the two pictures shows. */
  write() {
    [this.app, this].forEach(({ run, view }, index) => {
      if (!run) return;
      const frame = Math.round(view.time);
      const name = this.run === this.app.run ? (index ? "pinned" : "moving") : run.title;
      const text = `${name} · step ${run.steps[frame]} · ${percent(run.metric("accuracy", frame))}`;
      if (this.captions[index].textContent !== text) this.captions[index].textContent = text;
    });
  }

  // What the plot and its gestures ask of the app.

  invalidate() {
    this.app.invalidate();
  }

  /** @param {Zoom} zoom */
  setZoom(zoom) {
    this.app.setZoom(zoom);
  }

  /** @param {boolean} on */
  setLassoing(on) {
    this.app.setLassoing(on);
  }

  /** @param {number} point */
  hover(point, x = 0, y = 0) {
    this.tooltip.place(point, x, y);
    this.own = point;
    if (this.sharesImages) this.app.mark(point);
    else this.invalidate();
  }

  /** @param {number[]} points */
  select(points) {
    if (this.sharesImages) this.app.select(points);
  }

  /** @param {number} point */
  toggleSelected(point) {
    if (this.sharesImages) this.app.toggleSelected(point);
  }

  forget() {
    this.plot.forget();
  }
}

/**
 * Runs are named by twelve digits, steps by fewer.
 * @param {string} beside
 */
const isStep = (beside) => /^\d{1,11}$/.test(beside);
