// Ties the parts together: one state, one time, one redraw before each painted picture.

import { Beside } from "./beside.js";
import { readTheme } from "./colors.js";
import { listenToKeys, scrubOn } from "./controls.js";
import { Curves } from "./curves.js";
import { Strip, Tooltip } from "./images.js";
import { remember, take } from "./intake.js";
import { Legend } from "./legend.js";
import { newView } from "./model.js";
import { Explainer, Provenance, Tiles } from "./panels.js";
import { ProjectionPlot, writeZoom } from "./projection.js";
import { Reporter } from "./report.js";
import { StepAxis } from "./scales.js";
import { Timeline } from "./timeline.js";

const GLIDE = 170;

/** One mounted view. */
export class App {
  constructor(root) {
    this.root = root;
    this.view = newView();
    this.run = null;
    this.glide = null;
    this.pending = 0;
    this.reporter = new Reporter(this);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    const explainer = new Explainer(root);
    this.plot = new ProjectionPlot(this, root.querySelector(".projection canvas"));
    this.tooltip = new Tooltip(this, root);
    this.beside = new Beside(this, root);
    this.provenance = new Provenance(this, root, explainer);
    this.legend = new Legend(this, root);
    this.strip = new Strip(this, root);
    this.curves = new Curves(this, root.querySelector(".curves"), explainer);
    this.timeline = new Timeline(this, root.querySelector(".timeline"));
    this.parts = [
      new Tiles(this, root, explainer), this.provenance,
      this.plot, this.beside, this.legend, this.curves, this.timeline, this.strip,
    ];
    this.listen();
  }

  listen() {
    const { root } = this;
    const press = (selector, action) => root.querySelector(selector).addEventListener("click", action);
    press(".zoom-in", () => this.run && this.plot.zoomBy(1.5));
    press(".zoom-out", () => this.run && this.plot.zoomBy(1 / 1.5));
    press(".zoom-reset", () => this.run && this.plot.resetZoom());
    press(".lasso", () => this.setLassoing(!this.view.lassoing));
    press(".axis-scale", () => this.setLogarithmic(!this.view.logarithmic));
    listenToKeys(this, root);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    for (const canvas of root.querySelectorAll("canvas")) this.observer.observe(canvas);
  }

  /** Streamlit calls this at every rerun and every change of theme. */
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
    root.querySelector(".axis-scale").textContent = this.view.logarithmic ? "log scale" : "linear scale";
    root.querySelector(".projection canvas").setAttribute("aria-label", `Test embeddings, ${run.title}`);
    for (const part of this.parts) part.load?.();
    root.dataset.ready = "true";
    this.timeline.follow();
    this.resize();
  }

  readTheme() {
    const theme = readTheme(this.root);
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

  paint(now) {
    this.pending = 0;
    if (!this.run || !this.theme) return;
    this.timeline.tick(now);
    this.tickGlide(now);
    for (const part of this.parts) part.draw?.();
    this.tooltip.draw();
    // What glides or plays has asked for the next picture already.
    if (!this.pending) this.root.dataset.painted = "true";
  }

  setTime(time) {
    const exact = Math.min(Math.max(time, 0), this.run.frameCount - 1);
    this.view.time = this.calm.matches ? Math.round(exact) : exact;
    this.invalidate();
  }

  /** Moves smoothly to a frame and reports it. */
  glideTo(frame) {
    const target = Math.min(Math.max(frame, 0), this.run.frameCount - 1);
    if (this.calm.matches || target === this.view.time) {
      this.glide = null;
      this.setTime(target);
    } else {
      this.glide = { from: this.view.time, target, start: performance.now() };
      this.invalidate();
    }
    this.reporter.soon();
  }

  tickGlide(now) {
    if (!this.glide) return;
    const { from, target, start } = this.glide;
    const share = Math.min(Math.max((now - start) / GLIDE, 0), 1);
    this.view.time = from + (target - from) * (1 - (1 - share) ** 3);
    if (share === 1) {
      this.view.time = target;
      this.glide = null;
    } else this.invalidate();
  }

  settle() {
    this.glideTo(Math.round(this.view.time));
  }

  /** Where the person is or is going. */
  get frame() {
    return this.glide ? this.glide.target : Math.round(this.view.time);
  }

  scrubOn(element, margin) {
    scrubOn(this, element, margin);
  }

  /** A hand on the controls ends playing and gliding. */
  interrupt() {
    this.timeline.stop(false);
    this.glide = null;
  }

  jump(frame) {
    this.timeline.stop(false);
    this.glideTo(frame);
  }

  escape() {
    this.setLassoing(false);
    this.select([]);
  }

  hover(point, x = 0, y = 0) {
    this.tooltip.place(point, x, y);
    this.mark(point);
  }

  /** Rings a point in the picture. */
  mark(point) {
    if (this.view.hover === point) return;
    this.view.hover = point;
    this.invalidate();
  }

  select(points) {
    if (!points.length && !this.view.selected.size) return;
    this.view.selected = new Set(points);
    this.selectionChanged();
  }

  toggleSelected(point) {
    if (!this.view.selected.delete(point)) this.view.selected.add(point);
    this.selectionChanged();
  }

  selectionChanged() {
    this.strip.build();
    this.mark(-1);
    this.invalidate();
    this.reporter.soon();
  }

  setLassoing(on) {
    this.view.lassoing = on;
    this.root.querySelector(".lasso").setAttribute("aria-pressed", String(on));
    this.root.classList.toggle("lassoing", on);
  }

  setColor(color) {
    if (this.view.color === color) return;
    this.view.color = color;
    this.legend.build();
    this.invalidate();
    this.reporter.soon();
  }

  setZoom(zoom) {
    this.view.zoom = zoom;
    this.invalidate();
    this.reporter.soon();
  }

  setProjection(projection) {
    this.view.projection = projection;
    this.provenance.load();
    this.reporter.turn();
  }

  setBeside(beside) {
    this.view.beside = beside;
    this.beside.load();
    this.curves.load();
    this.resize();
    this.reporter.turn();
  }

  setLogarithmic(on) {
    this.view.logarithmic = on;
    this.axis = new StepAxis(this.run.steps, on);
    this.loaded();
  }

  /** Where the person is, in the words of `View`. */
  state() {
    const { view, run } = this;
    return {
      step: run.steps[this.frame],
      color: view.color,
      selected: [...view.selected].sort((a, b) => a - b),
      zoom: writeZoom(view.zoom),
      beside: view.beside,
      projection: view.projection,
    };
  }

  unmount() {
    this.reporter.stop();
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.timeline.playing = false;
    remember(this);
  }
}
