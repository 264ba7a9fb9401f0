// From what Streamlit hands over to the run on screen, and what is kept between two visits.

import { decodeArrays, inflate, readPayloads } from "./decode.js";
import { Sprite } from "./images.js";
import { carryZoom, Run, timeAfterReload } from "./model.js";
import { stand, takePlace, wishedOf } from "./place.js";
import { classesApart } from "./points.js";
import { runInAddress } from "./report.js";
import { StepAxis } from "../shared/step_axis.js";

/** @import { App } from "./app.js" */
/** @import { Header, Payload } from "../types" */

/** What Python wants of a view is no part of the pictures. */
const WISHES = { view: 0, command: 0, startedAt: 0, asked: 0 };

/** What was left under each key; outlives a view that leaves the page and comes back. */
const remembered = new Map();

/**
 * Takes what Streamlit hands over; the same payload again changes nothing.
 * @param {App} app
 * @param {Uint8Array} data
 */
export async function take(app, data) {
  const payloads = readPayloads(data);
  // Everything but what Python wants of us, and what it has found for a selection, says which pictures these are.
  const identity = JSON.stringify(payloads.map(({ header }) => ({ ...header, ...WISHES, neighbors: 0 })));
  const { header } = payloads[0];
  const newest = (app.newest = `${identity} ${header.command}`);
  if (identity === app.identity) {
    if (header.command !== app.view.command) obey(app, header);
    app.nearby.take(payloads[0]);
    return;
  }
  const [first, second] = await Promise.all(payloads.map(decode));
  // While this was being decompressed another payload may have come.
  if (app.newest !== newest) return;
  app.identity = identity;
  app.sprite = first.sprite;
  app.beside.setOther(second);
  show(app, new Run(first.header, first.arrays));
  app.nearby.take(payloads[0]);
}

/** @param {Payload} parts */
async function decode({ header, body, thumbnails }) {
  const sprite = new Sprite(header.thumbnails);
  const [raw] = await Promise.all([inflate(body), sprite.load(thumbnails)]);
  return { header, sprite, arrays: decodeArrays(header.arrays, raw) };
}

/**
 * @param {App} app
 * @param {Run} run
 */
function show(app, run) {
  const previous = app.run ?? recall(app, run);
  const { view } = app;
  const wished = wishedOf(view, run);
  const time = timeAfterReload(view, wished.has("step") ? null : previous, run);
  if (previous?.runId !== run.runId) view.selected.clear();
  takePlace(view, run.view, wished, classesApart(run));
  carryZoom(view, previous, run);
  view.command = run.command;
  view.hover = -1;
  view.time = time;
  app.motion.glide = null;
  app.run = run;
  app.reporter.named = runInAddress();
  app.axis = new StepAxis(run.steps, view.logarithmic);
  app.loaded();
  if (previous) app.reporter.soon();
}

/**
 * Takes up the view that was left under the same key; returns the run it showed.
 * @param {App} app
 * @param {Run} run
 */
function recall(app, run) {
  // Python starts a new view with exactly this.
  app.reporter.known = { ...run.view, step: run.steps[run.frameAt(run.view.step)] };
  const left = remembered.get(run.key);
  if (!left) return null;
  app.view = left.view;
  if (left.view.command === run.command) app.reporter.known = left.known;
  return left.run;
}

/**
 * Python asks for another place in the same run.
 * @param {App} app
 * @param {Header} header
 */
function obey(app, header) {
  const wished = wishedOf(app.view, header);
  app.view.command = header.command;
  stand(app, header.view, wished);
}

/** @param {App} app */
export function remember(app) {
  if (app.run) remembered.set(app.run.key, { view: app.view, run: app.run, known: app.reporter.known });
}
