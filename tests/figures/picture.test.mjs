// The picture of the projection: what it frames, and what it draws once a class.

import assert from "node:assert/strict";
import { test } from "node:test";

import { betweenTransforms, Framing, innerRange, union } from "../../enigma/figures/web/scrubber/camera.js";
import { Centroids, quantile, rings, scaleBar } from "../../enigma/figures/web/scrubber/classes.js";
import { densityOf, levelOfShare } from "../../enigma/figures/web/scrubber/kernel.js";
import { firstShown, LAYERS } from "../../enigma/figures/web/scrubber/layers.js";
import { anchors, pushApart, withRoom } from "../../enigma/figures/web/scrubber/names.js";
import { fitTransform, WHOLE, zoomOf } from "../../enigma/figures/web/scrubber/zoom.js";

/** Two classes of two test images each at two frames; one training image a class. */
const RUN = {
  classes: ["cat", "dog"],
  frameCount: 2,
  count: 4,
  x: [0, 20, 100, 120, 0, 40, 300, 320],
  y: [0, 0, 50, 50, 0, 0, 90, 110],
  referenceCount: 3,
  referenceX: [10, 14, 110],
  referenceY: [0, 2, 50],
  referenceLabels: [0, 0, 1],
  meanX: [12, 110],
  meanY: [1, 50],
  extent: { left: 0, right: 320, bottom: 0, top: 110 },
  distanceClass: (point) => Math.floor(point / 2),
  referenceDistance: (point) => [1, 3, NaN][point],
};

test("the camera frames training and the present test images, and moves evenly between two frames", () => {
  const framing = new Framing(RUN);
  assert.deepEqual(framing.at(0, -1), { left: 0, right: 120, bottom: 0, top: 50 });
  assert.deepEqual(framing.at(1, -1), { left: 0, right: 320, bottom: 0, top: 110 });
  assert.deepEqual(framing.at(0.5, -1), { left: 0, right: 220, bottom: 0, top: 80 });
  assert.deepEqual(framing.whole(-1), { left: 0, right: 320, bottom: 0, top: 110 });
});

test("one class alone is framed alone", () => {
  assert.deepEqual(new Framing(RUN).at(0, 1), { left: 100, right: 120, bottom: 50, top: 50 });
});

test("an outlier of a thousand is left out, one of a hundred points is not, and neither is a broad edge", () => {
  const many = Uint16Array.from({ length: 1000 }, (_, index) => 100 + (index % 100));
  many[500] = 4000;
  assert.deepEqual(innerRange(many), { low: 100, high: 199 });
  assert.deepEqual(innerRange(Uint16Array.from({ length: 100 }, (_, index) => (index ? index : 4000))), {
    low: 1,
    high: 4000,
  });
  assert.deepEqual(innerRange(Uint16Array.from({ length: 1000 }, (_, index) => index)), { low: 0, high: 999 });
  assert.equal(innerRange(new Uint16Array()), null);
});

test("what is framed fills the canvas but for its padding, in one direction", () => {
  const { scale, offsetX } = fitTransform({ left: 0, right: 200, bottom: 0, top: 50 }, WHOLE, 1000, 800, 40);
  assert.ok((200 * scale) / 1000 >= 0.9);
  assert.ok(Math.abs(offsetX - 40) < 1e-9);
});

test("a glide begins and ends where it should, and a zoom by hand can be read off a transform", () => {
  const box = { left: 0, right: 100, bottom: 0, top: 50 };
  const from = fitTransform(box, WHOLE, 800, 600, 20);
  const to = fitTransform(box, { scale: 3, x: 10, y: -5 }, 800, 600, 20);
  for (const [share, expected] of [
    [0, from],
    [1, to],
  ]) {
    const found = betweenTransforms(from, to, share, 800, 600);
    for (const part of ["scale", "offsetX", "offsetY"]) assert.ok(Math.abs(found[part] - expected[part]) < 1e-6);
  }
  const zoom = zoomOf(to, box, 800, 600, 20);
  assert.ok(Math.abs(zoom.scale - 3) < 1e-9 && Math.abs(zoom.x - 10) < 1e-9 && Math.abs(zoom.y + 5) < 1e-9);
});

test("extents that are not there hold nothing", () => {
  assert.equal(union([null, null]), null);
  assert.deepEqual(union([null, RUN.extent]), RUN.extent);
});

test("an arrow ends at the mean of the class's test images, also between two frames", () => {
  const centroids = new Centroids(RUN);
  assert.deepEqual(centroids.at(0, 0), { x: 10, y: 0 });
  assert.deepEqual(centroids.at(1, 0.5), { x: 210, y: 75 });
  assert.deepEqual(centroids.at(1, 1), { x: 310, y: 100 });
});

test("rings hold the percentiles of the training images' own distances", () => {
  assert.deepEqual(rings(RUN), [{ inner: 1.2, median: 2, outer: 2.8 }, null]);
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
});

test("a scale bar is the longest round distance that fits", () => {
  assert.deepEqual(scaleBar(10, 100), { distance: 10, length: 100 });
  assert.deepEqual(scaleBar(10, 99), { distance: 5, length: 50 });
  assert.deepEqual(scaleBar(1000, 240), { distance: 0.2, length: 200 });
});

test("names are pushed apart and kept inside", () => {
  const boxes = Array.from({ length: 6 }, (_, index) => ({ index, x: 50 + index, y: 50, width: 40, height: 12 }));
  pushApart(boxes, 200, 200, 2);
  for (const one of boxes) {
    assert.ok(one.x >= 20 && one.x <= 180 && one.y >= 6 && one.y <= 194);
    for (const other of boxes) {
      if (one === other) continue;
      assert.ok(Math.abs(one.x - other.x) >= 41.9 || Math.abs(one.y - other.y) >= 13.9);
    }
  }
});

test("of a hundred names those are written that find room", () => {
  const boxes = Array.from({ length: 100 }, (_, index) => ({ index, x: 100, y: 5 + index * 2, width: 40, height: 12 }));
  const kept = withRoom(boxes, 200, 200, 2);
  assert.ok(kept.length > 10 && kept.length < 20);
});

test("a name stands above its class in the upper half, below it in the lower, a little outwards", () => {
  const run = {
    classes: ["high", "low", "none"],
    meanX: Uint16Array.of(100, 300, 65535),
    meanY: Uint16Array.of(400, 100, 65535),
    referenceLabels: Uint16Array.of(0, 1),
    referenceX: Uint16Array.of(100, 300),
    referenceY: Uint16Array.of(420, 90),
    referenceCount: 2,
  };
  const [high, low, none] = anchors(run);
  assert.ok(high.y > 410 && high.up > 0.8 && high.across < 0);
  assert.ok(low.y < 95 && low.up < -0.8 && low.across > 0);
  assert.equal(none, null);
});

test("a density keeps the number of points, and a level holds its share", () => {
  const grid = { left: 0, bottom: 0, cell: 1, columns: 40, rows: 40 };
  const density = densityOf([20, 20, 21], [20, 20, 20], grid, 2);
  assert.ok(Math.abs(density.reduce((sum, value) => sum + value, 0) - 3) < 1e-4);
  assert.equal(levelOfShare(Float32Array.of(1, 5, 4), 0.9), 4);
});

test("layers have names of one word, and those of a first visit are shown", () => {
  for (const { layer } of LAYERS) assert.match(layer, /^[a-z]+$/);
  assert.equal(new Set(LAYERS.map(({ layer }) => layer)).size, LAYERS.length);
  assert.ok(firstShown().density && firstShown().training && firstShown().arrows);
});
