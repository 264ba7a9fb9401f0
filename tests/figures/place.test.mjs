// Where a person stands: how it is written into an address, taken up again, and asked for by Python.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newView } from "../../enigma/figures/web/scrubber/model.js";
import { placeOf, takePlace, wishedOf } from "../../enigma/figures/web/scrubber/place.js";
import { classesApart } from "../../enigma/figures/web/scrubber/points.js";
import { readAddress, writeAddress } from "../../enigma/figures/web/scrubber/report.js";
import { UNKNOWN } from "../../enigma/figures/web/shared/tokens.js";

test("an address holds what differs from the first view, in the words of the server", () => {
  const run = { runId: "abc", steps: [0, 10] };
  const view = placeOf(newView(), 0);
  assert.equal(writeAddress("", run, view), "?run=abc&step=0");
  const other = { ...view, step: 10, color: "flipped", selected: [3, 5], zoom: "2.00,1,1", beside: "0" };
  assert.equal(
    writeAddress("?projection=pca", run, { ...other, projection: "pca", axis: "linear" }),
    "?projection=pca&run=abc&step=10&color=flipped&selected=3%2C5&zoom=2.00%2C1%2C1&beside=0&axis=linear",
  );
  assert.equal(writeAddress("?run=abc&step=10&color=flipped", run, view), "?run=abc&step=0");
});

test("a class can be shown alone only where something says whose an image is", () => {
  const run = { classes: ["cat", "dog"], labels: Uint16Array.of(0, 1), distanceClasses: undefined };
  assert.equal(classesApart(run), 2);
  run.labels.fill(UNKNOWN);
  assert.equal(classesApart(run), 0);
  run.distanceClasses = Uint16Array.of(0, 1, 0, 1, 0, UNKNOWN);
  assert.equal(classesApart(run), 2);
  const view = newView();
  takePlace(view, readAddress("?alone=1", { projections: [] }), new Set(["alone"]), 0);
  assert.equal(view.alone, -1);
});

test("an address leads back to the place it was written for, and nonsense in one is passed over", () => {
  const run = { runId: "abc", steps: [0, 10], projections: [["true-distances"], ["pca"]] };
  const first = placeOf(newView(), 0);
  const other = {
    ...first,
    step: 10,
    color: "flipped",
    selected: [3, 5],
    alone: "1",
    projection: "pca",
    axis: "linear",
  };
  for (const place of [first, other]) assert.deepEqual(readAddress(writeAddress("", run, place), run), place);
  assert.deepEqual(readAddress("?step=x&color=red&projection=map", run), first);
});

test("a place holds class, layers, axis and what the legend hides, and leads back to them", () => {
  const view = newView();
  view.alone = 1;
  view.logarithmic = false;
  view.show.density = view.show.follow = false;
  for (const [color, group] of [
    ["label", 5],
    ["label", 2],
    ["flipped", 0],
  ]) {
    view.hidden[color].add(group);
  }
  const place = placeOf(view, 10);
  assert.deepEqual(
    [place.alone, place.hidden, place.without, place.axis],
    ["1", "label.2.5,flipped.0", "density,follow", "linear"],
  );
  const other = newView();
  other.hidden.correctness.add(1);
  const all = wishedOf(other, { command: 0, startedAt: 0, asked: [] });
  takePlace(other, place, all, 10);
  assert.deepEqual(placeOf(other, 10), place);
  // A class that is not there, a layer that nobody knows.
  takePlace(other, { ...placeOf(newView(), 0), alone: "12", without: "x", hidden: "x.1" }, all, 10);
  assert.deepEqual(placeOf(other, 0), placeOf(newView(), 0));
});

test("what Python does not ask to change stays as a person chose it meanwhile", () => {
  const view = { ...newView(), command: 3, projection: "umap" };
  assert.deepEqual(wishedOf(view, { command: 3, startedAt: 0, asked: ["step"] }), new Set());
  const wished = wishedOf(view, { command: 4, startedAt: 0, asked: ["step", "color"] });
  takePlace(view, { ...placeOf(newView(), 20), color: "entropy" }, wished, 10);
  assert.deepEqual([view.projection, view.color, wished.has("step")], ["umap", "entropy", true]);
  // A view that began anew since takes everything.
  takePlace(view, placeOf(newView(), 20), wishedOf(view, { command: 5, startedAt: 4, asked: [] }), 10);
  assert.deepEqual(placeOf(view, 0), placeOf(newView(), 0));
});
