// A picture of a run that moves: drag the slider, press Play, or point at a phase.

import { element } from "../shared/dom.js";
import { percent } from "../shared/numbers.js";
import { readTheme } from "../shared/theme.js";
import { decodeArrays, inflate, readPayload } from "../scrubber/decode.js";
import { Run } from "../scrubber/model.js";
import { Course } from "./course.js";
import { Painter } from "./painter.js";

/** @import { MovingData, Theme } from "../types" */

const MILLISECONDS_A_FRAME = 260;
const PHASES = { 1: "Phase 1", 2: "Phase 2" };
const WORDS = { 1: "phase 1, success", 2: "phase 2, failure" };

export class Moving {
  /**
   * @param {HTMLElement} root
   * @param {MovingData} data
   */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.time = 0;
    this.pending = 0;
    /** What is being played, or what a hand on the slider glides to. */
    this.glide = { from: 0, to: 0, start: 0, length: 0 };
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.ended = false;
    root.dataset.painted = "false";
    this.told = element(root, "p", "now");
    this.canvas = element(root, "canvas", "embeddings");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", data.caption);
    const course = element(root, "div", "course");
    this.curve = element(course, "canvas", "curve");
    this.phases = element(course, "div", "phases");
    const controls = element(root, "div", "controls");
    this.slider = element(controls, "input", "steps");
    this.play = element(controls, "button", "play", "▶ Play");
    this.observer = new ResizeObserver(() => this.resize());
    void this.load();
  }

  async load() {
    const bytes = Uint8Array.from(atob(this.data.payload), (letter) => letter.charCodeAt(0));
    const { header, body } = readPayload(bytes);
    const arrays = decodeArrays(header.arrays, await inflate(body));
    if (this.ended) return;
    this.run = new Run(header, arrays);
    this.painter = new Painter(this.canvas, this.run, this.data.color);
    this.course = new Course(this.curve, this.run);
    this.time = this.run.frameAt(this.data.from);
    this.listen(this.run);
    this.readTheme();
    this.observer.observe(this.root);
  }

  /** @param {Run} run */
  listen(run) {
    const [first, last] = [run.frameAt(this.data.from), run.frameAt(this.data.to)];
    Object.assign(this.slider, { type: "range", min: "0", max: String(run.frameCount - 1), step: "1" });
    this.slider.setAttribute("aria-label", "Step");
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.play.setAttribute("aria-label", `Play from step ${this.data.from} to step ${this.data.to}`);
    this.play.addEventListener("click", () => this.show(first, last));
    const best = run.frameAt(run.phaseBoundary);
    const ends = { 1: [0, best], 2: [best, run.frameCount - 1] };
    for (const phase of /** @type {(1 | 2)[]} */ ([1, 2]).filter((one) => run.course.spans.includes(one))) {
      const [from, to] = ends[phase];
      const button = element(this.phases, "button", "phase", PHASES[phase]);
      button.dataset.phase = String(phase);
      button.style.left = `${(100 * from) / (run.frameCount - 1)}%`;
      button.style.width = `${(100 * (to - from)) / (run.frameCount - 1)}%`;
      button.title = `See ${PHASES[phase].toLowerCase()}: step ${run.steps[from]} to ${run.steps[to]}`;
      const see = () => this.show(from, to);
      button.addEventListener("click", see);
      button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && see());
    }
  }

  /**
   * Plays from one frame to another; at once where motion is not wanted.
   * @param {number} from
   * @param {number} to
   */
  show(from, to) {
    this.time = from;
    this.glide = { from, to, start: performance.now(), length: MILLISECONDS_A_FRAME * Math.abs(to - from) };
    this.invalidate();
  }

  /** @param {number} frame */
  goTo(frame) {
    this.glide = { from: this.time, to: frame, start: performance.now(), length: 160 };
    this.invalidate();
  }

  readTheme() {
    if (!this.run) return;
    /** @type {Theme} */
    this.theme = readTheme(this.root);
    this.resize();
  }

  resize() {
    if (!this.theme || !this.painter || !this.course) return;
    const size = parseFloat(getComputedStyle(this.root).fontSize);
    this.painter.prepare(this.theme, size);
    this.course.prepare(this.theme, size);
    this.invalidate();
  }

  /** Asks for one drawing before the next painted picture; until then the root says that it is not painted. */
  invalidate() {
    this.root.dataset.painted = "false";
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.paint(now));
  }

  /** @param {number} now */
  paint(now) {
    this.pending = 0;
    const { from, to, start, length } = this.glide;
    if (length) {
      const share = this.calm.matches ? 1 : Math.min(Math.max((now - start) / length, 0), 1);
      this.time = from + (to - from) * share;
      if (share === 1) this.glide = { ...this.glide, length: 0 };
    }
    this.draw();
    if (this.glide.length) this.invalidate();
    else this.root.dataset.painted = "true";
  }

  draw() {
    const { run, painter, course } = this;
    // In the lecture those of the other parts have no size.
    if (!run || !painter || !course || !this.canvas.width) return;
    const frame = Math.round(this.time);
    const phase = /** @type {0 | 1 | 2} */ (run.phase(frame));
    painter.draw(this.time);
    course.draw(this.time);
    this.slider.value = String(frame);
    this.slider.setAttribute("aria-valuetext", run.describe(frame));
    const step = frame === 0 ? "Step 0, before any update" : `Step ${run.steps[frame].toLocaleString("en-GB")}`;
    const named = frame && phase ? ` · ${WORDS[phase]}` : "";
    this.told.textContent = `${step} · accuracy ${percent(run.metric("accuracy", frame))}${named}`;
    for (const button of this.phases.querySelectorAll("button")) {
      button.toggleAttribute("data-now", button.dataset.phase === String(phase));
    }
  }

  unmount() {
    this.ended = true;
    this.observer.disconnect();
    cancelAnimationFrame(this.pending);
  }
}
