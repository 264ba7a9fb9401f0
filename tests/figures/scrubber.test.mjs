// The parts of the Watch view that need no browser. With PAYLOAD and EXPECTED set, also decodes what Python packed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { scaleTable } from "../../enigma/figures/web/scrubber/colors.js";
import { axisDigits, farthestFrame } from "../../enigma/figures/web/scrubber/curve_ground.js";
import { decodeArrays, inflate, readPayload } from "../../enigma/figures/web/scrubber/decode.js";
import { describePoint } from "../../enigma/figures/web/scrubber/images.js";
import { extent, flipCounts, newView, Run, timeAfterReload } from "../../enigma/figures/web/scrubber/model.js";
import { explainTrust, projectionTitles } from "../../enigma/figures/web/scrubber/panels.js";
import { groupOf, isHidden } from "../../enigma/figures/web/scrubber/points.js";
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
    hasPredictions: true,
    phaseBoundary: 10,
    course: { spans: [1, 2], phases: [1, 1, 2], labels: ["1 start", "1 success", "2 failure"], told: ["", "", ""] },
    marks: [],
    largestEntropy: 2,
    smallestDistance: 0.1,
    largestDistance: 10,
    view: { step: 10 },
    command: 0,
    projection: { name: "pca" },
  };
  const arrays = {
    x: Uint16Array.of(0, 100, 10, 100, 90, 100),
    y: Uint16Array.of(0, 50, 0, 50, 0, 50),
    predictions: Uint8Array.of(1, 1, 0, 1, 0, 0),
    confidences: Uint8Array.of(64, 64, 127, 127, 127, 127),
    entropies: Uint8Array.of(127, 127, 25, 25, 0, 0),
    distances: Uint8Array.of(64, 64, 0, 0, 127, 255),
    labels: Uint16Array.of(0, 1),
    referenceLabels: Uint16Array.of(0),
    referenceDistances: Uint8Array.of(64),
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

test("an axis holds all values and never makes a change of nothing fill it", () => {
  assert.equal(valueRange([0.2, 0.9], { fromZero: true }).low, 0);
  assert.ok(valueRange([null, null]).empty);
  const wide = valueRange([62, 65, 13]);
  assert.ok(wide.low < 13 && wide.high > 65);
  // A thousandth of a nat is a hundredth of the axis, from zero as well as around a value.
  for (const fromZero of [true, false]) {
    const { low, high } = valueRange([0.001, 0.002], { fromZero, leastSpan: 0.1 });
    assert.ok(high - low >= 0.1 && low <= 0.001 && high >= 0.002);
  }
  const { low, high } = valueRange([8.2, 8.2001]);
  assert.ok(high - low >= 0.05 * 8.2);
  assert.ok(valueRange([0, 0]).high > 0);
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

test("a tooltip says what changed since frame 0", () => {
  const run = smallRun();
  assert.deepEqual(describePoint(run, 0, 1), [
    "cat",
    "predicted cat, at frame 0 dog",
    "confidence 100 % (+50)",
    "entropy 0.39 nats (−1.61)",
    "distance to its class mean 0.10 (−0.92)",
  ]);
  assert.equal(describePoint(run, 0, 0)[1], "predicted dog");
  assert.equal(describePoint(run, 1, 2)[4], "distance to class mean unknown");
});

test("of a loop that logged no logits nothing is said of predictions", () => {
  const run = smallRun();
  run.hasPredictions = false;
  assert.deepEqual(describePoint(run, 0, 1).slice(1, 4), [
    "prediction unknown",
    "confidence unknown",
    "entropy unknown",
  ]);
});

test("stored distances lie evenly in their logarithm, and one that nobody knows is not a number", () => {
  const run = smallRun();
  assert.deepEqual(
    [0, 1, 2].map((frame) => run.distance(0, frame).toFixed(3)),
    ["1.018", "0.100", "10.000"],
  );
  assert.ok(Number.isNaN(run.distance(1, 2)));
  assert.deepEqual([run.distanceClass(0, 1), run.distanceClass(1, 1)], [0, 1]);
  run.distanceClasses = Uint16Array.of(0, 0, 1, 0, 0, 0);
  assert.equal(run.distanceClass(0, 1), 1);
});

test("phases and flips follow from the frames", () => {
  const run = smallRun();
  assert.deepEqual(
    [0, 1, 2].map((frame) => run.phase(frame)),
    [1, 1, 2],
  );
  assert.deepEqual(Array.from(flipCounts(run.predictions, 3, 2)), [0, 1, 2]);
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
});

test("a whole run plays in 4 to 12 seconds at normal speed", () => {
  assert.ok(Math.abs(advance(0, 4, 1, 2) - 1) < 1e-9);
  assert.ok(Math.abs(advance(0, 12, 1, 500) - 1) < 1e-9);
  assert.ok(Math.abs(advance(0, 3, 4, 500) - 1) < 1e-9);
});

test("the projection that is drawn has its own title, also where it stands in for another", () => {
  /** @type {[string, string][]} */
  const projections = [
    ["umap", "UMAP, fitted jointly"],
    ["pca", "PCA"],
  ];
  const entry = { fittedOn: "", warning: "", scale: null, shows: "", isDoubtful: false, told: [] };
  /** @param {string} name @param {string} title @param {string} drawn */
  const titles = (name, title, drawn, offered = projections) =>
    projectionTitles({ projections: offered, projection: { ...entry, name, title }, drawn });
  assert.deepEqual(titles("pca", "PCA", "pca"), projections);
  assert.deepEqual(titles("umap", "UMAP, later frames placed", "umap")[0], ["umap", "UMAP, later frames placed"]);
  assert.deepEqual(titles("pca", "PCA", "umap"), [
    ["umap", "PCA, in place of UMAP"],
    ["pca", "PCA"],
  ]);
  assert.deepEqual(titles("umap", "UMAP", "umap", []), [["umap", "UMAP"]]);
});

test("what a projection shows is told as it was measured", () => {
  const text = explainTrust({ fittedOn: "all frames", told: ["Phase 1 shown.", "Phase 2 not shown."] });
  assert.match(text, /^Fitted on all frames\.\nPhase 1 shown\.\nPhase 2 not shown\.\n/);
});
