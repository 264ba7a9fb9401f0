// A card in a corner of the picture that tells what the selected images have in common.

import { css } from "./colors.js";
import { fitCanvas } from "./plots.js";
import { classesOf, listed, rightOf, throughTime } from "./summary.js";
import { element, find, penOf } from "../shared/dom.js";
import { isNumber, percent, short } from "../shared/numbers.js";

/** @import { App } from "./app.js" */

const MOST_CLASSES = 3;
const MOST_PREDICTIONS = 2;
const FEW = 30;

/** Shown while several images are selected, until it is closed. */
export class Card {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.box = find(root, ".card:not(.nearby)");
    this.heading = find(this.box, "h3");
    this.classes = find(this.box, ".classes");
    this.more = find(this.box, ".others");
    this.lines = [
      { name: "accuracy", line: new Line(find(this.box, "[data-line=accuracy]")) },
      { name: "distance", line: new Line(find(this.box, "[data-line=distance]")) },
    ];
    /** @type {number[]} */
    this.points = [];
    this.frame = -1;
    /** The selection for which a person has closed it. */
    this.closed = "";
    /** Whether its corner is still to be chosen, which has to wait until the points are on screen. */
    this.isUnplaced = false;
    find(this.box, ".close").addEventListener("click", () => this.close());
  }

  load() {
    this.build();
  }

  /** Takes up another selection. */
  build() {
    const { run, view } = this.app;
    this.points = [...view.selected].sort((a, b) => a - b);
    this.box.hidden = this.points.length < 2 || this.points.join() === this.closed;
    this.frame = -1;
    if (this.box.hidden) return;
    this.heading.textContent = `${this.points.length} images`;
    const { accuracy, distance } = throughTime(run, this.points);
    const [first, second] = this.lines;
    // What needs labels or training images is not there without them.
    first.line.row.hidden = accuracy.every((value) => value === null);
    second.line.row.hidden = distance.every((value) => value === null);
    first.line.take(accuracy, 1);
    second.line.take(distance, Math.max(...distance.map((value) => value ?? 0)));
    this.isUnplaced = true;
    this.resize(window.devicePixelRatio || 1);
  }

  /** Whether most of the selected points are in the right half of the picture, so that the card belongs to the left. */
  isOnTheRight() {
    const { screenX, layer } = this.app.plot;
    const right = this.points.filter((point) => screenX[point] > layer.width / 2);
    return right.length > this.points.length / 2;
  }

  close() {
    this.box.hidden = true;
    this.closed = this.points.join();
    // The focus was on the button that is gone.
    this.app.root.focus();
  }

  forget() {
    for (const { line } of this.lines) line.painted = "";
  }

  /** @param {number} ratio */
  resize(ratio) {
    if (this.box.hidden) return;
    for (const { line } of this.lines) line.resize(ratio);
  }

  draw() {
    if (this.box.hidden) return;
    const { view, axis, theme } = this.app;
    if (this.isUnplaced) this.box.classList.toggle("left", this.isOnTheRight());
    this.isUnplaced = false;
    const [first, second] = this.lines;
    first.line.draw(view.time, axis, theme, theme.success);
    second.line.draw(view.time, axis, theme, theme.blue);
    const frame = Math.round(view.time);
    if (frame === this.frame) return;
    this.frame = frame;
    this.write(frame);
  }

  /** @param {number} frame */
  write(frame) {
    const { run } = this.app;
    const found = classesOf(run, this.points, frame);
    // With one class more than fits there is room for it in place of the sentence about it.
    const most = found.length === MOST_CLASSES + 1 ? found.length : MOST_CLASSES;
    this.classes.replaceChildren();
    for (const { label, count, predicted } of found.slice(0, most)) {
      const item = element(this.classes, "li");
      const name = element(item, "strong", "", `${run.className(label)} ${count}`);
      name.style.setProperty("--mark", css(run.colors[label] ?? this.app.theme.muted));
      const named = predicted.map(({ prediction, count: many }) => ({ name: run.className(prediction), count: many }));
      element(item, "span", "", `as ${listed(named, MOST_PREDICTIONS)}`);
    }
    const rest = found.slice(most);
    this.more.textContent = rest.length
      ? `and ${rest.reduce((sum, { count }) => sum + count, 0)} of ${rest.length} more classes`
      : "";
    const { known, right } = rightOf(run, this.points, frame);
    const [first, second] = this.lines;
    // Of few images a share would look more exact than it is.
    const share = known < FEW ? `${right} of ${known}` : percent(right / known);
    first.line.say(share);
    second.line.say(short(second.line.values[frame]));
  }
}

/** A small line through time, with the value of now beside it. */
class Line {
  /** @param {HTMLElement} row */
  constructor(row) {
    this.row = row;
    this.value = find(row, ".value");
    this.canvas = find(row, "canvas", HTMLCanvasElement);
    this.pen = penOf(this.canvas);
    /** @type {(number | null)[]} */
    this.values = [];
    this.highest = 1;
    this.ratio = 1;
    this.painted = "";
  }

  /**
   * @param {(number | null)[]} values
   * @param {number} highest the upper end of the axis, which begins at 0
   */
  take(values, highest) {
    this.values = values;
    this.highest = highest || 1;
    this.painted = "";
  }

  /** @param {string} text */
  say(text) {
    this.value.textContent = text;
  }

  /** @param {number} ratio */
  resize(ratio) {
    this.ratio = ratio;
    fitCanvas(this.canvas, ratio);
    this.painted = "";
  }

  /**
   * @param {number} time
   * @param {App["axis"]} axis
   * @param {App["theme"]} theme
   * @param {number} color
   */
  draw(time, axis, theme, color) {
    const key = `${time} ${this.canvas.width}`;
    if (key === this.painted) return;
    this.painted = key;
    const { pen, canvas, ratio, values, highest } = this;
    const [width, height] = [canvas.width / ratio - 8, canvas.height / ratio - 8];
    const x = (/** @type {number} */ frame) => 4 + axis.positionOfTime(frame) * width;
    const y = (/** @type {number} */ value) => 4 + (1 - value / highest) * height;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = css(theme.line);
    pen.fillRect(4, y(0), width, 1);
    pen.strokeStyle = pen.fillStyle = css(color);
    pen.lineWidth = 1.6;
    pen.lineJoin = "round";
    pen.beginPath();
    values.forEach((value, frame) => isNumber(value) && pen.lineTo(x(frame), y(value)));
    pen.stroke();
    const before = Math.floor(time);
    const from = values[before];
    const to = values[Math.min(before + 1, values.length - 1)];
    if (!isNumber(from) || !isNumber(to)) return;
    pen.beginPath();
    pen.arc(x(time), y(from + (to - from) * (time - before)), 3.2, 0, 2 * Math.PI);
    pen.fill();
  }
}
