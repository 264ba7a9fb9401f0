// Where in the run the view stands, and how it gets from one frame to another.

/** @import { App } from "./app.js" */

const GLIDE = 170;

/** Moves the time of the view: at once, or gliding to a frame. */
export class Motion {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {{ from: number, target: number, start: number } | null} */
    this.glide = null;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Where the person is or is going. */
  get frame() {
    return this.glide ? this.glide.target : Math.round(this.app.view.time);
  }

  /** @param {number} time */
  setTime(time) {
    const exact = this.inside(time);
    this.app.view.time = this.calm.matches ? Math.round(exact) : exact;
    this.app.invalidate();
  }

  /** @param {number} time */
  inside(time) {
    return Math.min(Math.max(time, 0), this.app.run.frameCount - 1);
  }

  /**
   * Moves smoothly to a frame and reports it.
   * @param {number} frame
   */
  glideTo(frame) {
    const { app } = this;
    const target = this.inside(frame);
    if (this.calm.matches || target === app.view.time) {
      this.glide = null;
      this.setTime(target);
    } else {
      this.glide = { from: app.view.time, target, start: performance.now() };
      app.invalidate();
    }
    app.reporter.soon();
  }

  /**
   * Called before every painted picture.
   * @param {number} now
   */
  tick(now) {
    if (!this.glide) return;
    const { from, target, start } = this.glide;
    const share = Math.min(Math.max((now - start) / GLIDE, 0), 1);
    this.app.view.time = share === 1 ? target : from + (target - from) * (1 - (1 - share) ** 3);
    if (share === 1) this.glide = null;
    else this.app.invalidate();
  }

  /** Comes to rest on the nearest frame. */
  settle() {
    this.glideTo(Math.round(this.app.view.time));
  }

  /** A hand on the controls ends playing and gliding. */
  interrupt() {
    this.app.timeline.stop(false);
    this.glide = null;
  }

  /** @param {number} frame */
  jump(frame) {
    this.app.timeline.stop(false);
    this.glideTo(frame);
  }
}
