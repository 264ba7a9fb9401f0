// Tells Python, and the address of the page, where a person came to rest.

import { FIRST_COLORING, FIRST_PROJECTION, MOST_SELECTED } from "../shared/tokens.js";

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
    this.timer = 0;
    this.isTurn = false;
    // Who goes back or forward is elsewhere: what was still to be told of the place before would overwrite it.
    this.left = () => this.stop();
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
    if (!changed.length || !this.send) return;
    const address = location.pathname + writeAddress(location.search, this.app.run, state);
    // Before Python does it, so that moving through a run leaves no trail of steps to go back through.
    if (this.isTurn) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address);
    this.isTurn = false;
    this.known = { ...this.known, ...Object.fromEntries(changed) };
    for (const [name, value] of changed) this.send(name, value);
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

/**
 * The query of an address that leads here, written exactly as the server writes it.
 * @param {string} query
 * @param {Pick<Run, "runId" | "steps">} run
 * @param {Place} options
 */
export function writeAddress(query, run, { step, color, selected, zoom, beside, projection }) {
  const address = new URLSearchParams(query);
  const wanted = {
    run: run.runId,
    step: step === run.steps[0] ? "" : String(step),
    color: color === FIRST_COLORING ? "" : color,
    selected: selected.length > MOST_SELECTED ? "" : selected.join(),
    zoom,
    beside,
    projection: projection === FIRST_PROJECTION ? "" : projection,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value) address.set(name, value);
    else address.delete(name);
  }
  return `?${address}`;
}
