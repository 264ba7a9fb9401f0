// Ties the parts together: one state, one time, one redraw before each painted picture.

import { readTheme } from "./colors.js";
import { listenToKeys, scrubOn } from "./controls.js";
import { Curves } from "./curves.js";
import { decodeArrays, inflate, readPayload } from "./decode.js";
import { Sprite, Strip, Tooltip } from "./images.js";
import { Legend } from "./legend.js";
import { carryZoom, newView, Run, timeAfterReload } from "./model.js";
import { Explainer, Provenance, Tiles } from "./panels.js";
import { ProjectionPlot } from "./projection.js";
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
    this.reporter = new Reporter(() => this.state());
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    const explainer = new Explainer(root);
    this.plot = new ProjectionPlot(this, root.querySelector(".projection canvas"));
    this.tooltip = new Tooltip(this, root);
    this.legend = new Legend(this, root);
    this.strip = new Strip(this, root);
    this.curves = new Curves(this, root.querySelector(".curves"));
    this.timeline = new Timeline(this, root.querySelector(".timeline"));
    this.parts = [
      new Tiles(this, root, explainer), new Provenance(this, root, explainer),
      this.plot, this.legend, this.curves, this.timeline, this.strip,
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

  /** Takes what Streamlit hands over; the same payload again changes nothing. */
  async update({ data, setStateValue }) {
    this.reporter.send = setStateValue;
    this.readTheme();
    if (!data) return;
    const { header, body, thumbnails } = readPayload(data);
    // Everything but what Python wants of us says which picture this is.
    const identity = JSON.stringify({ ...header, step: 0, color: "", command: 0 });
    const newest = (this.newest = `${identity} ${header.command}`);
    if (identity !== this.identity) {
      const sprite = new Sprite(header.thumbnails);
      const [raw] = await Promise.all([inflate(body), sprite.load(thumbnails)]);
      // While this was being decompressed another payload may have come.
      if (this.newest !== newest) return;
      this.identity = identity;
      this.sprite = sprite;
      this.load(new Run(header, decodeArrays(header.arrays, raw)));
    } else if (header.command !== this.view.command) {
      this.obey(header);
    }
  }

  load(run) {
    const previous = this.run ?? this.recall(run);
    const { view } = this;
    const time = timeAfterReload(view, previous, run);
    if (previous?.runId !== run.runId) view.selected.clear();
    carryZoom(view, previous, run);
    if (view.command !== run.command) view.color = run.color;
    view.command = run.command;
    view.hover = -1;
    view.time = time;
    this.glide = null;
    this.run = run;
    this.axis = new StepAxis(run.steps, view.logarithmic);
    this.tooltip.place(-1);
    this.root.querySelector(".projection canvas").setAttribute("aria-label", `Test embeddings, ${run.title}`);
    for (const part of this.parts) part.load?.();
    this.root.dataset.ready = "true";
    this.timeline.follow();
    this.resize();
    if (previous) this.reporter.soon();
  }

  /** Takes up the view that was left under the same key; returns the run it showed. */
  recall(run) {
    // Python starts a new view with exactly this.
    this.reporter.known = { step: run.steps[run.frameAt(run.step)], color: run.color, selected: [] };
    const left = remembered.get(run.key);
    if (!left) return null;
    this.view = left.view;
    if (left.view.command === run.command) this.reporter.known = left.known;
    this.showChoices();
    return left.run;
  }

  showChoices() {
    this.setLassoing(false);
    this.root.querySelector(".axis-scale").textContent = this.view.logarithmic ? "log scale" : "linear scale";
  }

  /** Python asks for another step or colouring of the same run. */
  obey(header) {
    this.view.command = header.command;
    this.timeline.stop(false);
    this.setColor(header.color);
    this.glideTo(this.run.frameAt(header.step));
  }

  readTheme() {
    this.theme = readTheme(this.root);
    this.plot.forget();
    if (this.run) this.legend.build();
    this.invalidate();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    for (const part of this.parts) part.resize?.(ratio);
    this.invalidate();
  }

  /** Asks for one redraw before the next painted picture. */
  invalidate() {
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.paint(now));
  }

  paint(now) {
    this.pending = 0;
    if (!this.run || !this.theme) return;
    this.timeline.tick(now);
    this.tickGlide(now);
    for (const part of this.parts) part.draw?.();
    this.tooltip.draw();
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

  setLogarithmic(on) {
    this.view.logarithmic = on;
    this.axis = new StepAxis(this.run.steps, on);
    this.showChoices();
    this.timeline.follow();
    this.invalidate();
  }

  /** Where the person is, in the words of `ScrubberState`. */
  state() {
    const { view, run } = this;
    return { step: run.steps[this.frame], color: view.color, selected: [...view.selected].sort((a, b) => a - b) };
  }

  unmount() {
    this.reporter.stop();
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.timeline.playing = false;
    if (this.run) remembered.set(this.run.key, { view: this.view, run: this.run, known: this.reporter.known });
  }
}

/** What was left under each key; outlives a view that leaves the page and comes back. */
const remembered = new Map();
