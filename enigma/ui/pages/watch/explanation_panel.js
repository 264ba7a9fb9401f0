// Draws what the server wrote, and makes each step that it names a link that moves the page.

/** @import { Component } from "../../../figures/web/types" */

/** What each place shows, so that the same text is not drawn again. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/** @param {Component<string>} component */
export default function mount({ parentElement, data, setTriggerValue }) {
  const told = parentElement.querySelector(".told");
  if (!(told instanceof HTMLElement)) return;
  if (drawn.get(told) !== data) told.innerHTML = data;
  drawn.set(told, data);
  told.onclick = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-step]") : null;
    // With a modifier key the browser opens the link elsewhere, as any other.
    if (!(link instanceof HTMLElement) || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    setTriggerValue("step", Number(link.dataset.step));
    document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
  };
}
