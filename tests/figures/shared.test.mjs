// What the browser's components share.

import assert from "node:assert/strict";
import { test } from "node:test";

import { blend, hex, mix, parse } from "../../enigma/figures/web/shared/colors.js";
import { percent, roundStride, short, signed, ticks } from "../../enigma/figures/web/shared/numbers.js";
import { StepAxis } from "../../enigma/figures/web/shared/step_axis.js";

const STEPS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

test("a time and its position on the axis are inverse, logarithmic and linear", () => {
  for (const logarithmic of [true, false]) {
    const axis = new StepAxis(STEPS, logarithmic);
    for (const time of [0, 0.25, 3, 6.5, 10]) {
      assert.ok(Math.abs(axis.timeAt(axis.positionOfTime(time)) - time) < 1e-9);
    }
    assert.equal(axis.timeAt(-1), 0);
    assert.equal(axis.timeAt(2), 10);
  }
});

test("a run with one frame has one position and one time", () => {
  const axis = new StepAxis([0], true);
  assert.equal(axis.positionOfTime(0), 0);
  assert.equal(axis.timeAt(0.7), 0);
  assert.deepEqual(axis.ticks(300), [0]);
});

test("step labels keep their distance at any width", () => {
  for (const logarithmic of [true, false]) {
    const axis = new StepAxis(STEPS, logarithmic);
    for (const width of [120, 300, 900]) {
      const places = axis.ticks(width).map((step) => axis.position(step) * width);
      for (let index = 1; index < places.length; index++) assert.ok(places[index] - places[index - 1] >= 44);
    }
  }
  assert.deepEqual(new StepAxis(STEPS, true).ticks(600), [0, 1, 10, 100, 1000]);
});

test("numbers are written alike everywhere and missing ones as a dash", () => {
  assert.equal(percent(0.6543), "65.4 %");
  assert.equal(percent(null), "–");
  assert.equal(short(0.2591), "0.259");
  assert.equal(short(8), "8.00");
  assert.equal(signed(-0.5), "−0.50");
  assert.equal(signed(-0.001), "+0.00");
});

test("colours mix evenly and are written as they are read", () => {
  assert.equal(mix(0x000000, 0xffffff, 0.5), 0x808080);
  assert.equal(blend("#000000", "#ff8000", 0.5), "#804000");
  for (const color of ["#000000", "#0000ff", "#12151c"]) assert.equal(hex(parse(color)), color);
});

test("axes have round ticks inside their range", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-8, 8, 4), [-5, 0, 5]);
  assert.deepEqual([0.3, 1, 3, 7].map(roundStride), [0.5, 1, 5, 10]);
});
