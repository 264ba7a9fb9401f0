// From what Streamlit hands over to the run on screen, and what is kept between two visits.

import { decodeArrays, inflate, readPayloads } from "./decode.js";
import { Sprite } from "./images.js";
import { carryZoom, Run, timeAfterReload } from "./model.js";
import { readZoom } from "./projection.js";
import { StepAxis } from "../shared/step_axis.js";

/** @import { App } from "./app.js" */
/** @import { Header, Payload, Place } from "../types" */

/** What was left under each key; outlives a view that leaves the page and comes back. */
const remembered = new Map();

/**
 * Takes what Streamlit hands over; the same payload again changes nothing.
 * @param {App} app
 * @param {Uint8Array} data
 */
export async function take(app, data) {
  const payloads = readPayloads(data);
  // Everything but what Python wants of us says which pictures these are.
  const identity = JSON.stringify(payloads.map(({ header }) => ({ ...header, view: 0, command: 0 })));
  const { header } = payloads[0];
  const newest = (app.newest = `${identity} ${header.command}`);
  if (identity === app.identity) {
    if (header.command !== app.view.command) obey(app, header);
    return;
  }
  const [first, second] = await Promise.all(payloads.map(decode));
  // While this was being decompressed another payload may have come.
  if (app.newest !== newest) return;
  app.identity = identity;
  app.sprite = first.sprite;
  app.beside.setOther(second);
  show(app, new Run(first.header, first.arrays));
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
  const time = timeAfterReload(view, previous, run);
  if (view.command !== run.command) adopt(app, run);
  else if (previous?.runId !== run.runId) view.selected.clear();
  carryZoom(view, previous, run);
  view.command = run.command;
  view.hover = -1;
  view.time = time;
  app.motion.glide = null;
  app.run = run;
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
 * Stands where Python wants, but for the step.
 * @param {App} app
 * @param {{ view: Place }} options
 */
function adopt(app, { view: wanted }) {
  app.view.color = wanted.color;
  app.view.selected = new Set(wanted.selected);
  app.view.zoom = readZoom(wanted.zoom);
  app.view.beside = wanted.beside;
  app.view.projection = wanted.projection;
}

/**
 * Python asks for another place in the same run.
 * @param {App} app
 * @param {Header} header
 */
function obey(app, header) {
  app.view.command = header.command;
  app.timeline.stop(false);
  adopt(app, header);
  app.loaded();
  app.motion.glideTo(app.run.frameAt(header.view.step));
}

/** @param {App} app */
export function remember(app) {
  if (app.run) remembered.set(app.run.key, { view: app.view, run: app.run, known: app.reporter.known });
}
