// Ties the parts together: one state, one time, one redraw before each painted picture.

import { find } from "../shared/dom.js";
import { Beside } from "./beside.js";
import { Card } from "./card.js";
import { numericTheme } from "./colors.js";
import { listenToKeys, scrubOn } from "./controls.js";
import { CameraButtons } from "./camera_buttons.js";
import { Curves } from "./curves.js";
import { Strip, Tooltip } from "./images.js";
import { remember, take } from "./intake.js";
import { Legend } from "./legend.js";
import { newView } from "./model.js";
import { Motion } from "./motion.js";
import { Explainer, Provenance, Tiles } from "./panels.js";
import { Nearby } from "./neighbors.js";
import { placeOf } from "./place.js";
import { ProjectionPlot } from "./projection.js";
import { Reporter } from "./report.js";
import { DistanceStrip } from "./strip.js";
import { StepAxis } from "../shared/step_axis.js";
import { Timeline } from "./timeline.js";
import { BY_KEYS } from "./walking.js";
import { readZoom, WHOLE, writeZoom } from "./zoom.js";

/** @import { Component, Margin, NumericTheme, Part, Zoom } from "../types" */
/** @import { Sprite } from "./images.js" */
/** @import { Run } from "./model.js" */

/** One mounted view. */
export class App {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.view = newView();
    /** The run on screen, once the first payload has come. @type {Run} */
    this.run;
    /** Its images. @type {Sprite} */
    this.sprite;
    /** @type {StepAxis} */
    this.axis;
    /** @type {NumericTheme} */
    this.theme;
    /** Which payload is on screen, and which is wanted. */
    this.identity = "";
    this.newest = "";
    this.pending = 0;
    this.reporter = new Reporter(this);
    this.motion = new Motion(this);
    this.observer = new ResizeObserver(() => this.resize());
    const explainer = new Explainer(root);
    this.plot = new ProjectionPlot(this, find(root, ".projection canvas", HTMLCanvasElement));
    this.tooltip = new Tooltip(this, root);
    this.beside = new Beside(this, root);
    this.provenance = new Provenance(this, root, explainer);
    this.distances = new DistanceStrip(this, root, explainer);
    this.card = new Card(this, root);
    this.nearby = new Nearby(this, root);
    this.legend = new Legend(this, root);
    this.strip = new Strip(this, root);
    this.curves = new Curves(this, find(root, ".curves"), explainer);
    this.timeline = new Timeline(this, find(root, ".timeline"));
    /** @type {Part[]} */
    this.parts = [
      new Tiles(this, root, explainer),
      this.provenance,
      this.plot,
      this.beside,
      this.distances,
      this.card,
      this.nearby,
      new CameraButtons(this, root),
      this.legend,
      this.curves,
      this.timeline,
      this.strip,
    ];
    this.listen();
    this.deafen = listenToKeys(this);
  }

  listen() {
    const { root } = this;
    /**
     * @param {string} selector
     * @param {() => void} action
     */
    const press = (selector, action) => find(root, selector).addEventListener("click", action);
    press(".lasso", () => this.setLassoing(!this.view.lassoing));
    press(".axis-scale", () => this.setLogarithmic(!this.view.logarithmic));
    this.observe(root);
    for (const canvas of root.querySelectorAll("canvas")) this.observe(canvas);
  }

  /**
   * Draws anew whenever an element changes its size.
   * @param {Element} element
   */
  observe(element) {
    this.observer.observe(element);
  }

  /**
   * Streamlit calls this at every rerun and every change of theme.
   * @param {Component<Uint8Array | null>} parts
   */
  update({ data, setStateValue }) {
    this.reporter.send = setStateValue;
    this.readTheme();
    if (data) take(this, data);
  }

  /** Tells all parts that the run, or where the person stands in it, is another. */
  loaded() {
    const { run, root } = this;
    this.tooltip.place(-1);
    this.setLassoing(false);
    find(root, ".axis-scale").textContent = this.view.logarithmic ? "log scale" : "linear scale";
    const picture = find(root, ".projection canvas", HTMLCanvasElement);
    picture.setAttribute("aria-label", `Test embeddings, ${run.title}. ${BY_KEYS}`);
    for (const part of this.parts) part.load?.();
    root.dataset.ready = "true";
    this.timeline.follow();
    this.resize();
  }

  readTheme() {
    const theme = numericTheme(this.root);
    // Most reruns bring none, and a legend that is built anew takes the focus from a person who is in it.
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    for (const part of this.parts) part.forget?.();
    if (this.run) this.legend.build();
    this.invalidate();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    for (const part of this.parts) part.resize?.(ratio);
    this.invalidate();
  }

  /** Asks for one redraw before the next painted picture; until then the root says that it is not painted. */
  invalidate() {
    this.root.dataset.painted = "false";
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.paint(now));
  }

  /** @param {number} now */
  paint(now) {
    this.pending = 0;
    if (!this.run || !this.theme) return;
    this.timeline.tick(now);
    this.motion.tick(now);
    for (const part of this.parts) part.draw?.();
    this.tooltip.draw();
    // What glides or plays has asked for the next picture already.
    if (!this.pending) this.root.dataset.painted = "true";
  }

  /**
   * @param {HTMLElement} element
   * @param {Margin} margin
   */
  scrubOn(element, margin) {
    scrubOn(this, element, margin);
  }

  escape() {
    this.setLassoing(false);
    if (this.view.selected.size) this.select([]);
    else if (this.view.alone >= 0) this.setAlone(-1);
  }

  /** @param {number} point */
  hover(point, x = 0, y = 0) {
    this.tooltip.place(point, x, y);
    this.mark(point);
  }

  /**
   * Rings a point in the picture.
   * @param {number} point
   */
  mark(point) {
    if (this.view.hover === point) return;
    this.view.hover = point;
    this.invalidate();
  }

  /** @param {number[]} points */
  select(points) {
    if (!points.length && !this.view.selected.size) return;
    this.view.selected = new Set(points);
    this.selectionChanged();
  }

  /** @param {number} point */
  toggleSelected(point) {
    if (!this.view.selected.delete(point)) this.view.selected.add(point);
    this.selectionChanged();
  }

  selectionChanged() {
    this.strip.build();
    this.distances.forget();
    this.card.build();
    this.nearby.build();
    this.mark(-1);
    this.invalidate();
    this.reporter.soon();
  }

  /** @param {boolean} on */
  setLassoing(on) {
    this.view.lassoing = on;
    find(this.root, ".lasso").setAttribute("aria-pressed", String(on));
    this.root.classList.toggle("lassoing", on);
  }

  /** @param {string} color */
  setColor(color) {
    if (this.view.color === color) return;
    this.view.color = color;
    this.legend.build();
    this.invalidate();
    this.reporter.soon();
  }

  /** @param {Zoom} zoom */
  setZoom(zoom) {
    // As the address has it, so that a link shows the very same picture.
    this.view.zoom = readZoom(writeZoom(zoom));
    this.invalidate();
    this.reporter.soon();
  }

  /** The times that the camera has to hold: where one stands, and the pinned step beside it. */
  get times() {
    const pinned = this.beside.pinned;
    return pinned === null ? [this.view.time] : [this.view.time, pinned];
  }

  /**
   * Lets the camera follow the frames, or hold the whole run.
   * @param {boolean} on
   */
  setFollow(on) {
    this.view.show.follow = on;
    this.setZoom(WHOLE);
  }

  /**
   * Shows one class alone, or all of them (-1).
   * @param {number} index
   */
  setAlone(index) {
    this.view.alone = index;
    this.legend.build();
    this.setZoom(WHOLE);
  }

  /** @param {string} projection */
  setProjection(projection) {
    this.view.projection = projection;
    this.provenance.load();
    this.reporter.turn();
  }

  /** @param {string} beside */
  setBeside(beside) {
    this.view.beside = beside;
    this.beside.load();
    this.curves.load();
    this.resize();
    this.reporter.turn();
  }

  /** @param {boolean} on */
  setLogarithmic(on) {
    this.view.logarithmic = on;
    this.axis = new StepAxis(this.run.steps, on);
    this.loaded();
    this.reporter.soon();
  }

  /** Where the person is. */
  state() {
    return placeOf(this.view, this.run.steps[this.motion.frame]);
  }

  unmount() {
    this.reporter.end();
    this.deafen();
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.timeline.playing = false;
    remember(this);
  }
}
