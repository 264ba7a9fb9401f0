// The picture of test embeddings over training embeddings.

import { penOf } from "../shared/dom.js";
import { scaleTable } from "./colors.js";
import { Gestures } from "./gestures.js";
import { densityContours } from "./contours.js";
import { drawMarks } from "./marks.js";
import { HIDDEN, paintProbes, paintReferences, place, pointRadius, shade, Shapes } from "./points.js";
import { PixelLayer } from "./stamps.js";

/** @import { Extent, Host, NumericTheme, Transform, View, Zoom } from "../types" */
/** @import { Run } from "./model.js" */

const PADDING = 26;
const LARGEST_ZOOM = 24;

/** The whole picture. */
export const WHOLE = { scale: 1, x: 0, y: 0 };

/**
 * A zoom as it stands in an address; nothing for the whole picture.
 * @param {Zoom} parts
 */
export const writeZoom = ({ scale, x, y }) =>
  scale === 1 ? "" : [scale.toFixed(2), Math.round(x), Math.round(y)].join();

/**
 * The zoom that an address names; the whole picture where it makes no sense.
 * @param {string} text
 */
export function readZoom(text) {
  const [scale, x, y] = text.split(",").map(Number);
  if (![scale, x, y].every(Number.isFinite) || scale <= 1 || scale > LARGEST_ZOOM) return WHOLE;
  return { scale, x, y };
}

/**
 * How coordinates become device pixels: one scale for both axes, the upward axis turned over.
 * @param {Extent} extent
 * @param {Zoom} zoom
 * @param {number} width
 * @param {number} height
 * @param {number} padding
 */
export function fitTransform(extent, zoom, width, height, padding) {
  const across = Math.max(extent.right - extent.left, 1);
  const up = Math.max(extent.top - extent.bottom, 1);
  const fit = Math.min((width - 2 * padding) / across, (height - 2 * padding) / up);
  const scale = Math.max(fit, 1e-6) * zoom.scale;
  return {
    scale,
    offsetX: width / 2 - ((extent.left + extent.right) / 2 + zoom.x) * scale,
    offsetY: height / 2 + ((extent.bottom + extent.top) / 2 + zoom.y) * scale,
  };
}

/**
 * Zooms so that the coordinate under a place on screen stays there; places are relative to the centre.
 * @param {Zoom} zoom
 * @param {number} factor
 * @param {number} fromCentreX
 * @param {number} fromCentreY
 * @param {number} pixelsPerUnit
 */
export function zoomAround(zoom, factor, fromCentreX, fromCentreY, pixelsPerUnit) {
  const scale = Math.min(Math.max(zoom.scale * factor, 1), LARGEST_ZOOM);
  const gain = 1 / pixelsPerUnit - zoom.scale / scale / pixelsPerUnit;
  if (scale === 1) return { scale, x: 0, y: 0 };
  return { scale, x: zoom.x + fromCentreX * gain, y: zoom.y - fromCentreY * gain };
}

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
    /** @type {number[][] | null} */
    this.contours = null;
    this.ratio = 1;
    this.radius = 1;
    this.screenX = new Float32Array();
    this.screenY = new Float32Array();
    this.colors = new Uint32Array();
    this.shapes = new Uint8Array();
    this.baseKey = "";
    this.shadeKey = "";
    this.gestures = new Gestures(app, this, canvas);
  }

  load() {
    const { run } = this.app;
    if (!run) return;
    this.run = run;
    this.contours = null;
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
    this.transform = fitTransform(
      this.run.extent,
      view.zoom,
      this.layer.width,
      this.layer.height,
      PADDING * this.ratio,
    );
    this.radius = pointRadius(this.run.count, view.zoom.scale);
    this.stamps.prepare(this.radius, this.ratio);
    this.paintBase();
    this.shadeWhenNeeded();
    place(this.run, view.time, this.transform, this.screenX, this.screenY);
    this.layer.copyFrom(this.base);
    paintProbes(this.layer, this.screenX, this.screenY, this.colors, this.shapes, this.stamps.probe, view.selected);
    this.pen.putImageData(this.layer.image, 0, 0);
    drawMarks(this.pen, this);
  }

  /** The training points change only with zoom, size, theme and hidden classes. */
  paintBase() {
    const { view, theme } = this.app;
    const { scale, x, y } = view.zoom;
    const key = [scale, x, y, view.show.training, ...view.hidden.label].join();
    if (key === this.baseKey) return;
    this.baseKey = key;
    this.base.fill(theme.surface);
    if (view.show.training) {
      paintReferences(this.base, this.run, view, this.transform, this.stamps.reference, theme.training);
    }
  }

  shadeWhenNeeded() {
    const { view, theme } = this.app;
    const frame = Math.round(view.time);
    const groups = view.hidden[view.color] ?? [];
    const key = [frame, view.color, ...view.hidden.label, "", ...groups, "", ...view.hidden.correctness].join();
    if (key === this.shadeKey) return;
    this.shadeKey = key;
    shade(this.run, view, frame, theme, this.scale, this.colors, this.shapes);
  }

  /** Where most training points of each class lie, worked out when first asked for. */
  get density() {
    return (this.contours ??= densityContours(this.run));
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

  /** @param {number} factor */
  zoomBy(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const { view } = this.app;
    const fromCentreX = (x - this.canvas.clientWidth / 2) * this.ratio;
    const fromCentreY = (y - this.canvas.clientHeight / 2) * this.ratio;
    this.app.setZoom(zoomAround(view.zoom, factor, fromCentreX, fromCentreY, this.transform.scale));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  panBy(x, y) {
    const { view } = this.app;
    const perUnit = this.transform.scale / this.ratio;
    this.app.setZoom({ ...view.zoom, x: view.zoom.x - x / perUnit, y: view.zoom.y + y / perUnit });
  }

  resetZoom() {
    this.app.setZoom(WHOLE);
  }
}
