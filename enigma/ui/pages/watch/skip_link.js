// Leads to the timeline, which lies in a component of its own and hears of it by an event.

/** @import { Component } from "../../../figures/web/types" */

/** @param {Component<null>} component */
export default function mount({ parentElement }) {
  const link = parentElement.querySelector("a");
  if (!link) return;
  link.onclick = (event) => {
    event.preventDefault();
    document.dispatchEvent(new Event("enigma-timeline"));
  };
  // Nobody meets it before it works.
  link.hidden = false;
}
