// The picture of test embeddings over training embeddings.

import { penOf } from "../shared/dom.js";
import { Camera } from "./camera.js";
import { Centroids, rings } from "./classes.js";
import { scaleTable } from "./colors.js";
import { Density } from "./density.js";
import { Gestures } from "./gestures.js";
import { drawMarks } from "./marks.js";
import { drawNeighbors } from "./neighbors.js";
import { Names } from "./names.js";
import { HIDDEN, paintProbes, paintReferences, place, pointRadius, shade, Shapes, shareOfSize } from "./points.js";
import { PixelLayer } from "./stamps.js";
import { walkOn } from "./walking.js";
import { fitTransform, WHOLE, zoomAround, zoomOf } from "./zoom.js";

/** @import { Host, NumericTheme, Ring, Transform, View } from "../types" */
/** @import { Run } from "./model.js" */

// Of the smaller side: what is framed fills nine tenths of it.
const PADDING = 0.05;

/** Paints points and marks onto one canvas and remembers where every point is. */
export class ProjectionPlot {
  /**
   * @param {Host} app
   * @param {HTMLCanvasElement} canvas
   */
  constructor(app, canvas) {
    this.app = app;
    this.canvas = canvas;
    // Pixels are written from here, so the canvas should not live on a graphics card.
    this.pen = penOf(canvas, { alpha: false, willReadFrequently: true });
    this.stamps = new Shapes();
    this.scale = scaleTable();
    /** What has been drawn around so far: x, y, x, y, ... @type {number[] | null} */
    this.lasso = null;
    /** @type {Run} */
    this.run;
    /** @type {PixelLayer} */
    this.layer;
    /** @type {PixelLayer} */
    this.base;
    /** @type {View} */
    this.view;
    /** @type {NumericTheme} */
    this.theme;
    /** @type {Transform} */
    this.transform;
    /** What would be shown if nothing had been chosen by hand. @type {Transform} */
    this.own;
    this.camera = new Camera(app);
    this.density = new Density();
    this.names = new Names();
    /** @type {Centroids} */
    this.centroids;
    /** In coordinates; none where distances in the picture are not true. @type {(Ring | null)[]} */
    this.rings = [];
    this.ratio = 1;
    this.radius = 1;
    this.screenX = new Float32Array();
    this.screenY = new Float32Array();
    this.colors = new Uint32Array();
    this.shapes = new Uint8Array();
    this.share = 1;
    this.baseKey = "";
    this.shadeKey = "";
    this.gestures = new Gestures(app, this, canvas);
    walkOn(app, this, canvas);
  }

  load() {
    const { run } = this.app;
    if (!run) return;
    if (run !== this.run) {
      this.camera.load(run);
      this.centroids = new Centroids(run);
      this.rings = ringsInCoordinates(run);
    }
    this.run = run;
    this.screenX = new Float32Array(run.count);
    this.screenY = new Float32Array(run.count);
    this.colors = new Uint32Array(run.count);
    this.shapes = new Uint8Array(run.count);
    this.forget();
  }

  /** Forces everything to be painted again, after a change of theme or size. */
  forget() {
    this.baseKey = "";
    this.shadeKey = "";
  }

  /** @param {number} ratio */
  resize(ratio) {
    const { clientWidth, clientHeight } = this.canvas;
    const width = Math.max(Math.round(clientWidth * ratio), 1);
    const height = Math.max(Math.round(clientHeight * ratio), 1);
    this.ratio = ratio;
    if (this.layer?.width === width && this.layer.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.layer = new PixelLayer(width, height);
    this.base = new PixelLayer(width, height);
    this.forget();
  }

  draw() {
    const { view, theme } = this.app;
    if (!this.layer || !this.run) return;
    this.view = view;
    this.theme = theme;
    const { width, height } = this.layer;
    const { own, shown } = this.camera.look(view, width, height, this.padding);
    this.own = own;
    this.transform = shown;
    const together = view.alone < 0 ? this.run.count : this.run.count / this.run.classes.length;
    this.share = shareOfSize(Math.min(width, height) / this.ratio);
    this.radius = this.share * pointRadius(together, shown.scale / own.scale);
    this.stamps.prepare(this.radius, this.ratio);
    this.paintBase();
    this.shadeWhenNeeded();
    place(this.run, view.time, this.transform, this.screenX, this.screenY);
    this.layer.copyFrom(this.base);
    paintProbes(this.layer, this.screenX, this.screenY, this.colors, this.shapes, this.stamps.probe, view.selected);
    this.pen.putImageData(this.layer.image, 0, 0);
    drawNeighbors(this.pen, this);
    drawMarks(this.pen, this);
  }

  get padding() {
    return PADDING * Math.min(this.layer.width, this.layer.height);
  }

  /** All that shows training images changes with the camera, but not with the time. */
  paintBase() {
    const { view, theme } = this.app;
    const { scale, offsetX, offsetY } = this.transform;
    const { training, density, rings: annuli } = view.show;
    const key = [scale, offsetX, offsetY, training, density, annuli, view.alone, ...view.hidden.label].join();
    if (key === this.baseKey) return;
    this.baseKey = key;
    this.base.fill(theme.surface);
    this.density.prepare(this.run, view, theme, this.rings);
    if (density || annuli) this.density.paint(this.base, this.transform);
    if (training) {
      paintReferences(this.base, this.run, view, this.transform, this.stamps.reference, theme.muted);
    }
  }

  shadeWhenNeeded() {
    const { view, theme } = this.app;
    const frame = Math.round(view.time);
    const groups = view.hidden[view.color] ?? [];
    const key = [
      frame,
      view.color,
      view.alone,
      ...view.hidden.label,
      "",
      ...groups,
      "",
      ...view.hidden.correctness,
    ].join();
    if (key === this.shadeKey) return;
    this.shadeKey = key;
    shade(this.run, view, frame, theme, this.scale, this.colors, this.shapes);
  }

  /**
   * The visible point nearest to a place in CSS pixels, or -1.
   * @param {number} x
   * @param {number} y
   */
  nearest(x, y, reach = 9) {
    let found = -1;
    let closest = (reach * this.ratio) ** 2;
    for (let point = 0; point < this.run.count; point++) {
      if (this.shapes[point] === HIDDEN) continue;
      const across = this.screenX[point] - x * this.ratio;
      const up = this.screenY[point] - y * this.ratio;
      const distance = across * across + up * up;
      if (distance < closest) {
        closest = distance;
        found = point;
      }
    }
    return found;
  }

  /** What is shown now, as if a person had chosen it by hand. */
  get shown() {
    return zoomOf(this.transform, this.run.extent, this.layer.width, this.layer.height, this.padding);
  }

  /** @param {number} factor */
  zoomBy(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const fromCentreX = (x - this.canvas.clientWidth / 2) * this.ratio;
    const fromCentreY = (y - this.canvas.clientHeight / 2) * this.ratio;
    const zoom = zoomAround(this.shown, factor, fromCentreX, fromCentreY, this.transform.scale);
    const whole = fitTransform(this.run.extent, WHOLE, this.layer.width, this.layer.height, this.padding);
    // Who zooms out to what the camera shows by itself gives it back to the camera.
    this.app.setZoom(zoom.scale <= (this.own.scale / whole.scale) * 1.001 ? WHOLE : zoom);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  panBy(x, y) {
    const { shown } = this;
    const perUnit = this.transform.scale / this.ratio;
    this.app.setZoom({ ...shown, x: shown.x - x / perUnit, y: shown.y + y / perUnit });
  }

  resetZoom() {
    this.app.setZoom(WHOLE);
  }
}

/**
 * The training images' own distances in the coordinates of the picture, where distances in it are true.
 * @param {Run} run
 */
function ringsInCoordinates(run) {
  const unit = run.pixelsPerDistance(1);
  if (!unit) return [];
  return rings(run).map(
    (ring) => ring && { inner: ring.inner * unit, median: ring.median * unit, outer: ring.outer * unit },
  );
}
