// What every figure of the page shares: its panels, its controls, its theme and one redraw a painted picture.

import { element } from "../shared/dom.js";
import { readTheme } from "../shared/theme.js";
import { Plot } from "./plot.js";
import { saveButtons } from "./save.js";

/** @import { PanelOptions, SliderOptions, Theme } from "../types" */

export class Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {Plot[]} */
    this.panels = [];
    /** @type {Theme} */
    this.theme;
    this.pending = 0;
    this.resized = false;
    /** @type {HTMLButtonElement | null} */
    this.playButton = null;
    this.observer = new ResizeObserver(() => {
      this.resized = true;
      this.invalidate();
    });
    this.observer.observe(root);
    this.playing = false;
  }

  /** Streamlit calls at every rerun and change of theme. */
  update() {
    this.theme = readTheme(this.root);
    this.invalidate();
  }

  /** Draws everything; each figure has its own way. */
  draw() {}

  invalidate() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      if (!this.theme || !this.root.clientWidth) return;
      // Only when it can have changed: a width that is asked for between drawings makes the browser lay out each one.
      if (this.resized) for (const plot of this.panels) plot.measure();
      this.resized = false;
      this.draw();
    });
  }

  /**
   * A panel with a title, a plot and buttons that save both its numbers and its picture.
   * @param {HTMLElement} host
   * @param {PanelOptions} options
   */
  plotPanel(host, { title, hint, file, rows, ...options }) {
    const panel = element(host, "div", "panel");
    const head = element(panel, "header");
    element(head, "h3", "", title).title = title;
    if (hint) element(head, "p", "hint", hint).title = hint;
    const plot = new Plot(element(panel, "div", "plot"), { name: title, ...options });
    saveButtons(head, file, rows, plot);
    this.panels.push(plot);
    return plot;
  }

  /**
   * A slider with its name and value; returns a function that sets it from outside.
   * @param {HTMLElement} host
   * @param {SliderOptions} options
   */
  slider(
    host,
    { name, min, max, step, value, format = (v) => v.toFixed(2).replace("-", "−"), spoken = format, hint = "", input },
  ) {
    const row = element(host, "label", "slider");
    row.title = hint;
    element(row, "span", "name", name);
    const range = element(row, "input");
    Object.assign(range, { type: "range", min, max, step });
    range.setAttribute("aria-label", name);
    const output = element(row, "output");
    /** @param {number | string} now */
    const show = (now) => {
      range.value = String(now);
      output.textContent = format(Number(now));
      range.setAttribute("aria-valuetext", spoken(Number(now)));
    };
    range.addEventListener("input", () => {
      input(Number(range.value));
      show(range.value);
    });
    show(value);
    return show;
  }

  /**
   * @param {HTMLElement} host
   * @param {string} text
   * @param {() => void} action
   * @param {string} [hint]
   */
  button(host, text, action, hint = "") {
    const made = element(host, "button", "", text);
    made.title = hint;
    made.addEventListener("click", action);
    return made;
  }

  /**
   * One of several; returns a function that marks a choice.
   * @param {HTMLElement} host
   * @param {string} name
   * @param {Record<string, string>} options
   * @param {string} chosen
   * @param {(key: string) => void} pick
   */
  choice(host, name, options, chosen, pick) {
    const group = element(host, "div", "choice");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    element(group, "span", "name", name);
    const buttons = Object.entries(options).map(([key, text]) => {
      const button = this.button(group, text, () => {
        mark(key);
        pick(key);
      });
      return /** @type {const} */ ([key, button]);
    });
    /** @param {string} key */
    const mark = (key) => buttons.forEach(([own, button]) => button.setAttribute("aria-pressed", String(own === key)));
    mark(chosen);
    return mark;
  }

  /**
   * A button that repeats `tick` about `rate` times a second until it returns false; at once where motion is unwanted.
   * @param {HTMLElement} host
   * @param {number} rate
   * @param {() => boolean} tick
   */
  player(host, rate, tick) {
    const button = this.button(host, "Play", () => (this.playing ? this.stop() : this.start(rate, tick)));
    button.classList.add("primary");
    this.playButton = button;
    return button;
  }

  /**
   * @param {number} rate
   * @param {() => boolean} tick
   */
  start(rate, tick) {
    if (this.calm.matches) {
      for (let count = 0; count < 2000 && tick(); count++);
      this.invalidate();
      return;
    }
    this.playing = true;
    if (this.playButton) this.playButton.textContent = "Pause";
    let last = performance.now();
    /** @param {number} now */
    const frame = (now) => {
      if (!this.playing) return;
      let goes = true;
      for (; goes && now - last >= 1000 / rate; last += 1000 / rate) goes = tick();
      // A page that was hidden does not catch up.
      if (now - last > 500) last = now;
      this.invalidate();
      if (goes) requestAnimationFrame(frame);
      else this.stop();
    };
    requestAnimationFrame(frame);
  }

  stop() {
    this.playing = false;
    if (this.playButton) this.playButton.textContent = "Play";
  }

  unmount() {
    this.stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.pending);
  }
}
