// What lies over the points: trails, class means, selection, lasso.

import { css } from "./colors.js";
import { UNKNOWN } from "../shared/tokens.js";
import { HIDDEN } from "./points.js";

/** @import { ProjectionPlot } from "./projection.js" */

const MOST_TRAILS = 60;
const MOST_ARROWS = 1000;

/**
 * Draws all marks; the pen works in device pixels.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawMarks(pen, stage) {
  const { run, view, ratio } = stage;
  pen.lineJoin = "round";
  if (view.show.density && view.show.training) drawDensity(pen, stage);
  if (view.show.arrows) drawArrows(pen, stage);
  if (view.show.trails) drawTrails(pen, stage, run.travellers, 0.55, 0.9 * ratio);
  const followed = [...view.selected].slice(0, MOST_TRAILS);
  drawTrails(pen, stage, followed, followed.length > 12 ? 0.5 : 0.9, 1.3 * ratio);
  if (view.show.means) drawMeans(pen, stage);
  if (view.selected.size) ringAround(pen, stage, view.selected, 1.4 * ratio);
  if (view.hover >= 0) ringAround(pen, stage, [view.hover], 2 * ratio);
  if (stage.lasso) drawLasso(pen, stage.lasso, stage);
}

/**
 * The way some points took from frame 0 to now.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} options
 * @param {number[]} points
 * @param {number} opacity
 * @param {number} width
 */
function drawTrails(pen, { run, view, transform, theme, shapes, screenX, screenY }, points, opacity, width) {
  if (!points.length) return;
  const { scale, offsetX, offsetY } = transform;
  const reached = Math.floor(view.time);
  pen.globalAlpha = opacity;
  pen.lineWidth = width;
  pen.strokeStyle = css(theme.muted);
  pen.beginPath();
  for (const point of points) {
    if (shapes[point] === HIDDEN) continue;
    pen.moveTo(run.x[point] * scale + offsetX, offsetY - run.y[point] * scale);
    for (let frame = 1; frame <= reached; frame++) {
      const index = frame * run.count + point;
      pen.lineTo(run.x[index] * scale + offsetX, offsetY - run.y[index] * scale);
    }
    pen.lineTo(screenX[point], screenY[point]);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * A line around most training points of each class, in its colour.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} options
 */
function drawDensity(pen, { run, view, transform, theme, density, ratio }) {
  const { scale, offsetX, offsetY } = transform;
  pen.lineWidth = 1.3 * ratio;
  pen.globalAlpha = 0.85;
  density.forEach((segments, index) => {
    if (view.hidden.label.has(index)) return;
    pen.strokeStyle = css(density.length > 1 ? run.colors[index] : theme.muted);
    pen.beginPath();
    for (let place = 0; place < segments.length; place += 4) {
      pen.moveTo(segments[place] * scale + offsetX, offsetY - segments[place + 1] * scale);
      pen.lineTo(segments[place + 2] * scale + offsetX, offsetY - segments[place + 3] * scale);
    }
    pen.stroke();
  });
  pen.globalAlpha = 1;
}

/**
 * Straight arrows from frame 0 to now: of the selected points, or else of as many as can be told apart.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} options
 */
function drawArrows(pen, { run, view, transform, shapes, screenX, screenY, colors, ratio }) {
  const { scale, offsetX, offsetY } = transform;
  const every = Math.ceil(run.count / MOST_ARROWS);
  const points = view.selected.size
    ? [...view.selected]
    : Array.from({ length: Math.floor(run.count / every) }, (_, index) => index * every);
  const paths = new Map();
  for (const point of points) {
    if (shapes[point] === HIDDEN) continue;
    if (!paths.has(colors[point])) paths.set(colors[point], new Path2D());
    const startX = run.x[point] * scale + offsetX;
    const startY = offsetY - run.y[point] * scale;
    arrow(paths.get(colors[point]), startX, startY, screenX[point], screenY[point], 5 * ratio);
  }
  pen.globalAlpha = view.selected.size ? 0.95 : 0.5;
  pen.lineWidth = 1.1 * ratio;
  for (const [color, path] of paths) {
    pen.strokeStyle = css(color);
    pen.stroke(path);
  }
  pen.globalAlpha = 1;
}

/**
 * @param {Path2D} path
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} toX
 * @param {number} toY
 * @param {number} head
 */
function arrow(path, fromX, fromY, toX, toY, head) {
  const length = Math.hypot(toX - fromX, toY - fromY);
  if (length < head) return;
  const [alongX, alongY] = [((toX - fromX) / length) * head, ((toY - fromY) / length) * head];
  path.moveTo(fromX, fromY);
  path.lineTo(toX, toY);
  path.lineTo(toX - alongX + alongY * 0.5, toY - alongY - alongX * 0.5);
  path.moveTo(toX, toY);
  path.lineTo(toX - alongX - alongY * 0.5, toY - alongY + alongX * 0.5);
}

/**
 * A star for each class mean of the training embeddings.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} options
 */
function drawMeans(pen, { run, view, transform, theme, ratio }) {
  const { scale, offsetX, offsetY } = transform;
  const radius = (run.classes.length <= 20 ? 9 : 6) * ratio;
  for (let index = 0; index < run.meanX.length; index++) {
    if (view.hidden.label.has(index) || run.meanX[index] === UNKNOWN) continue;
    star(pen, run.meanX[index] * scale + offsetX, offsetY - run.meanY[index] * scale, radius);
    // A halo keeps a star apart from points of its own colour.
    pen.lineWidth = 5 * ratio;
    pen.strokeStyle = css(theme.surface);
    pen.stroke();
    pen.lineWidth = 1.4 * ratio;
    pen.strokeStyle = css(theme.ink);
    pen.fillStyle = css(run.colors[index]);
    pen.fill();
    pen.stroke();
  }
}

/**
 * A path in the shape of a star with five points.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function star(pen, x, y, radius) {
  pen.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const reach = corner % 2 ? radius * 0.42 : radius;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    pen.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  pen.closePath();
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} options
 * @param {Iterable<number>} points
 * @param {number} width
 */
function ringAround(pen, { shapes, screenX, screenY, theme, radius, ratio }, points, width) {
  pen.strokeStyle = css(theme.ink);
  pen.lineWidth = width;
  pen.beginPath();
  const reach = (radius + 1.6) * ratio;
  for (const point of points) {
    if (shapes[point] === HIDDEN) continue;
    pen.moveTo(screenX[point] + reach, screenY[point]);
    pen.arc(screenX[point], screenY[point], reach, 0, 2 * Math.PI);
  }
  pen.stroke();
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} lasso
 * @param {ProjectionPlot} options
 */
function drawLasso(pen, lasso, { theme, ratio }) {
  pen.beginPath();
  for (let index = 0; index < lasso.length; index += 2) pen.lineTo(lasso[index] * ratio, lasso[index + 1] * ratio);
  pen.closePath();
  pen.globalAlpha = 0.12;
  pen.fillStyle = css(theme.accent);
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5 * ratio;
  pen.strokeStyle = css(theme.accent);
  pen.setLineDash([5 * ratio, 4 * ratio]);
  pen.stroke();
  pen.setLineDash([]);
}
