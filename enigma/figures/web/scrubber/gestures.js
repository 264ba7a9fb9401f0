// Mouse, touch and pen on the projection: hover, click, pan, zoom, pinch, lasso.

import { capture } from "../shared/drag.js";
import { HIDDEN } from "./points.js";

/** @import { Host, Pointer } from "../types" */
/** @import { ProjectionPlot } from "./projection.js" */

const CLICK_SLACK = 4;

/**
 * Whether a place lies inside a polygon given as x, y, x, y, ... (even-odd rule).
 * @param {number} x
 * @param {number} y
 * @param {number[]} polygon
 */
export function insidePolygon(x, y, polygon) {
  let inside = false;
  for (let index = 0, previous = polygon.length - 2; index < polygon.length; previous = index, index += 2) {
    const startY = polygon[index + 1];
    const endY = polygon[previous + 1];
    if (startY > y === endY > y) continue;
    const crossing = polygon[index] + ((y - startY) / (endY - startY)) * (polygon[previous] - polygon[index]);
    if (x < crossing) inside = !inside;
  }
  return inside;
}

/** Listens on one canvas and tells the plot and the app what was meant. */
export class Gestures {
  /**
   * @param {Host} app
   * @param {ProjectionPlot} plot
   * @param {HTMLCanvasElement} canvas
   */
  constructor(app, plot, canvas) {
    this.app = app;
    this.plot = plot;
    this.canvas = canvas;
    this.pointers = new Map();
    this.moved = 0;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event, true));
    canvas.addEventListener("pointercancel", (event) => this.up(event, false));
    canvas.addEventListener("pointerleave", () => this.app.hover(-1));
    canvas.addEventListener("dblclick", () => this.plot.resetZoom());
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (!this.app.run || event.button > 0) return;
    capture(this.canvas, event.pointerId);
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.moved = this.pointers.size > 1 ? Infinity : 0;
    if ((event.shiftKey || this.app.view.lassoing) && this.pointers.size === 1) {
      this.plot.lasso = [event.offsetX, event.offsetY];
      this.app.hover(-1);
    }
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.app.run) return;
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) {
      this.app.hover(this.plot.nearest(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      return;
    }
    const across = event.offsetX - pointer.x;
    const up = event.offsetY - pointer.y;
    this.moved += Math.abs(across) + Math.abs(up);
    if (this.plot.lasso) {
      this.plot.lasso.push(event.offsetX, event.offsetY);
      this.app.invalidate();
    } else if (this.pointers.size === 2) {
      this.pinch(event, pointer, across, up);
    } else if (this.moved > CLICK_SLACK) {
      this.plot.panBy(across, up);
      this.app.hover(-1);
      this.canvas.classList.add("panning");
    }
    pointer.x = event.offsetX;
    pointer.y = event.offsetY;
  }

  /**
   * @param {PointerEvent} event
   * @param {Pointer} pointer
   * @param {number} across
   * @param {number} up
   */
  pinch(event, pointer, across, up) {
    const other = [...this.pointers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return;
    const before = Math.hypot(pointer.x - other.x, pointer.y - other.y);
    const after = Math.hypot(event.offsetX - other.x, event.offsetY - other.y);
    this.plot.panBy(across / 2, up / 2);
    if (before > 0) this.plot.zoomBy(after / before, (event.offsetX + other.x) / 2, (event.offsetY + other.y) / 2);
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} finished
   */
  up(event, finished) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.canvas.classList.remove("panning");
    if (this.plot.lasso) this.finishLasso(finished);
    else if (finished && this.moved <= CLICK_SLACK) this.click(event);
  }

  /** @param {PointerEvent} event */
  click(event) {
    // A finger is less exact than a mouse.
    const point = this.plot.nearest(event.offsetX, event.offsetY, event.pointerType === "touch" ? 18 : 9);
    if (point < 0) return;
    this.app.toggleSelected(point);
    if (event.pointerType === "touch") this.app.hover(point, event.offsetX, event.offsetY);
  }

  /** @param {boolean} finished */
  finishLasso(finished) {
    const { lasso, run, shapes, screenX, screenY, ratio } = this.plot;
    this.plot.lasso = null;
    this.app.setLassoing(false);
    this.app.invalidate();
    if (!finished || !lasso || lasso.length < 6) return;
    const inside = [];
    for (let point = 0; point < run.count; point++) {
      if (shapes[point] === HIDDEN) continue;
      if (insidePolygon(screenX[point] / ratio, screenY[point] / ratio, lasso)) inside.push(point);
    }
    this.app.select(inside);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (!this.app.run) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.plot.zoomBy(Math.exp(-event.deltaY * lines * 0.0016), event.offsetX, event.offsetY);
    this.app.hover(-1);
  }
}
