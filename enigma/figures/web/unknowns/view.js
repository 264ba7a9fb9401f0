// One run with unknown images: its pictures, its controls, and what they say in words.

import { element } from "../shared/dom.js";
import { percent } from "../shared/numbers.js";
import { readTheme } from "../shared/theme.js";
import { Curves } from "./curves.js";
import { chosen, Projection, Roc, Scores } from "./panels.js";

/** @import { Theme, UnknownsData, UnknownsPlace, UnknownsState } from "../types" */

/**
 * What one view tells the other.
 * @typedef {{ from: View, step: number, score: string, keep: number }} Told
 */

const REPORT_MILLISECONDS = 250;
const FRAME_MILLISECONDS = 350;
const EVENT = "enigma-unknowns";

export class View {
  /**
   * @param {HTMLElement} root
   * @param {UnknownsData} data
   * @param {(state: { step: number, score: string, keep: number }) => void} report
   */
  constructor(root, data, report) {
    this.root = root;
    this.data = data;
    this.report = report;
    /** @type {UnknownsState} */
    this.state = { ...data.state, title: "" };
    /** What identifies the run, and the frames that it has. */
    this.identity = "";
    /** @type {Theme | null} */
    this.theme = null;
    this.ground = "";
    this.timer = 0;
    this.scheme = 0;
    this.waiting = 0;
    this.next = 0;
    this.resize = new ResizeObserver(() => this.draw());
    this.listening = new AbortController();
    root.replaceChildren();
    const bar = element(root, "div", "bar");
    this.play = element(bar, "button", "play", "▶");
    this.slider = this.range(bar, "Step", 0, data.steps.length - 1, 1, (value) => this.seek(value));
    this.select = element(element(bar, "label", "score", "Score "), "select");
    this.keeper = this.range(bar, "Known kept", 50, 100, 1, (value) => this.change({ keep: value / 100 }));
    this.controls();
    const grid = element(root, "div", "grid");
    /**
     * @param {string} title
     * @param {string} hint
     */
    const panel = (title, hint) => {
      const box = element(grid, "section", "panel");
      const head = element(box, "header");
      element(head, "h3", "", title);
      element(head, "p", "hint").innerHTML = hint;
      return box;
    };
    const place = panel(
      "Where images are",
      '<i class="training"></i>training <i class="known"></i>known <i class="unknown"></i>unknown',
    );
    element(place, "p", "drawn", data.projection);
    this.panels = [
      new Projection(place),
      new Curves(panel("Over the steps", "dashed: the source model; ring: the best step"), (frame) => this.seek(frame)),
      new Scores(panel("Score of the images", "known blue, unknown orange; the line is the threshold")),
      new Roc(panel("Known against unknown", "the dot is the threshold")),
    ];
    this.story = element(root, "p", "story");
    this.story.setAttribute("aria-live", "polite");
    this.watch();
    this.stand({}, false);
  }

  controls() {
    this.play.setAttribute("aria-label", "Play");
    this.play.onclick = () => (this.timer ? this.pause() : this.start());
    this.select.setAttribute("aria-label", "Score");
    for (const score of this.data.scores) this.select.add(new Option(score.title, score.name));
    this.select.onchange = () => this.change({ score: this.select.value });
  }

  /**
   * @param {HTMLElement} bar
   * @param {string} name
   * @param {number} min
   * @param {number} max
   * @param {number} step
   * @param {(value: number) => void} heard
   */
  range(bar, name, min, max, step, heard) {
    const label = element(bar, "label", "slider");
    element(label, "span", "name", name);
    const input = element(label, "input");
    Object.assign(input, { type: "range", min, max, step });
    input.setAttribute("aria-label", name);
    input.oninput = () => heard(Number(input.value));
    return { input, said: element(label, "output") };
  }

  start() {
    if (this.state.frame === this.data.steps.length - 1) this.seek(0);
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "Pause");
    this.timer = window.setInterval(() => {
      this.seek(this.state.frame + 1);
      if (this.state.frame === this.data.steps.length - 1) this.pause();
    }, FRAME_MILLISECONDS);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "Play");
  }

  /**
   * Goes to a frame.
   * @param {number} frame
   */
  seek(frame) {
    this.change({ frame: Math.min(Math.max(frame, 0), this.data.steps.length - 1) });
  }

  /**
   * Changes what is shown, and the other run on the page with it.
   * @param {Partial<UnknownsPlace>} values
   */
  change(values) {
    this.stand(values);
    const { frame, score, keep } = this.state;
    dispatchEvent(new CustomEvent(EVENT, { detail: { from: this, step: this.data.steps[frame], score, keep } }));
  }

  /** @param {Partial<UnknownsPlace>} values */
  stand(values, tell = true) {
    Object.assign(this.state, values);
    const { frame, score, keep } = this.state;
    const { title, help } = this.data.scores.find((one) => one.name === score) ?? this.data.scores[0];
    this.state.title = title;
    this.slider.input.value = String(frame);
    this.slider.said.textContent = this.data.steps[frame].toLocaleString("en");
    this.slider.input.setAttribute("aria-valuetext", `step ${this.data.steps[frame]}`);
    this.select.value = score;
    this.select.title = help;
    this.keeper.input.value = String(Math.round(100 * keep));
    this.keeper.said.textContent = percent(keep, 0);
    this.draw();
    if (!tell) return;
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(
      () => this.report({ step: this.data.steps[frame], score, keep }),
      REPORT_MILLISECONDS,
    );
  }

  draw() {
    cancelAnimationFrame(this.next);
    this.next = requestAnimationFrame(() => {
      this.theme ??= readTheme(this.root);
      for (const panel of this.panels) panel.draw(this.data, this.theme, this.state);
    });
    this.story.textContent = this.told();
  }

  told() {
    const { frame, score, title } = this.state;
    /** @param {"auroc" | "h" | "tnr" | "fpr"} name */
    const at = (name) => percent(this.data[name][score][frame]);
    const [known, unknown] = chosen(this.data, this.state);
    const gap = this.data.unknown_entropy[frame] - this.data.known_entropy[frame];
    return (
      `Step ${this.data.steps[frame]}: accuracy ${percent(this.data.accuracy[frame])}, AUROC of ${title} ${at("auroc")}, ` +
      `H-score ${at("h")} (their harmonic mean); unknown images are ${Math.abs(gap).toFixed(2)} nats ${gap < 0 ? "more" : "less"} certain ` +
      `than known ones. ` +
      `The threshold keeps ${percent(1 - known)} of the known images and rejects ${percent(unknown)} of the unknown. ` +
      `TNR@TPR95 (known positive) ${at("tnr")}, FPR@95 (unknown positive) ${at("fpr")}.`
    );
  }

  watch() {
    const again = () => {
      this.theme = null;
      this.draw();
    };
    this.resize.observe(this.root);
    // The style sheet follows the page's theme a moment after the theme has changed.
    this.scheme = window.setInterval(() => {
      const ground = getComputedStyle(this.root).getPropertyValue("--st-background-color");
      if (ground !== this.ground) again();
      this.ground = ground;
    }, 300);
    /** @param {Event} event */
    const heard = (event) => {
      const { detail } = /** @type {CustomEvent<Told>} */ (event);
      if (detail.from === this || !this.root.isConnected) return;
      const frame = this.data.steps.findLastIndex((step) => step <= detail.step);
      // A score that needs what this head lacks stays as it is here.
      const has = this.data.scores.some(({ name }) => name === detail.score);
      this.stand({ frame: Math.max(frame, 0), score: has ? detail.score : this.state.score, keep: detail.keep });
    };
    addEventListener(EVENT, heard, { signal: this.listening.signal });
  }

  unmount() {
    this.pause();
    clearInterval(this.scheme);
    clearTimeout(this.waiting);
    this.resize.disconnect();
    this.listening.abort();
  }
}
