// What of a view stands in the address of the page: how it is written, and taken up again.

import { MOST_SELECTED } from "../shared/tokens.js";
import { StepAxis } from "../shared/step_axis.js";
import { firstShown, LAYERS } from "./layers.js";
import { classesApart } from "./points.js";
import { readZoom, writeZoom } from "./zoom.js";

/** @import { Header, Place, View } from "../types" */
/** @import { App } from "./app.js" */

/**
 * Where a person is, in the words of `View` in pack.py.
 * @param {View} view
 * @param {number} step
 * @returns {Place}
 */
export function placeOf(view, step) {
  return {
    step,
    color: view.color,
    selected: [...view.selected].sort((a, b) => a - b),
    zoom: writeZoom(view.zoom),
    beside: view.beside,
    projection: view.projection,
    alone: view.alone < 0 ? "" : String(view.alone),
    hidden: writeHidden(view.hidden),
    without: LAYERS.filter(({ layer, shown }) => shown && !view.show[layer])
      .map(({ layer }) => layer)
      .join(),
    axis: view.logarithmic ? "" : "linear",
  };
}

/**
 * How each part of a place but the step is taken up.
 * @type {Record<string, (view: View, place: Place, classes: number) => void>}
 */
const TAKEN = {
  color: (view, place) => (view.color = place.color),
  selected: (view, place) => (view.selected = new Set(place.selected)),
  zoom: (view, place) => (view.zoom = readZoom(place.zoom)),
  beside: (view, place) => (view.beside = place.beside),
  projection: (view, place) => (view.projection = place.projection),
  alone: (view, place, classes) =>
    (view.alone = place.alone && Number(place.alone) < classes ? Number(place.alone) : -1),
  hidden: (view, place) => readHidden(place.hidden, view.hidden),
  without: (view, place) => {
    const without = new Set(place.without.split(","));
    view.show = firstShown();
    for (const { layer } of LAYERS) if (without.has(layer)) view.show[layer] = false;
  },
  axis: (view, place) => (view.logarithmic = place.axis !== "linear"),
};

/** All parts of a place. */
const PARTS = ["step", ...Object.keys(TAKEN)];

/**
 * Which parts of a place Python asks a view to take up: those that it wants changed, or all where it starts anew. What
 * a person has chosen elsewhere meanwhile stays.
 * @param {View} view
 * @param {Pick<Header, "command" | "startedAt" | "asked">} wish
 */
export function wishedOf(view, { command, startedAt, asked }) {
  if (view.command === command) return new Set();
  return new Set(view.command < startedAt ? PARTS : asked);
}

/**
 * Stands where Python says, but for the step.
 * @param {View} view
 * @param {Place} place
 * @param {Set<string>} wished
 * @param {number} classes how many can be shown alone
 */
export function takePlace(view, place, wished, classes) {
  for (const [name, take] of Object.entries(TAKEN)) if (wished.has(name)) take(view, place, classes);
}

/**
 * Goes to another place in the same run.
 * @param {App} app
 * @param {Place} place
 * @param {Set<string>} wished which parts of it
 */
export function stand(app, place, wished) {
  const { run, view } = app;
  takePlace(view, place, wished, classesApart(run));
  app.axis = new StepAxis(run.steps, view.logarithmic);
  if (wished.has("step")) app.timeline.stop(false);
  app.loaded();
  if (wished.has("step")) app.motion.glideTo(run.frameAt(place.step));
}

/**
 * Goes to the place that an address names; a selection that is too large for an address stays.
 * @param {App} app
 * @param {Place} place
 */
export function returnTo(app, place) {
  const wished = new Set(PARTS);
  if (app.view.selected.size > MOST_SELECTED) wished.delete("selected");
  stand(app, place, wished);
}

/** @param {View["hidden"]} hidden */
function writeHidden(hidden) {
  return Object.entries(hidden)
    .filter(([, groups]) => groups.size)
    .map(([color, groups]) => [color, ...[...groups].sort((a, b) => a - b)].join("."))
    .join();
}

/**
 * @param {string} text
 * @param {View["hidden"]} hidden
 */
function readHidden(text, hidden) {
  const told = new Map(text.split(",").map((part) => [part.split(".")[0], part.split(".").slice(1).map(Number)]));
  for (const [color, groups] of Object.entries(hidden)) {
    groups.clear();
    for (const group of told.get(color) ?? []) groups.add(group);
  }
}
