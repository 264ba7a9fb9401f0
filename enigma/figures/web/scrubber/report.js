// Tells Python, and the address of the page, where a person came to rest.

import { COLORINGS, FIRST_COLORING, FIRST_PROJECTION, MOST_SELECTED } from "../shared/tokens.js";
import { returnTo } from "./place.js";

/** @import { Component, Place } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */

const DELAY = 250;

/** Sends what changed, a moment after the last change. */
export class Reporter {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** What Python knows. @type {Partial<Place>} */
    this.known = {};
    /** @type {Component<unknown>["setStateValue"] | null} */
    this.send = null;
    /** The run that the address named when this one came; it may be an earlier id of it. */
    this.named = "";
    this.timer = 0;
    this.isTurn = false;
    this.path = globalThis.location?.pathname;
    this.left = () => this.goBack();
    globalThis.addEventListener?.("popstate", this.left);
  }

  /** Reports a choice that one wants to go back from. */
  turn() {
    this.isTurn = true;
    this.soon();
  }

  soon() {
    this.stop();
    this.timer = window.setTimeout(() => this.tell(), DELAY);
  }

  tell() {
    const state = this.app.state();
    const known = new Map(Object.entries(this.known));
    const changed = Object.entries(state).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(known.get(name)),
    );
    // A page that stands alone has nobody to tell and no address of ours.
    if (!changed.length || !this.send || this.isLedAway()) return;
    const address = location.pathname + writeAddress(location.search, this.app.run, state);
    // Before Python does it, so that moving through a run leaves no trail of steps to go back through.
    if (this.isTurn) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address);
    this.isTurn = false;
    this.named = this.app.run.runId;
    this.known = { ...this.known, ...Object.fromEntries(changed) };
    for (const [name, value] of changed) this.send(name, value);
  }

  /** Who goes back or forward is elsewhere: what was still to be told of the place before would overwrite it. */
  goBack() {
    this.stop();
    this.isTurn = false;
    const { app } = this;
    if (!app.run || location.pathname !== this.path || runInAddress() !== app.run.runId) return;
    returnTo(app, readAddress(location.search, app.run));
    this.soon();
  }

  /** Whether the address names another run already: what was still to be told of this one would lead back. */
  isLedAway() {
    const named = runInAddress();
    return named !== "" && named !== this.named && named !== this.app.run.runId;
  }

  stop() {
    clearTimeout(this.timer);
  }

  /** Nothing is told from now on. */
  end() {
    this.stop();
    globalThis.removeEventListener?.("popstate", this.left);
  }
}

/** The run that the address names, or nothing. */
export function runInAddress() {
  return new URLSearchParams(location.search).get("run") ?? "";
}

/**
 * The query of an address that leads here, written exactly as the server writes it.
 * @param {string} query
 * @param {Pick<Run, "runId" | "steps">} run
 * @param {Place} options
 */
export function writeAddress(query, run, { step, color, selected, projection, ...texts }) {
  const address = new URLSearchParams(query);
  const wanted = {
    run: run.runId,
    // Also the first one: without a step a run that goes on shows its newest frame.
    step: String(step),
    color: color === FIRST_COLORING ? "" : color,
    selected: selected.length > MOST_SELECTED ? "" : selected.join(),
    projection: projection === FIRST_PROJECTION ? "" : projection,
    ...texts,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value) address.set(name, value);
    else address.delete(name);
  }
  return `?${address}`;
}

/**
 * The place that an address names; what makes no sense in it is as if it were not there.
 * @param {string} query
 * @param {Pick<Run, "projections">} run
 * @returns {Place}
 */
export function readAddress(query, { projections }) {
  const address = new URLSearchParams(query);
  /** @param {string} name */
  const text = (name) => address.get(name) ?? "";
  return {
    step: Number(text("step")) || 0,
    color: text("color") in COLORINGS ? text("color") : FIRST_COLORING,
    selected: text("selected").split(",").filter(Boolean).map(Number),
    projection: projections.some(([name]) => name === text("projection")) ? text("projection") : FIRST_PROJECTION,
    zoom: text("zoom"),
    beside: text("beside"),
    alone: text("alone"),
    hidden: text("hidden"),
    without: text("without"),
    axis: text("axis"),
  };
}
