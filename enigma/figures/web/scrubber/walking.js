// The picture without a mouse: arrow keys go from image to image, Enter selects one.

import { HIDDEN } from "./points.js";

/** @import { Host } from "../types" */
/** @import { ProjectionPlot } from "./projection.js" */

export const BY_KEYS = "Arrow keys go from image to image, Enter selects one.";

/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// In CSS pixels; with shift a person gets across a cluster.
const LONG_STRIDE = 40;

// More than any screen is wide.
const LAST_RESORT = 1e6;

/**
 * The next visible point in a direction, or -1: the nearest of those that lie at most 45 degrees beside it, or else of all that
 * lie on that side.
 * @param {Pick<ProjectionPlot, "screenX" | "screenY" | "shapes">} plot
 * @param {number} from
 * @param {[number, number]} way
 * @param {number} stride how far it has to be at least, in the plot's pixels
 */
export function nextPoint({ screenX, screenY, shapes }, from, [right, down], stride) {
  let found = -1;
  let closest = Infinity;
  for (let point = 0; point < screenX.length; point++) {
    if (shapes[point] === HIDDEN || point === from) continue;
    const across = screenX[point] - screenX[from];
    const below = screenY[point] - screenY[from];
    const along = across * right + below * down;
    const beside = Math.abs(across * down) + Math.abs(below * right);
    if (along <= 0 || along < stride) continue;
    const distance = Math.hypot(along, beside) + (beside > along ? LAST_RESORT : 0);
    if (distance < closest) [found, closest] = [point, distance];
  }
  return found;
}

/**
 * Listens to the keys of a picture that has the focus, and tells the app which image is meant.
 * @param {Host} app
 * @param {ProjectionPlot} plot
 * @param {HTMLCanvasElement} canvas
 */
export function walkOn(app, plot, canvas) {
  let at = -1;
  const look = () => app.hover(at, plot.screenX[at] / plot.ratio, plot.screenY[at] / plot.ratio);
  canvas.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (!app.run || event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) {
      const isThere = at >= 0 && at < app.run.count && plot.shapes[at] !== HIDDEN;
      const next = isThere
        ? nextPoint(plot, at, way, event.shiftKey ? LONG_STRIDE * plot.ratio : 0)
        : plot.nearest(canvas.clientWidth / 2, canvas.clientHeight / 2, Infinity);
      if (next >= 0) at = next;
    } else if (event.key === "Enter" && at >= 0) app.toggleSelected(at);
    else return;
    // Elsewhere on the page the arrows go from frame to frame.
    event.preventDefault();
    if (at >= 0) look();
  });
  canvas.addEventListener("blur", () => app.hover((at = -1)));
}
