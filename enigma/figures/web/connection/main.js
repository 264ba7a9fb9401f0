// Says in a thin bar when the server is gone, where Streamlit would freeze the page: what the browser draws goes on.

import { element, find } from "../shared/dom.js";

/** @import { Component } from "../types" */

// How Streamlit 1.67 tells that it has lost its server: an attribute of the app, and after some tries a dialog.
const APP = "[data-testid=stApp]";
const STATE = "data-test-connection-state";
const DIALOG = "[data-testid=stDialog]";
const TITLE = "Connection error";

/** A server that answers again within so many milliseconds was not gone. */
const PATIENCE = 1500;
/** So many after a dialog has been closed, the focus is where it will be. */
const SETTLING = 100;

/** @type {WeakMap<HTMLElement, Connection>} */
const mounted = new WeakMap();

/** The bar, and what it depends on. */
class Connection {
  /** @param {HTMLElement} bar */
  constructor(bar) {
    this.bar = bar;
    this.app = find(document, APP);
    this.timer = 0;
    this.state = new MutationObserver(() => this.look());
    this.dialogs = new MutationObserver(() => this.dismiss());
    /** What had the focus before a dialog took it. @type {Element | null} */
    this.focused = null;
    this.state.observe(this.app, { attributeFilter: [STATE] });
    this.look();
  }

  look() {
    if (this.app.getAttribute(STATE) === "CONNECTED") {
      this.forget();
      this.bar.hidden = true;
    } else if (!this.timer) {
      this.timer = window.setTimeout(() => this.show(), PATIENCE);
      this.focused = focused();
      this.dialogs.observe(document.body, { childList: true, subtree: true });
    }
  }

  /** Closes Streamlit's dialog on the lost server, which keeps everything else from being touched; no other dialog. */
  dismiss() {
    const dialog = document.querySelector(DIALOG);
    const before = focused();
    // A dialog takes the focus a moment after it has come, and before that nothing has it.
    if (before !== document.body && !dialog?.contains(before)) this.focused = before;
    if (!dialog?.textContent?.includes(TITLE)) return;
    const close = dialog.querySelector("button[aria-label=Close]");
    if (!(close instanceof HTMLElement)) return;
    close.click();
    window.setTimeout(() => this.refocus(), SETTLING);
  }

  /** Streamlit gives the focus back, but not to what is within a component. */
  refocus() {
    if (focused() === document.body && this.focused instanceof HTMLElement) this.focused.focus({ preventScroll: true });
  }

  forget() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.dialogs.disconnect();
  }

  show() {
    this.bar.replaceChildren("The server is gone; start it again with ");
    element(this.bar, "code", "", "enigma app");
    this.bar.append(". Scrubbing goes on.");
    this.bar.hidden = false;
  }

  end() {
    this.forget();
    this.state.disconnect();
  }
}

/** What has the focus, also within a component. */
function focused() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/**
 * Streamlit calls this at every rerun, with the same parent element.
 * @param {Component<null>} component
 */
export default function mount({ parentElement }) {
  const bar = find(parentElement, ".connection");
  if (!mounted.has(bar)) mounted.set(bar, new Connection(bar));
  return () => {
    mounted.get(bar)?.end();
    mounted.delete(bar);
  };
}
