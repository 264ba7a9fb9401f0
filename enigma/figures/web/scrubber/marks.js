// What lies over the points: the classes, the selection, the lasso.

import { drawArrows, drawMeans, drawRadius, drawRings, drawScaleBar } from "./class_marks.js";
import { css } from "./colors.js";
import { HIDDEN } from "./points.js";

/** @import { ProjectionPlot } from "./projection.js" */

const MOST_TRAILS = 60;
const MOST_RADII = 3;
// With more of them the rings would hide the colours; then the others step back, and that is enough.
const MOST_RINGED = 30;

/**
 * Draws all marks; the pen works in device pixels.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawMarks(pen, stage) {
  const { view, ratio, shapes } = stage;
  const { show } = view;
  const followed = [...view.selected].filter((point) => shapes[point] !== HIDDEN);
  pen.lineJoin = "round";
  if (show.rings) drawRings(pen, stage);
  if (show.trails) drawTrails(pen, stage, followed.slice(0, MOST_TRAILS));
  if (show.arrows) drawArrows(pen, stage);
  if (show.means) drawMeans(pen, stage);
  if (show.names) stage.names.draw(pen, stage);
  if (show.rings && followed.length <= MOST_RADII) for (const point of followed) drawRadius(pen, stage, point);
  if (followed.length <= MOST_RINGED) ringAround(pen, stage, followed, 1.4 * ratio);
  if (view.hover >= 0) ringAround(pen, stage, [view.hover], 2 * ratio);
  drawScaleBar(pen, stage);
  if (stage.lasso) drawLasso(pen, stage.lasso, stage);
}

/**
 * The way some points took from frame 0 to now.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 * @param {number[]} points
 */
function drawTrails(pen, { run, view, transform, theme, screenX, screenY, ratio }, points) {
  if (!points.length) return;
  const { scale, offsetX, offsetY } = transform;
  const reached = Math.floor(view.time);
  pen.globalAlpha = points.length > 12 ? 0.5 : 0.9;
  pen.lineWidth = 1.3 * ratio;
  pen.strokeStyle = css(theme.muted);
  pen.beginPath();
  for (const point of points) {
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
