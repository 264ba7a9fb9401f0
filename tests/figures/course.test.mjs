// Phases and their words are those that Python measured: the browser judges nothing by itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Run } from "../../enigma/figures/web/scrubber/model.js";

/** A run whose accuracy rises and falls, with what is said to have been measured of it. */
function runOf(course, phaseBoundary = 10) {
  const steps = [0, 10, 20];
  const metrics = { accuracy: [0.5, 1, 0.5] };
  return Object.assign(Object.create(Run.prototype), { steps, metrics, frameCount: 3, phaseBoundary, course });
}

const BOTH = { spans: [1, 2], phases: [1, 1, 2], labels: ["1 start", "1 success", "2 failure"], told: ["", "", ""] };
const NONE = { spans: [], phases: [0, 0, 0], labels: ["–", "no change", "no change"], told: ["", "", ""] };

test("stretches and phases are those that were measured", () => {
  const run = runOf(BOTH);
  assert.deepEqual(run.stretches, [
    { phase: 1, from: 0, to: 10 },
    { phase: 2, from: 10, to: 20 },
  ]);
  assert.deepEqual(
    [0, 1, 2].map((frame) => run.phase(frame)),
    [1, 1, 2],
  );
  assert.equal(run.describe(2), "step 20 of 20, accuracy 50.0 percent, phase 2 failure");
});

test("an accuracy that rises and falls is no phase where none was measured", () => {
  const run = runOf(NONE);
  assert.deepEqual(
    run.stretches.map(({ phase }) => phase),
    [0, 0],
  );
  assert.equal(run.describe(2), "step 20 of 20, accuracy 50.0 percent");
});

test("without labels or with one frame there is one stretch of no phase", () => {
  assert.deepEqual(runOf(NONE, -1).stretches, [{ phase: 0, from: 0, to: 20 }]);
  const single = Object.assign(runOf(NONE, 0), { steps: [0], frameCount: 1 });
  assert.deepEqual(single.stretches, [{ phase: 0, from: 0, to: 0 }]);
});
