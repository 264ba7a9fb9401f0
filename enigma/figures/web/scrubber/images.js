// The images behind the points: one beside the pointer, the selected ones in a strip.

import { describeDoubt, doubtOf } from "./doubt.js";
import { find, penOf } from "../shared/dom.js";
import { signed } from "../shared/numbers.js";
import { UNKNOWN } from "../shared/tokens.js";

/** @import { Header, TooltipHost } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */

const MOST_SHOWN = 24;

/** Cuts single images from the sprite. */
export class Sprite {
  /** @param {Header["thumbnails"]} parts */
  constructor({ columns, size }) {
    this.columns = columns;
    this.size = size;
    /** @type {ImageBitmap | null} */
    this.picture = null;
  }

  /** @param {Uint8Array} bytes */
  async load(bytes) {
    if (!bytes.length) return;
    try {
      this.picture = await createImageBitmap(
        new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type: "image/webp" }),
      );
    } catch {
      // Without pictures everything else still works.
      this.picture = null;
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} index
   */
  draw(canvas, index) {
    canvas.hidden = !this.picture;
    if (!this.picture) return;
    const { size, columns } = this;
    canvas.width = size;
    canvas.height = size;
    const left = (index % columns) * size;
    const top = Math.floor(index / columns) * size;
    penOf(canvas).drawImage(this.picture, left, top, size, size, 0, 0, size, size);
  }
}

/** What is known about the point under the pointer. */
export class Tooltip {
  /**
   * @param {TooltipHost} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.box = find(root, ".tooltip");
    this.picture = find(this.box, "canvas", HTMLCanvasElement);
    this.lines = [...this.box.querySelectorAll("[data-line]")];
    this.point = -1;
  }

  /**
   * @param {number} point -1 for none
   * @param {number} [x]
   * @param {number} [y]
   */
  place(point, x = 0, y = 0) {
    if (point !== this.point && point >= 0) this.app.sprite?.draw(this.picture, point);
    this.point = point;
    this.box.hidden = point < 0;
    if (point < 0) return;
    this.write();
    const { offsetWidth, offsetHeight } = this.box;
    const offsetParent = this.box.offsetParent ?? document.body;
    const right = x + 18 + offsetWidth < offsetParent.clientWidth;
    const left = right ? x + 18 : Math.max(x - 18 - offsetWidth, 4);
    const top = Math.min(Math.max(y - offsetHeight / 2, 4), offsetParent.clientHeight - offsetHeight - 4);
    this.box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  draw() {
    if (this.point >= 0) this.write();
  }

  write() {
    const { run, view } = this.app;
    if (!run) return;
    const lines = describePoint(run, this.point, Math.round(view.time), view.color);
    this.lines.forEach((element, index) => (element.textContent = lines[index]));
  }
}

/**
 * True class, prediction, confidence and entropy of a point in words, and how they changed since frame 0.
 * @param {Run} run
 * @param {number} point
 * @param {number} frame
 * @param {string} [color] what the points are coloured by
 */
export function describePoint(run, point, frame, color = "") {
  const now = run.prediction(point, frame);
  const first = run.prediction(point, 0);
  const label = run.labels[point];
  const confidence = run.confidence(point, frame);
  const entropy = run.entropy(point, frame);
  const distance = run.distance(point, frame);
  const since = frame > 0;
  const predicted = run.hasPredictions
    ? [
        `predicted ${run.className(now)}${since && now !== first ? `, at frame 0 ${run.className(first)}` : ""}`,
        `confidence ${(confidence * 100).toFixed(0)} %` +
          (since ? ` (${signed((confidence - run.confidence(point, 0)) * 100, 0)})` : ""),
        `entropy ${entropy.toFixed(2)} nats` + (since ? ` (${signed(entropy - run.entropy(point, 0))})` : ""),
      ]
    : ["prediction unknown", "confidence unknown", "entropy unknown"];
  return [
    label === UNKNOWN ? "class unknown" : run.className(label),
    ...predicted,
    Number.isNaN(distance)
      ? "distance to class mean unknown"
      : `distance to ${label === UNKNOWN ? "the nearest" : "its"} class mean ${distance.toFixed(2)}` +
        (since ? ` (${signed(distance - run.distance(point, 0))})` : "") +
        (color === "doubt" ? describeDoubt(doubtOf(run, point, frame)) : ""),
  ];
}

/** The selected images below the timeline. */
export class Strip {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.heading = find(root, ".selection .count");
    this.flipped = find(root, ".selection .flipped");
    this.empty = find(root, ".selection .empty");
    this.clear = find(root, ".selection .clear");
    this.list = find(root, ".selection ul");
    this.more = find(root, ".selection .more");
    this.clear.addEventListener("click", () => app.select([]));
    /** @type {ReturnType<Strip["item"]>[]} */
    this.items = [];
    this.frame = -1;
  }

  load() {
    this.build();
  }

  build() {
    const { selected } = this.app.view;
    const some = selected.size > 0;
    this.heading.textContent = some ? `${selected.size} selected` : "";
    this.empty.hidden = some;
    this.clear.hidden = !some;
    this.more.textContent = selected.size > MOST_SHOWN ? `the first ${MOST_SHOWN} are shown` : "";
    this.items = [...selected].slice(0, MOST_SHOWN).map((point) => this.item(point));
    this.list.replaceChildren(...this.items.map((item) => item.element));
    this.frame = -1;
  }

  /** @param {number} point */
  item(point) {
    const { run, sprite } = this.app;
    const element = document.createElement("li");
    const button = document.createElement("button");
    const picture = document.createElement("canvas");
    const label = document.createElement("span");
    const now = document.createElement("span");
    now.className = "prediction";
    label.textContent = run.className(run.labels[point]);
    sprite.draw(picture, point);
    button.append(picture, label, now);
    button.title = "click to remove from the selection";
    button.addEventListener("click", () => this.app.toggleSelected(point));
    button.addEventListener("pointerenter", () => this.app.mark(point));
    button.addEventListener("pointerleave", () => this.app.mark(-1));
    element.append(button);
    return { point, element, button, now };
  }

  draw() {
    const { run, view } = this.app;
    const frame = Math.round(view.time);
    if (frame === this.frame) return;
    this.frame = frame;
    for (const { point, button, now } of this.items) {
      const prediction = run.prediction(point, frame);
      const wrong = prediction !== run.labels[point];
      const text = wrong ? `→ ${run.className(prediction)}` : "";
      if (now.textContent !== text) now.textContent = text;
      button.dataset.wrong = String(wrong);
    }
    this.flipped.textContent = flipText(run, view.selected, frame);
  }
}

/**
 * @param {Run} run
 * @param {Set<number>} selected
 * @param {number} frame
 */
function flipText(run, selected, frame) {
  if (!selected.size) return `${run.flips[frame]} of ${run.count} flipped since frame 0`;
  let flips = 0;
  for (const point of selected) if (run.prediction(point, frame) !== run.prediction(point, 0)) flips++;
  return `flipped since frame 0: ${flips}`;
}
