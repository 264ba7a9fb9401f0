// The lecture: one part of the story at a time on the whole screen, its notes if they are wanted.
//
// What that looks like stands in hall.css; here it is only said, on the root of the page.

import { find, findAll } from "../shared/dom.js";

/** @import { Stepper } from "./stepper.js" */

export class Hall {
  /**
   * @param {HTMLElement} nav
   * @param {Stepper} stepper
   */
  constructor(nav, stepper) {
    this.nav = nav;
    this.stepper = stepper;
    this.root = document.documentElement;
    this.full = find(nav, ".full");
    this.notes = find(nav, ".notes");
    this.full.onclick = () => (this.isOn ? this.leave() : this.enter());
    this.notes.onclick = () => this.toggleNotes();
    this.wasWhole = false;
    document.addEventListener("fullscreenchange", () => this.changed(), {
      signal: stepper.listening.signal,
    });
    if (new URLSearchParams(location.search).has("lecture")) this.show(stepper.asked() ?? 1);
  }

  get isOn() {
    return this.root.dataset.hall !== undefined;
  }

  enter() {
    this.show(this.stepper.current);
    this.stepper.address({ lecture: "1" }, "replaceState");
    // A browser may refuse, as in a frame or on a phone; the lecture then fills the window.
    this.root.requestFullscreen?.().then(
      () => (this.wasWhole = true),
      () => (this.wasWhole = false),
    );
  }

  /** @param {number} part */
  show(part) {
    this.root.dataset.hall = String(part);
    this.nav.dataset.hall = "true";
    this.full.setAttribute("aria-pressed", "true");
    this.full.textContent = "Leave full screen";
  }

  leave() {
    if (!this.isOn) return;
    delete this.root.dataset.hall;
    delete this.nav.dataset.hall;
    this.full.setAttribute("aria-pressed", "false");
    this.full.textContent = "Full screen";
    this.wasWhole = false;
    if (document.fullscreenElement) void document.exitFullscreen();
    this.stepper.address({ lecture: null }, "replaceState");
    this.stepper.scroll(this.stepper.current, "instant");
  }

  /** Escape takes the browser back by itself. */
  changed() {
    if (this.wasWhole && !document.fullscreenElement) this.leave();
  }

  toggleNotes() {
    const shown = this.root.toggleAttribute("data-notes");
    this.notes.setAttribute("aria-pressed", String(shown));
    for (const notes of findAll(document, "details.ee-notes")) notes.toggleAttribute("open", shown);
  }

  unmount() {
    delete this.root.dataset.hall;
    this.root.removeAttribute("data-notes");
  }
}
