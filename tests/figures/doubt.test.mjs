// Which points a picture draws too near or too far.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  describeDoubt,
  doubtColor,
  doubtOf,
  doubtSentence,
  measureOf,
} from "../../enigma/figures/web/scrubber/doubt.js";
import { distanceTable } from "../../enigma/figures/web/scrubber/model.js";

/** Two images of two classes, with what a test says of them. */
const made = (parts) => ({
  count: 2,
  distanceOf: distanceTable(0.1, 10),
  distanceClass: (point) => point,
  meanY: Uint16Array.of(100, 100),
  projection: { scale: null },
  ...parts,
});

test("doubt tells by what power of two a point is drawn too far, beside the training images", () => {
  const level = (distance) => Math.round((Math.log(distance / 0.1) / Math.log(100)) * 127);
  const run = made({
    // Both means lie at (100, 100); training images are drawn 40 away at distance 4: 10 a unit.
    meanX: Uint16Array.of(100, 100),
    meanY: Uint16Array.of(100, 100),
    referenceLabels: Uint16Array.of(0, 1, 0),
    referenceX: Uint16Array.of(140, 60, 100),
    referenceY: Uint16Array.of(100, 100, 140),
    referenceDistances: Uint8Array.of(level(4), level(4), level(4)),
    referenceCount: 3,
    x: Uint16Array.of(120, 100, 100, 100, 100, 100),
    y: Uint16Array.of(100, 140, 105, 100, 100, 100),
    distances: Uint8Array.of(level(1), level(8), level(2), 255, 0, 0),
  });
  const near = (value, expected) => assert.ok(Math.abs(value - expected) < 0.06, `${value} for ${expected}`);
  near(measureOf(run) / 10, 1);
  near(doubtOf(run, 0, 0), 1);
  near(doubtOf(run, 1, 0), -1);
  near(doubtOf(run, 0, 1), -2);
  assert.ok(Number.isNaN(doubtOf(run, 1, 1)));
  assert.equal(describeDoubt(1), ", drawn 2.0 × too far");
  assert.equal(describeDoubt(-0.5), ", drawn 1.4 × too near");
  assert.equal(describeDoubt(0.1), ", drawn as far as it is");
  assert.notEqual(doubtColor(-9), doubtColor(9));
  assert.equal(doubtColor(-9), doubtColor(-2));
});

test("without training images there is nothing to doubt by", () => {
  const run = made({ referenceCount: 0, meanX: Uint16Array.of(65535, 65535), x: [1], y: [1], distances: [3] });
  assert.ok(Number.isNaN(doubtOf(run, 0, 0)));
  assert.equal(describeDoubt(NaN), "");
  assert.match(doubtSentence(run), /no training images/);
});
