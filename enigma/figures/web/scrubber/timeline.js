// Play, pause and the slider whose length is the run.

import { find, findAll, penOf } from "../shared/dom.js";
import { css } from "./colors.js";
import { drawStepLabels, fitCanvas } from "./plots.js";

/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */

const MARGIN = { left: 12, right: 12 };
const TRACK = 16;
const SECONDS_FOR_A_RUN = 12;
const REST_AT_END = 0.9;

/**
 * How far a run advances in some seconds, as a share of the axis; the pace looks even on the chosen scale.
 * @param {number} position
 * @param {number} seconds
 * @param {number} speed
 * @param {number} frameCount
 */
export function advance(position, seconds, speed, frameCount) {
  const length = Math.min(SECONDS_FOR_A_RUN, Math.max(4, frameCount * 0.4));
  return position + (seconds * speed) / length;
}

/** The bar at the bottom. */
export class Timeline {
  /**
   * @param {App} app
   * @param {HTMLElement} panel
   */
  constructor(app, panel) {
    this.app = app;
    this.slider = find(panel, "[role=slider]");
    this.canvas = find(this.slider, ".track", HTMLCanvasElement);
    this.labels = find(this.slider, ".labels", HTMLCanvasElement);
    this.playButton = find(panel, ".play", HTMLButtonElement);
    this.loopButton = find(panel, ".loop");
    this.readout = find(panel, ".readout");
    this.now = find(panel, ".now");
    this.last = find(panel, ".last");
    this.speeds = findAll(panel, "[data-speed]");
    this.playing = false;
    /** When the last picture was painted. @type {number | null} */
    this.previous = null;
    this.position = 0;
    this.rested = 0;
    this.ratio = 1;
    this.frame = -1;
    /** @type {Run | null} */
    this.run = null;
    this.isStale = true;
    this.playButton.addEventListener("click", () => this.toggle());
    this.loopButton.addEventListener("click", () => this.setLoop(!app.view.loop));
    for (const button of this.speeds)
      button.addEventListener("click", () => this.setSpeed(Number(button.dataset.speed)));
    app.scrubOn(this.slider, MARGIN);
  }

  load() {
    const { run } = this.app;
    this.slider.setAttribute("aria-valuemax", String(run.frameCount - 1));
    this.last.textContent = `of ${run.steps[run.frameCount - 1]}`;
    // Room for the longest step, so that the slider keeps its length.
    const digits = String(run.steps[run.frameCount - 1]).length;
    this.readout.style.minWidth = `${7 + 2.4 * digits}ch`;
    this.playButton.disabled = run.frameCount < 2;
    if (run.frameCount < 2) this.stop();
    this.showChoices();
  }

  /** @param {number} ratio */
  resize(ratio) {
    this.ratio = ratio;
    fitCanvas(this.canvas, ratio);
    fitCanvas(this.labels, ratio);
    this.forget();
  }

  /** Writes the steps anew, after a change of run, axis, size or theme. */
  forget() {
    this.isStale = true;
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  start() {
    const { run, view } = this.app;
    if (!run || run.frameCount < 2) return;
    if (view.time >= run.frameCount - 1) this.app.motion.setTime(0);
    this.playing = true;
    this.previous = null;
    this.rested = 0;
    this.position = this.app.axis.positionOfTime(view.time);
    this.showPlaying();
    this.app.invalidate();
  }

  /** Stops playing; `settle` brings the view to the nearest frame and reports it. */
  stop(settle = true) {
    if (!this.playing) return;
    this.playing = false;
    this.showPlaying();
    if (settle) this.app.motion.settle();
  }

  showPlaying() {
    this.playButton.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.playButton.classList.toggle("playing", this.playing);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.app.view.speed = speed;
    this.showChoices();
  }

  /** @param {boolean} loop */
  setLoop(loop) {
    this.app.view.loop = loop;
    this.showChoices();
  }

  showChoices() {
    const { speed, loop } = this.app.view;
    for (const button of this.speeds)
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
    this.loopButton.setAttribute("aria-pressed", String(loop));
  }

  /**
   * Called before every painted picture while playing.
   * @param {number} now
   */
  tick(now) {
    if (!this.playing) return;
    const { app } = this;
    const seconds = this.previous === null ? 0 : Math.min((now - this.previous) / 1000, 0.1);
    this.previous = now;
    if (this.position >= 1) this.restAtEnd(seconds);
    else {
      this.position = Math.min(advance(this.position, seconds, app.view.speed, app.run.frameCount), 1);
      app.motion.setTime(app.axis.timeAt(this.position));
    }
    app.invalidate();
  }

  /** @param {number} seconds */
  restAtEnd(seconds) {
    if (!this.app.view.loop) {
      this.stop();
      return;
    }
    this.rested += seconds;
    if (this.rested < REST_AT_END) return;
    this.rested = 0;
    this.position = 0;
    this.app.motion.setTime(0);
  }

  /** After a change of the axis the same time has another position. */
  follow() {
    this.position = this.app.axis.positionOfTime(this.app.view.time);
  }

  draw() {
    const { run, view } = this.app;
    const frame = Math.round(view.time);
    this.drawTrack();
    if (frame === this.frame && run === this.run) return;
    this.frame = frame;
    this.run = run;
    this.now.textContent = String(run.steps[frame]);
    this.slider.setAttribute("aria-valuenow", String(frame));
    this.slider.setAttribute("aria-valuetext", run.describe(frame));
  }

  drawTrack() {
    const { run, view, theme, axis } = this.app;
    const { canvas, ratio } = this;
    const pen = penOf(canvas);
    const width = canvas.clientWidth - MARGIN.left - MARGIN.right;
    /** @param {number} position */
    const x = (position) => MARGIN.left + position * width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    const thumb = x(axis.positionOfTime(view.time));
    const colors = [theme.line, theme.success, theme.failure];
    for (const { phase, from, to } of run.stretches) {
      line(pen, x(axis.position(from)), x(axis.position(to)), TRACK, colors[phase]);
    }
    pen.fillStyle = css(theme.muted);
    pen.globalAlpha = 0.7;
    for (const position of axis.frames) pen.fillRect(x(position) - 0.5, TRACK + 9, 1, 4);
    pen.globalAlpha = 1;
    pen.beginPath();
    pen.arc(thumb, TRACK, 8.5, 0, 2 * Math.PI);
    pen.fillStyle = css(theme.surface);
    pen.fill();
    pen.beginPath();
    pen.arc(thumb, TRACK, 7, 0, 2 * Math.PI);
    pen.fillStyle = css(theme.ink);
    pen.fill();
    if (this.isStale) drawStepLabels(this.labels, ratio, axis, theme, MARGIN, 44);
    this.isStale = false;
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {number} color
 */
function line(pen, from, to, y, color) {
  if (to <= from) return;
  pen.fillStyle = css(color);
  pen.fillRect(from, y - 2.5, to - from, 5);
}
