// The training images nearest to a selected one in embedding space: lines to them, and their pictures on a card.

import { css } from "./colors.js";
import { Sprite } from "./images.js";
import { HIDDEN } from "./points.js";
import { listed } from "./summary.js";
import { element, find } from "../shared/dom.js";
import { short } from "../shared/numbers.js";
import { UNKNOWN } from "../shared/tokens.js";

/** @import { Payload } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */
/** @import { ProjectionPlot } from "./projection.js" */

const NO_PICTURES = "This run was recorded without pictures of its training images.";

/**
 * The nearest training images of a point at a frame, nearest first; none where nobody has looked for them.
 * @param {Pick<Run, "neighbors">} run
 * @param {number} point
 * @param {number} frame
 */
export function neighborsOf({ neighbors }, point, frame) {
  const place = neighbors ? neighbors.points.indexOf(point) : -1;
  if (!neighbors || place < 0) return [];
  const start = (frame * neighbors.points.length + place) * neighbors.count;
  return neighbors.references.slice(start, start + neighbors.count);
}

/**
 * Lines from the selected points to their nearest training images, in the colours of those.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawNeighbors(pen, { run, view, transform, theme, shapes, screenX, screenY, ratio }) {
  const { scale, offsetX, offsetY } = transform;
  const frame = Math.round(view.time);
  for (const point of run.neighbors?.points ?? []) {
    if (!view.selected.has(point) || shapes[point] === HIDDEN) continue;
    for (const reference of neighborsOf(run, point, frame)) {
      const x = run.referenceX[reference] * scale + offsetX;
      const y = offsetY - run.referenceY[reference] * scale;
      const path = new Path2D();
      path.moveTo(screenX[point], screenY[point]);
      path.lineTo(x, y);
      // A halo keeps a line apart from points of its colour.
      pen.strokeStyle = css(theme.surface);
      pen.lineWidth = 3.4 * ratio;
      pen.stroke(path);
      path.moveTo(x + 4 * ratio, y);
      path.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
      pen.strokeStyle = css(run.colors[run.referenceLabels[reference]] ?? theme.muted);
      pen.lineWidth = 1.5 * ratio;
      pen.stroke(path);
    }
  }
}

/** Shown while one image is selected, until it is closed. */
export class Nearby {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.box = find(root, ".card.nearby");
    this.heading = find(this.box, "h3");
    this.picture = find(this.box, "canvas", HTMLCanvasElement);
    this.said = find(this.box, ".said");
    this.title = find(this.box, ".title");
    this.list = find(this.box, "ul");
    this.without = find(this.box, ".without");
    /** @type {Sprite | null} */
    this.sprite = null;
    this.point = -1;
    this.frame = -1;
    /** The point for which a person has closed it. */
    this.closed = -1;
    this.isUnplaced = false;
    find(this.box, ".close").addEventListener("click", () => this.close());
  }

  load() {
    this.build();
  }

  /**
   * Takes what Python has found for the selection.
   * @param {Payload} payload
   */
  async take({ header, neighborPictures }) {
    const { run } = this.app;
    const { neighbors } = header;
    run.neighbors = neighbors;
    this.build();
    this.app.invalidate();
    const sprite = neighbors?.pictured.length ? new Sprite(neighbors) : null;
    await sprite?.load(neighborPictures);
    // Meanwhile others may have been found.
    if (run.neighbors !== neighbors) return;
    this.sprite = sprite;
    this.frame = -1;
    this.app.invalidate();
  }

  build() {
    const { run, view, sprite } = this.app;
    const [point = -1] = view.selected.size === 1 ? view.selected : [];
    if (point !== this.point) this.closed = -1;
    this.point = point;
    this.box.hidden = point < 0 || point === this.closed;
    this.frame = -1;
    if (this.box.hidden) return;
    this.isUnplaced = true;
    const label = run.labels[point];
    this.heading.textContent = label === UNKNOWN ? "Class unknown" : run.className(label);
    sprite.draw(this.picture, point);
  }

  close() {
    this.closed = this.point;
    this.box.hidden = true;
    // The focus was on the button that is gone.
    this.app.root.focus();
  }

  draw() {
    if (this.box.hidden) return;
    const { app, point } = this;
    if (this.isUnplaced) {
      const right = app.plot.screenX[point] > app.plot.layer.width / 2;
      this.box.classList.toggle("left", right);
      this.isUnplaced = false;
    }
    const frame = Math.round(app.view.time);
    if (frame === this.frame) return;
    this.frame = frame;
    const { run } = app;
    const distance = run.distance(point, frame);
    this.said.textContent =
      `predicted ${run.className(run.prediction(point, frame))}` +
      (Number.isNaN(distance)
        ? ""
        : ` · ${short(distance)} from ${run.labels[point] === UNKNOWN ? "the nearest" : "its"} class mean`);
    this.writeNeighbors(neighborsOf(run, point, frame));
  }

  /** @param {number[]} found */
  writeNeighbors(found) {
    const { run } = this.app;
    const pictured = run.neighbors?.pictured ?? [];
    this.list.replaceChildren();
    this.title.textContent = found.length ? `nearest training images: ${classesAmong(run, found)}` : "";
    for (const reference of found) {
      const place = pictured.indexOf(reference);
      if (place < 0) continue;
      const item = element(this.list, "li");
      const label = run.referenceLabels[reference];
      item.title = run.className(label);
      item.style.setProperty("--mark", css(run.colors[label] ?? this.app.theme.muted));
      this.sprite?.draw(element(item, "canvas"), place);
    }
    this.without.textContent = found.length && !pictured.length ? NO_PICTURES : "";
  }
}

/**
 * How many of some training images are in which class, the commonest first.
 * @param {Pick<Run, "referenceLabels" | "className">} run
 * @param {number[]} references
 */
export function classesAmong(run, references) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const reference of references) {
    const name = run.className(run.referenceLabels[reference]);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const found = [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  return listed(found, found.length);
}
