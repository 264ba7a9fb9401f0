// Opens the sidebar, which Streamlit lets nobody but its own button do.

/** @import { Component } from "../../../figures/web/types" */

/** What the address filled in when the form was last opened for it. */
let filled = "";

/** @param {Component<string>} component `data` is what the address fills in, or nothing */
export default function mount({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  if (!button) return;
  button.onclick = () => {
    open();
    // Once it is in sight; a form that scrolls would close the list that a person has opened in it.
    setTimeout(() => element("[data-testid=stSidebar] input")?.focus({ preventScroll: true }));
  };
  if (data && data !== filled) open();
  filled = data;
}

const open = () => element("[data-testid=stExpandSidebarButton]")?.click();

/**
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
const element = (selector) => document.querySelector(selector);
