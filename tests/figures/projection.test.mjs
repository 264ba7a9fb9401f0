// The picture of the projection: shapes, zoom and lasso.

import assert from "node:assert/strict";
import { test } from "node:test";

import { insidePolygon } from "../../enigma/figures/web/scrubber/gestures.js";
import { HIDDEN } from "../../enigma/figures/web/scrubber/points.js";
import { fitTransform, readZoom, writeZoom, zoomAround } from "../../enigma/figures/web/scrubber/zoom.js";
import { nextPoint } from "../../enigma/figures/web/scrubber/walking.js";
import { cross, disc, PixelLayer, ring } from "../../enigma/figures/web/scrubber/stamps.js";

globalThis.ImageData ??= class {
  constructor(width, height) {
    this.data = new Uint8ClampedArray(width * height * 4);
  }
};

test("a stamp covers its centre fully, the outside not at all, and keeps its area at every phase", () => {
  const shape = disc(3);
  const area = (phase) => {
    const { size, alpha } = shape;
    return alpha.subarray(phase * size * size, (phase + 1) * size * size).reduce((sum, value) => sum + value, 0) / 255;
  };
  for (let phase = 0; phase < 16; phase++) assert.ok(Math.abs(area(phase) - Math.PI * 9) < 1.5);
  assert.ok(ring(4, 1).alpha.length > 0 && cross(3, 1).alpha.length > 0);
});

test("stamping blends towards the colour and clips at every edge", () => {
  const layer = new PixelLayer(20, 20);
  layer.fill(0x000000);
  layer.stamp(10, 10, disc(3), 0xff8040, 256);
  const pixel = layer.image.data.subarray((10 * 20 + 10) * 4, (10 * 20 + 10) * 4 + 4);
  [255, 128, 64, 255].forEach((value, index) => assert.ok(Math.abs(pixel[index] - value) <= 2));
  for (const [x, y] of [
    [-2, 5],
    [21, 5],
    [5, -2],
    [5, 21],
    [-50, 0],
    [0, 500],
  ])
    layer.stamp(x, y, disc(3), 0xffffff, 256);
  assert.ok(layer.words.every((word) => word >>> 24 === 255));
});

test("zooming keeps the place under the pointer", () => {
  const box = { left: 0, right: 100, bottom: 0, top: 50 };
  const place = ({ scale, offsetX, offsetY }, x, y) => [x * scale + offsetX, offsetY - y * scale];
  const before = { scale: 1, x: 0, y: 0 };
  const first = fitTransform(box, before, 800, 600, 20);
  const [x, y] = place(first, 70, 40);
  const after = zoomAround(before, 3, x - 400, y - 300, first.scale);
  const [nowX, nowY] = place(fitTransform(box, after, 800, 600, 20), 70, 40);
  assert.ok(Math.abs(nowX - x) < 1e-9 && Math.abs(nowY - y) < 1e-9);
  assert.deepEqual(zoomAround(after, 0.01, 5, 5, 10), before);
});

test("a lasso holds what is inside it and nothing else", () => {
  const notched = [0, 0, 10, 0, 10, 10, 5, 4, 0, 10];
  assert.ok(insidePolygon(2, 3, notched));
  assert.ok(!insidePolygon(5, 8, notched));
  assert.ok(!insidePolygon(-1, 3, notched));
});

test("a zoom is read as it was written, and nonsense is the whole picture", () => {
  const zoom = { scale: 2.5, x: 120, y: -33 };
  assert.deepEqual(readZoom(writeZoom(zoom)), zoom);
  assert.equal(writeZoom({ scale: 1, x: 0, y: 0 }), "");
  for (const text of ["", "x,1,2", "1e9,0,0"]) assert.equal(readZoom(text).scale, 1);
});

test("an arrow key goes to the nearest visible image in its direction, with shift past those that are near", () => {
  const SHOWN = HIDDEN + 1;
  const plot = {
    //                      start, right, further right, below, hidden, below and right
    screenX: Float32Array.of(100, 110, 160, 100, 103, 120),
    screenY: Float32Array.of(100, 102, 95, 130, 100, 140),
    shapes: Uint8Array.of(SHOWN, SHOWN, SHOWN, SHOWN, HIDDEN, SHOWN),
  };
  assert.equal(nextPoint(plot, 0, [1, 0], 0), 1);
  assert.equal(nextPoint(plot, 0, [1, 0], 40), 2);
  assert.equal(nextPoint(plot, 1, [-1, 0], 0), 0);
  assert.equal(nextPoint(plot, 0, [0, 1], 0), 3);
  // What lies more to the side is better than nothing.
  assert.equal(nextPoint(plot, 1, [0, -1], 0), 0);
  assert.equal(nextPoint(plot, 2, [0, -1], 0), -1);
});
