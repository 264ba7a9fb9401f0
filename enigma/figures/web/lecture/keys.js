// Keys that lead through the story: arrows, and what a clicker sends.

/** @import { Stepper } from "./stepper.js" */

const TURNS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const CLICKER = ["PageDown", "PageUp"];

/**
 * @param {Stepper} stepper
 * @param {KeyboardEvent} event
 */
export function onKey(stepper, event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const target = event.composedPath()[0];
  const isTaken =
    target instanceof Element && target.matches("input, textarea, select, [role=slider], [contenteditable]");
  // A clicker has nothing but these; arrows move a slider that has the focus.
  if (isTaken && !CLICKER.includes(event.key)) return;
  const turn = TURNS[/** @type {keyof typeof TURNS} */ (event.key)];
  if (turn) stepper.visit(stepper.current + turn);
  else if (event.key === "f") stepper.hall.full.click();
  else if (event.key === "n") stepper.hall.toggleNotes();
  else if (event.key === "Escape") stepper.hall.leave();
  else return;
  event.preventDefault();
}
