// From coordinates to pixels, and the part of the picture that a person has chosen by hand.

/** @import { Extent, Transform, Zoom } from "../types" */

const LARGEST_ZOOM = 60;

/** No part chosen by hand: what the camera shows by itself. */
export const WHOLE = { scale: 1, x: 0, y: 0 };

/**
 * Whether a person has chosen a part of the picture.
 * @param {Zoom} parts
 */
export const isByHand = ({ scale, x, y }) => scale !== 1 || x !== 0 || y !== 0;

/**
 * A zoom as it stands in an address; nothing where the camera looks by itself.
 * @param {Zoom} zoom
 */
export const writeZoom = (zoom) =>
  isByHand(zoom) ? [zoom.scale.toFixed(3), zoom.x.toFixed(1), zoom.y.toFixed(1)].map(Number).join() : "";

/**
 * The zoom that an address names; none where it makes no sense.
 * @param {string} text
 */
export function readZoom(text) {
  const [scale, x, y] = text.split(",").map(Number);
  if (![scale, x, y].every(Number.isFinite) || scale < 1 || scale > LARGEST_ZOOM) return WHOLE;
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
 * The zoom under which `fitTransform` of an extent gives this transform.
 * @param {Transform} transform
 * @param {Extent} extent
 * @param {number} width
 * @param {number} height
 * @param {number} padding
 */
export function zoomOf(transform, extent, width, height, padding) {
  const whole = fitTransform(extent, WHOLE, width, height, padding);
  return {
    scale: transform.scale / whole.scale,
    x: (width / 2 - transform.offsetX) / transform.scale - (extent.left + extent.right) / 2,
    y: (transform.offsetY - height / 2) / transform.scale - (extent.bottom + extent.top) / 2,
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
  if (scale === 1) return WHOLE;
  return { scale, x: zoom.x + fromCentreX * gain, y: zoom.y - fromCentreY * gain };
}
