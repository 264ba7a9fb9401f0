// The strip of distances: what it counts, where it draws it, and how it is named.

import assert from "node:assert/strict";
import { test } from "node:test";

import { axisTicks, distanceAt, distanceAxis, placeOf } from "../../enigma/figures/web/scrubber/distance_axis.js";
import {
  countProbes,
  countReferences,
  highest,
  smoothed,
  Spread,
  spreadFactors,
} from "../../enigma/figures/web/scrubber/distribution.js";
import { distanceTable } from "../../enigma/figures/web/scrubber/model.js";
import { classesAmong, neighborsOf } from "../../enigma/figures/web/scrubber/neighbors.js";
import { distanceName } from "../../enigma/figures/web/scrubber/strip.js";
import { classesOf, listed, rightOf, throughTime } from "../../enigma/figures/web/scrubber/summary.js";

const SMALLEST = 0.5;
const LARGEST = 50;
const LEVEL = Math.log(LARGEST / SMALLEST) / 127;

const levelOf = (distance) => Math.round(Math.log(distance / SMALLEST) / LEVEL);
const every = (count) => Array.from({ length: count }, (_, index) => index);

/** Two frames of the same images; in the second each is twice as far as in the first. */
function doubled(distances) {
  const frames = [...distances, ...distances.map((distance) => 2 * distance)];
  return {
    count: distances.length,
    frameCount: 2,
    distances: Uint8Array.from(frames, (distance) => (distance > 0 ? levelOf(distance) : 255)),
    referenceDistances: Uint8Array.from(distances, levelOf),
    distanceOf: distanceTable(SMALLEST, LARGEST),
  };
}

const factors = (count) => spreadFactors(count, SMALLEST, LARGEST);
const AXIS = distanceAxis(LARGEST, 10);

test("an axis is linear from 0 unless the training images would be squeezed together, and each place has one distance", () => {
  assert.deepEqual([AXIS.start, AXIS.logarithmic], [0, false]);
  const wide = distanceAxis(200, 1.5);
  assert.ok(wide.logarithmic);
  for (const axis of [AXIS, wide])
    for (const distance of [0.3, 1.5, 40])
      assert.ok(Math.abs(distanceAt(axis, placeOf(axis, distance)) - distance) < 1e-9);
  assert.ok(placeOf(wide, 1.5) > 0.2);
  assert.deepEqual(axisTicks(distanceAxis(11, 2), 6), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(axisTicks(wide, 12), [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]);
  assert.deepEqual(axisTicks(wide, 4), [1, 10, 100]);
});

test("the median of many images is that of their distances, not of the numbers they are stored as", () => {
  const distances = every(1000).map((index) => 2.3 * Math.exp(0.3 * Math.sin(index * 12.9898) + 0.0002 * index));
  const sorted = distances.toSorted((a, b) => a - b);
  const truth = (sorted[499] + sorted[500]) / 2;
  const run = doubled(distances);
  const spread = new Spread();
  countProbes(run, 0, every(1000), factors(1000), AXIS, spread);
  assert.ok(Math.abs(spread.median / truth - 1) < 0.006, `${spread.median} for ${truth}`);
  // Halfway between the frames every image is one and a half times as far.
  countProbes(run, 0.5, every(1000), factors(1000), AXIS, spread);
  assert.ok(Math.abs(spread.median / truth - 1.5) < 0.009, String(spread.median));
  countReferences(run, every(1000), factors(1000), AXIS, spread);
  assert.ok(Math.abs(spread.median / truth - 1) < 0.006, String(spread.median));
});

test("few images are where they are stored, and those without a distance are left out", () => {
  const spread = new Spread();
  const run = doubled([1, 4, -1, 9, 16]);
  countProbes(run, 0, [0, 2, 1, 3], factors(5), AXIS, spread);
  assert.equal(spread.count, 3);
  assert.equal(spread.median, run.distanceOf[levelOf(4)]);
  countProbes(run, 0, [0, 1, 3, 4], factors(5), AXIS, spread);
  assert.ok(Math.abs(spread.median - (run.distanceOf[levelOf(4)] + run.distanceOf[levelOf(9)]) / 2) < 1e-6);
  countProbes(run, 0, [2], factors(5), AXIS, spread);
  assert.deepEqual([spread.count, spread.median], [0, NaN]);
});

test("a hill has the area of its images, its top at their distance, and the height kept for it", () => {
  const run = doubled(every(400).map(() => 10));
  const spread = new Spread();
  countProbes(run, 0, every(400), factors(400), AXIS, spread);
  const hill = smoothed(spread, 5);
  const area = hill.reduce((sum, height) => sum + height, 0);
  assert.ok(Math.abs(area - 1) < 1e-5);
  const top = hill.indexOf(Math.max(...hill));
  assert.ok(Math.abs(distanceAt(AXIS, (top + 0.5) / hill.length) - 10) < 0.5);
  assert.ok(highest(run, every(400), factors(400), AXIS, 5) >= Math.max(...hill));
  assert.equal(Math.max(...smoothed(new Spread(), 5)), 0);
});

test("the strip says to which mean it measures", () => {
  assert.match(distanceName({ isLabelled: true, isFullyLabelled: true }), /own class mean$/);
  assert.match(distanceName({ isLabelled: false, isFullyLabelled: false }), /nearest class mean$/);
  assert.match(distanceName({ isLabelled: true, isFullyLabelled: false }), /own class mean, the nearest where/);
});

/** Three images of two classes and one without, at two frames. */
const mixed = {
  labels: Uint16Array.of(0, 0, 1, 65535),
  frameCount: 2,
  hasPredictions: true,
  prediction: (point, frame) => (frame ? [0, 1, 1, 0] : [1, 1, 0, 1])[point],
  distance: (point, frame) => [1, 3, NaN, 8][point] * (frame + 1),
};

test("a selection is told by its classes and what they are predicted as, the commonest first", () => {
  assert.deepEqual(classesOf(mixed, [0, 1, 2, 3], 1), [
    {
      label: 0,
      count: 2,
      predicted: [
        { prediction: 0, count: 1 },
        { prediction: 1, count: 1 },
      ],
    },
    { label: 1, count: 1, predicted: [{ prediction: 1, count: 1 }] },
    { label: 65535, count: 1, predicted: [{ prediction: 0, count: 1 }] },
  ]);
  assert.deepEqual(classesOf(mixed, [0, 1], 0)[0].predicted, [{ prediction: 1, count: 2 }]);
});

test("accuracy counts the images whose class is known, distance those whose mean is", () => {
  assert.deepEqual(rightOf(mixed, [0, 1, 2, 3], 1), { known: 3, right: 2 });
  assert.deepEqual(throughTime(mixed, [0, 1, 2, 3]), { accuracy: [0, 2 / 3], distance: [4, 8] });
  assert.deepEqual(throughTime(mixed, [3]), { accuracy: [null, null], distance: [8, 16] });
  assert.deepEqual(throughTime(mixed, [2]).distance, [null, null]);
});

test("a list of counts names the first and adds up the others, unless one name more ends it", () => {
  const counts = [5, 4, 3, 2].map((count, index) => ({ name: "abcd"[index], count }));
  assert.equal(listed(counts, 2), "a 5, b 4, 5 others");
  assert.equal(listed(counts, 3), "a 5, b 4, c 3, d 2");
  assert.equal(listed(counts.slice(0, 1), 2), "a 5");
});

test("neighbours are those of the point and the frame, and none where nobody has looked for them", () => {
  const neighbors = { points: [7, 3], count: 2, references: [1, 2, 3, 4, 5, 6, 7, 8], pictured: [] };
  assert.deepEqual(neighborsOf({ neighbors }, 7, 0), [1, 2]);
  assert.deepEqual(neighborsOf({ neighbors }, 3, 1), [7, 8]);
  assert.deepEqual(neighborsOf({ neighbors }, 4, 0), []);
  assert.deepEqual(neighborsOf({ neighbors: null }, 7, 0), []);
  const run = { referenceLabels: [0, 1, 1], className: (label) => ["cat", "dog"][label] };
  assert.equal(classesAmong(run, [0, 1, 2]), "dog 2, cat 1");
});
