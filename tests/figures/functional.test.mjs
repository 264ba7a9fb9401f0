// The mathematics of the Functional page. With EXPECTED set, also agrees with what Python computes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { descend } from "../../enigma/figures/web/functional/batch.js";
import * as maths from "../../enigma/figures/web/functional/maths.js";
import { label } from "../../enigma/figures/web/functional/svg.js";
import { AXIS, dataset } from "../../enigma/figures/web/functional/points.js";
import { csv } from "../../enigma/figures/web/functional/save.js";

const near = (actual, expected, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

// Pytest says what Python computes.
if (process.env.EXPECTED) {
  test("everything agrees with Python", () => {
    const expected = JSON.parse(readFileSync(process.env.EXPECTED, "utf-8"));
    expected.z.forEach((z, index) => {
      near(maths.entropy(z), expected.entropy[index]);
      near(maths.slope(z), expected.slope[index]);
    });
    near(maths.STEEPEST, expected.steepest, 1e-9);
    const after = Array.from({ length: 50 }).reduce(
      (neuron) => maths.neuronStep(neuron, expected.points, 0.3),
      expected.neuron,
    );
    for (const [index, value] of [...after.w, ...after.g, after.b].entries())
      near(value, expected.neuronAfter[index], 1e-10);
    let unit = expected.unit;
    for (let step = 0; step < 50; step++) unit = maths.batchStep(unit, expected.inputs, 0.3, 0.7);
    near(unit.s, expected.unitAfter[0], 1e-10);
    near(unit.b, expected.unitAfter[1], 1e-10);
    near(maths.batchMeasures(unit, expected.inputs).marginal, expected.marginal, 1e-10);
  });
}

test("entropy and slope are finite and right at any size", () => {
  assert.equal(maths.entropy(0), 1);
  for (const z of [-1e4, -800, 800, 1e4]) {
    assert.equal(maths.entropy(z), 0);
    near(maths.slope(z), 0);
  }
  assert.equal(maths.binaryEntropy(1, 0), 0);
});

test("w - G is conserved and w + G moves twice as fast as one weight", () => {
  const { points } = dataset("centred");
  let both = { w: [0.3, -0.1], g: [-0.2, 0.4], b: 0 };
  for (let step = 0; step < 100; step++) both = maths.neuronStep(both, points, 0.2);
  near(both.w[0] - both.g[0], 0.5);
  near(both.w[1] - both.g[1], -0.5);
});

test("a neuron at zero never moves", () => {
  const still = maths.neuronStep({ w: [0, 0], g: [0, 0], b: 0 }, dataset("centred").points, 10);
  for (const value of [...still.w, ...still.g, still.b]) near(value, 0);
});

test("opposite starts end with opposite answers, equally certain", () => {
  const { points, groups } = dataset("centred");
  const end = (side) => {
    const angle = (AXIS * Math.PI) / 180;
    let neuron = { w: [side * 0.5 * Math.cos(angle), side * 0.5 * Math.sin(angle)], g: [0, 0], b: 0 };
    for (let step = 0; step < 200; step++) neuron = maths.neuronStep(neuron, points, 0.5);
    return { ...maths.agreement(neuron, points, groups), entropy: maths.meanEntropy(neuron, points) };
  };
  const [one, other] = [end(1), end(-1)];
  assert.notEqual(one.flipped, other.flipped);
  assert.ok(one.share > 0.95 && other.share > 0.95);
  near(one.entropy, other.entropy, 1e-9);
});

test("H alone sends the whole batch to one side, and the marginal entropy keeps it on both", () => {
  const last = (weight) => descend({ s: 0.3, b: 0.8 }, weight, 0.5).at(-1);
  const inputs = [-1, 1];
  assert.ok(inputs.every((x) => last(0).s * x + last(0).b > 1));
  assert.ok(last(1).s * -1 + last(1).b < -1 && last(1).s + last(1).b > 1);
});

test("a point at zero is on neither side, and one group is one group", () => {
  assert.deepEqual(maths.sides([0, 0, 0]), { above: 0, below: 0, at: 3 });
  assert.deepEqual(maths.sides([-1, 0, 2]), { above: 1, below: 1, at: 1 });
  assert.equal(new Set(dataset("single").groups).size, 1);
  assert.equal(new Set(dataset("centred").groups).size, 2);
});

test("numbers are saved as CSV, with a minus of full width on an axis", () => {
  assert.equal(label(-0.25), "−0.25");
  assert.equal(
    csv([
      ["a", "b"],
      [1, 'say "x", y'],
    ]),
    'a,b\n1,"say ""x"", y"\n',
  );
});
