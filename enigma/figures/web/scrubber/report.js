// Tells Python, and the address of the page, where a person came to rest.

import { FIRST_COLORING, FIRST_PROJECTION, MOST_SELECTED } from "../shared/tokens.js";

const DELAY = 250;

/** Sends what changed, a moment after the last change. */
export class Reporter {
  constructor(app) {
    this.app = app;
    this.known = {};
    this.send = null;
    this.isTurn = false;
  }

  /** Reports a choice that one wants to go back from. */
  turn() {
    this.isTurn = true;
    this.soon();
  }

  soon() {
    this.stop();
    this.timer = setTimeout(() => this.tell(), DELAY);
  }

  tell() {
    const state = this.app.state();
    const changed = Object.entries(state).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(this.known[name]),
    );
    // A page that stands alone has nobody to tell and no address of ours.
    if (!changed.length || !this.send) return;
    const address = location.pathname + writeAddress(location.search, this.app.run, state);
    // Before Python does it, so that moving through a run leaves no trail of steps to go back through.
    if (this.isTurn) history.pushState({}, "", address);
    else history.replaceState(history.state, "", address);
    this.isTurn = false;
    for (const [name, value] of changed) {
      this.known[name] = value;
      this.send(name, value);
    }
  }

  stop() {
    clearTimeout(this.timer);
  }
}

/** The query of an address that leads here, written exactly as the server writes it. */
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
