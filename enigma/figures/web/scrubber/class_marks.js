// What is drawn once a class: the rings of its training images, its mean, and the arrow to its test images; and the
// scale that makes all of it readable with a ruler.

import { UNKNOWN } from "../shared/tokens.js";
import { short } from "../shared/numbers.js";
import { scaleBar } from "./classes.js";
import { css } from "./colors.js";
import { isClassShown } from "./density.js";

/** @import { ProjectionPlot } from "./projection.js" */

/**
 * The mean of a class in device pixels, or nothing where it is hidden or nobody knows it.
 * @param {ProjectionPlot} stage
 * @param {number} index
 */
function meanOf({ run, view, transform: { scale, offsetX, offsetY } }, index) {
  if (run.meanX[index] === UNKNOWN || !isClassShown(view, index)) return null;
  return { x: run.meanX[index] * scale + offsetX, y: offsetY - run.meanY[index] * scale };
}

/**
 * A thin circle at the median of the training images' own distances; their shaded ring lies under everything.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawRings(pen, stage) {
  const { run, transform, ratio } = stage;
  pen.lineWidth = ratio;
  pen.globalAlpha = 0.6;
  stage.rings.forEach((ring, index) => {
    const mean = meanOf(stage, index);
    if (!mean || !ring) return;
    pen.strokeStyle = css(run.colors[index]);
    pen.beginPath();
    pen.arc(mean.x, mean.y, ring.median * transform.scale, 0, 2 * Math.PI);
    pen.stroke();
  });
  pen.globalAlpha = 1;
}

/**
 * A thin cross for each class mean of the training embeddings.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawMeans(pen, stage) {
  const { run, theme } = stage;
  const ratio = stage.ratio * stage.share;
  const reach = (run.classes.length <= 20 ? 6 : 4) * ratio;
  const path = new Path2D();
  for (let index = 0; index < run.classes.length; index++) {
    const mean = meanOf(stage, index);
    if (!mean) continue;
    path.moveTo(mean.x - reach, mean.y);
    path.lineTo(mean.x + reach, mean.y);
    path.moveTo(mean.x, mean.y - reach);
    path.lineTo(mean.x, mean.y + reach);
  }
  pen.lineCap = "round";
  outlined(pen, path, css(theme.ink), css(theme.surface), 1.4 * ratio, 1.3 * ratio);
}

/**
 * One arrow a class, from the mean of its training images to the centroid of its test images at the moment.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawArrows(pen, stage) {
  const { run, view, theme, transform } = stage;
  const ratio = stage.ratio * stage.share;
  const { scale, offsetX, offsetY } = transform;
  const few = run.classes.length <= 20;
  pen.lineCap = "round";
  for (let index = 0; index < run.classes.length; index++) {
    const mean = meanOf(stage, index);
    const centroid = mean && stage.centroids.at(index, view.time);
    if (!mean || !centroid) continue;
    const endX = centroid.x * scale + offsetX;
    const endY = offsetY - centroid.y * scale;
    const path = arrow(mean.x, mean.y, endX, endY, (few ? 8 : 5) * ratio);
    outlined(pen, path, css(run.colors[index]), css(theme.surface), (few ? 2.6 : 1.6) * ratio, 1.6 * ratio);
  }
}

/**
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} toX
 * @param {number} toY
 * @param {number} head
 */
function arrow(fromX, fromY, toX, toY, head) {
  const path = new Path2D();
  const length = Math.hypot(toX - fromX, toY - fromY);
  if (length < 1) return path;
  const [across, down] = [(toX - fromX) / length, (toY - fromY) / length];
  // A short arrow has a small head.
  const size = Math.min(head, length * 0.6);
  path.moveTo(fromX, fromY);
  path.lineTo(toX, toY);
  path.moveTo(toX - (across + 0.62 * down) * size, toY - (down - 0.62 * across) * size);
  path.lineTo(toX, toY);
  path.lineTo(toX - (across - 0.62 * down) * size, toY - (down + 0.62 * across) * size);
  return path;
}

/**
 * A line that stands out from whatever is under it.
 * @param {CanvasRenderingContext2D} pen
 * @param {Path2D} path
 * @param {string} color
 * @param {string} ground
 * @param {number} width
 * @param {number} edge
 */
function outlined(pen, path, color, ground, width, edge) {
  pen.strokeStyle = ground;
  pen.lineWidth = width + 2 * edge;
  pen.stroke(path);
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke(path);
}

/**
 * How long a round distance in embedding space is; nothing where distances in the picture are not true.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 */
export function drawScaleBar(pen, stage) {
  const { run, transform, theme, ratio, layer } = stage;
  const pixels = run.pixelsPerDistance(transform.scale);
  if (!pixels) return;
  const { distance, length } = scaleBar(pixels, 0.24 * layer.width);
  const [left, bottom, tick] = [14 * ratio, layer.height - 14 * ratio, 4 * ratio];
  const path = new Path2D();
  path.moveTo(left, bottom - tick);
  path.lineTo(left, bottom);
  path.lineTo(left + length, bottom);
  path.lineTo(left + length, bottom - tick);
  pen.lineCap = "butt";
  outlined(pen, path, css(theme.ink), css(theme.surface), 1.4 * ratio, 1.5 * ratio);
  writeOver(pen, stage, `distance ${distance}`, left + tick, bottom - 5 * ratio);
}

/**
 * The circle around its class mean on which a selected image lies, with the distance.
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 * @param {number} point
 */
export function drawRadius(pen, stage, point) {
  const { run, view, transform, theme, ratio, screenX, screenY } = stage;
  const pixels = run.pixelsPerDistance(transform.scale);
  const index = run.distanceClass(point, Math.round(view.time));
  const mean = pixels && index < run.classes.length ? meanOf(stage, index) : null;
  if (!mean) return;
  const [across, down] = [screenX[point] - mean.x, screenY[point] - mean.y];
  const radius = Math.hypot(across, down);
  const path = new Path2D();
  path.arc(mean.x, mean.y, radius, 0, 2 * Math.PI);
  path.moveTo(mean.x, mean.y);
  path.lineTo(screenX[point], screenY[point]);
  pen.setLineDash([5 * ratio, 4 * ratio]);
  pen.strokeStyle = css(theme.ink);
  pen.lineWidth = 1.2 * ratio;
  pen.stroke(path);
  pen.setLineDash([]);
  writeOver(pen, stage, short(radius / pixels), mean.x + across / 2 + 6 * ratio, mean.y + down / 2 - 4 * ratio);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {ProjectionPlot} stage
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
function writeOver(pen, { theme, ratio }, text, x, y) {
  pen.font = `600 ${11.5 * ratio}px ${theme.font}`;
  pen.textBaseline = "alphabetic";
  pen.lineJoin = "round";
  pen.lineWidth = 4 * ratio;
  pen.strokeStyle = css(theme.surface);
  pen.strokeText(text, x, y);
  pen.fillStyle = css(theme.ink);
  pen.fillText(text, x, y);
}
