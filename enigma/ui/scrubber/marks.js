// What lies over the points: trails, class means, selection, lasso.

import { css } from "./colors.js";
import { HIDDEN } from "./points.js";

const MOST_TRAILS = 60;

/** Draws all marks; the pen works in device pixels. */
export function drawMarks(pen, stage) {
  const { run, view, ratio } = stage;
  pen.lineJoin = "round";
  if (view.show.trails) drawTrails(pen, stage, run.travellers, 0.55, 0.9 * ratio);
  const followed = [...view.selected].slice(0, MOST_TRAILS);
  drawTrails(pen, stage, followed, followed.length > 12 ? 0.5 : 0.9, 1.3 * ratio);
  if (view.show.means) drawMeans(pen, stage);
  if (view.selected.size) ringAround(pen, stage, view.selected, 1.4 * ratio);
  if (view.hover >= 0) ringAround(pen, stage, [view.hover], 2 * ratio);
  if (stage.lasso) drawLasso(pen, stage);
}

/** The way some points took from frame 0 to now. */
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

/** A star for each class mean of the training embeddings. */
function drawMeans(pen, { run, view, transform, theme, ratio }) {
  const { scale, offsetX, offsetY } = transform;
  const radius = (run.classes.length <= 20 ? 9 : 6) * ratio;
  for (let index = 0; index < run.meanX.length; index++) {
    if (view.hidden.label.has(index)) continue;
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

/** A path in the shape of a star with five points. */
export function star(pen, x, y, radius) {
  pen.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const reach = corner % 2 ? radius * 0.42 : radius;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    pen.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  pen.closePath();
}

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

function drawLasso(pen, { lasso, theme, ratio }) {
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
