// The parts of the Watch view that need no browser. With PAYLOAD and EXPECTED set, also decodes what Python packed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { scaleTable } from "../../enigma/figures/web/scrubber/colors.js";
import { axisDigits, farthestFrame } from "../../enigma/figures/web/scrubber/curve_ground.js";
import { densityContours, levelOfShare } from "../../enigma/figures/web/scrubber/contours.js";
import { decodeArrays, inflate, readPayload } from "../../enigma/figures/web/scrubber/decode.js";
import { describePoint } from "../../enigma/figures/web/scrubber/images.js";
import {
  extent,
  flipCounts,
  newView,
  Run,
  timeAfterReload,
  travellers,
} from "../../enigma/figures/web/scrubber/model.js";
import { explainTrust } from "../../enigma/figures/web/scrubber/panels.js";
import { groupOf, isHidden } from "../../enigma/figures/web/scrubber/points.js";
import { writeAddress } from "../../enigma/figures/web/scrubber/report.js";
import { valueRange } from "../../enigma/figures/web/scrubber/ranges.js";
import { advance } from "../../enigma/figures/web/scrubber/timeline.js";

function smallRun() {
  const header = {
    runId: "a",
    title: "small",
    classes: ["cat", "dog"],
    colors: ["#4b8397", "#e740b7"],
    curves: [],
    steps: [0, 10, 20],
    metrics: { accuracy: [0.5, 1, 0.5] },
    phaseBoundary: 10,
    marks: [],
    largestEntropy: 2,
    largestDistance: 10,
    view: { step: 10 },
    command: 0,
    projection: { name: "pca" },
  };
  const arrays = {
    x: Uint16Array.of(0, 100, 10, 100, 90, 100),
    y: Uint16Array.of(0, 50, 0, 50, 0, 50),
    predictions: Uint8Array.of(1, 1, 0, 1, 0, 0),
    confidences: Uint8Array.of(128, 128, 255, 255, 255, 255),
    entropies: Uint8Array.of(255, 255, 51, 51, 0, 0),
    distances: Uint8Array.of(12.6, 12.6, 0, 0, 63, 63),
    labels: Uint16Array.of(0, 1),
    referenceLabels: Uint16Array.of(0),
    referenceX: Uint16Array.of(40),
    referenceY: Uint16Array.of(80),
    meanX: Uint16Array.of(40, 60),
    meanY: Uint16Array.of(40, 60),
  };
  return new Run(header, arrays);
}

// Pytest packs a run and says where it lies.
if (process.env.PAYLOAD) {
  test("the browser decodes exactly what Python packed", async () => {
    const { header, body, thumbnails } = readPayload(new Uint8Array(readFileSync(process.env.PAYLOAD)));
    const arrays = decodeArrays(header.arrays, await inflate(body));
    const expected = JSON.parse(readFileSync(process.env.EXPECTED, "utf-8"));
    for (const [name, values] of Object.entries(expected)) assert.deepEqual(Array.from(arrays[name]), values, name);
    assert.equal(String.fromCharCode(...thumbnails.subarray(8, 12)), "WEBP");
    assert.equal(header.view.color, "entropy");
  });
}

test("a reference value joins the axis only when it is near", () => {
  const curve = [62, 65, 54];
  assert.ok(valueRange(curve, { near: 13 }).low > 50);
  assert.ok(valueRange(curve, { near: 51 }).low < 51);
  assert.equal(valueRange([0.2, 0.9], { fromZero: true }).low, 0);
  assert.ok(valueRange([null, null]).empty);
});

test("a continuous scale has many colours, and an axis as many digits as it needs", () => {
  assert.equal(new Set(scaleTable()).size > 200, true);
  assert.equal(axisDigits(18), 1);
});

test("points fall into the groups of each colouring", () => {
  const run = smallRun();
  assert.deepEqual(
    [0, 1].map((point) => groupOf(run, "correctness", point, 1)),
    [0, 0],
  );
  assert.deepEqual(
    [0, 1].map((point) => groupOf(run, "flipped", point, 1)),
    [1, 0],
  );
  assert.deepEqual(
    [0, 1].map((point) => groupOf(run, "flipped", point, 2)),
    [1, 2],
  );
  assert.equal(groupOf(run, "entropy", 0, 0), -1);
});

test("a hidden class stays hidden under every colouring, a hidden group only under its own", () => {
  const run = smallRun();
  const view = newView();
  view.hidden.label.add(0);
  view.hidden.flipped.add(0);
  view.color = "entropy";
  assert.ok(isHidden(run, view, 0, 1));
  assert.ok(!isHidden(run, view, 1, 1));
  view.color = "flipped";
  assert.ok(isHidden(run, view, 1, 1));
});

test("misclassified points can be hidden under every colouring", () => {
  const run = smallRun();
  const view = newView();
  view.hidden.correctness.add(1);
  assert.deepEqual(
    [0, 1].map((point) => isHidden(run, view, point, 0)),
    [true, false],
  );
  assert.deepEqual(
    [0, 1].map((point) => isHidden(run, view, point, 1)),
    [false, false],
  );
});

test("a step and its time are inverse, and steps beyond the end are the last frame", () => {
  const run = smallRun();
  for (const time of [0, 0.3, 1, 1.75, 2]) assert.ok(Math.abs(run.timeAt(run.stepAt(time)) - time) < 1e-9);
  assert.equal(run.timeAt(1000), 2);
});

test("a contour of the training density surrounds the share of points it is drawn for", () => {
  const run = smallRun();
  // A round cloud of one class, and none of the other.
  const places = Array.from({ length: 2000 }, (_, index) => {
    const radius = 30 * Math.sqrt(-2 * Math.log((((index * 7919) % 2000) + 0.5) / 2000));
    return [500 + radius * Math.cos(index), 500 + radius * Math.sin(index)];
  });
  Object.assign(run, {
    referenceX: Float32Array.from(places, ([x]) => x),
    referenceY: Float32Array.from(places, ([, y]) => y),
    referenceLabels: new Uint16Array(2000),
    referenceCount: 2000,
    extent: { left: 350, right: 650, bottom: 350, top: 650 },
  });
  const [own, other] = densityContours(run);
  assert.deepEqual(other, []);
  const radii = [];
  for (let index = 0; index < own.length; index += 2) radii.push(Math.hypot(own[index] - 500, own[index + 1] - 500));
  const mean = radii.reduce((sum, radius) => sum + radius, 0) / radii.length;
  // 80 % of a round normal distribution lie within 1.79 standard deviations; blurring widens it a little.
  assert.ok(mean > 48 && mean < 62, String(mean));
  assert.equal(levelOfShare(Float32Array.of(1, 5, 4), 0.9), 4);
});

test("an address holds what differs from the first view, in the words of the server", () => {
  const run = { runId: "abc", steps: [0, 10] };
  const view = { step: 0, color: "label", selected: [], zoom: "", beside: "", projection: "umap" };
  assert.equal(writeAddress("", run, view), "?run=abc");
  const other = { step: 10, color: "flipped", selected: [3, 5], zoom: "2.00,1,1", beside: "0", projection: "pca" };
  assert.equal(
    writeAddress("?projection=pca", run, other),
    "?projection=pca&run=abc&step=10&color=flipped&selected=3%2C5&zoom=2.00%2C1%2C1&beside=0",
  );
  assert.equal(writeAddress("?run=abc&step=10&color=flipped", run, view), "?run=abc");
});

test("a tooltip says what changed since frame 0", () => {
  const run = smallRun();
  assert.deepEqual(describePoint(run, 0, 1), [
    "cat",
    "predicted cat, at frame 0 dog",
    "confidence 100 % (+50)",
    "entropy 0.40 nats (−1.60)",
    "distance to class mean 0.00 (−1.90)",
  ]);
  assert.equal(describePoint(run, 0, 0)[1], "predicted dog");
});

test("phases, flips and travellers follow from the frames", () => {
  const run = smallRun();
  assert.deepEqual(
    [0, 1, 2].map((frame) => run.phase(frame)),
    [1, 1, 2],
  );
  assert.deepEqual(Array.from(flipCounts(run.predictions, 3, 2)), [0, 1, 2]);
  assert.deepEqual(travellers(run), [0]);
  assert.deepEqual(extent([run.x], [run.y]), { left: 0, right: 100, bottom: 0, top: 50 });
  assert.equal(farthestFrame([0.5, 0.6, 0.1, null], 0.5), 2);
});

test("new frames are followed from the last frame; elsewhere the step is kept", () => {
  const run = smallRun();
  const longer = Object.assign(Object.create(Run.prototype), run, { steps: [0, 5, 10, 20, 40], frameCount: 5 });
  const view = { ...newView(), command: 0, time: 2 };
  assert.equal(timeAfterReload(view, run, longer), 4);
  assert.equal(timeAfterReload({ ...view, time: 1 }, run, longer), 2);
  assert.equal(timeAfterReload(view, null, run), 1);
  assert.equal(
    timeAfterReload({ ...view, time: 0 }, run, Object.assign(Object.create(Run.prototype), longer, { command: 1 })),
    2,
  );
});

test("a whole run plays in 4 to 12 seconds at normal speed", () => {
  assert.ok(Math.abs(advance(0, 4, 1, 2) - 1) < 1e-9);
  assert.ok(Math.abs(advance(0, 12, 1, 500) - 1) < 1e-9);
  assert.ok(Math.abs(advance(0, 3, 4, 500) - 1) < 1e-9);
});

test("missing faithfulness is said, not hidden", () => {
  const text = explainTrust({ fittedOn: "all frames", distanceCorrelation: 0.99, trustworthiness: null });
  assert.match(text, /0\.99/);
  assert.match(text, /not yet computed/);
});
