// What Streamlit calls: once at first, and again at every rerun of the page.

import { View } from "./view.js";

/** Streamlit calls this at every rerun, with the same parent element. */
export default function mount({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".unknowns");
  const identity = `${data.run} ${data.steps.join()}`;
  if (root.view?.identity !== identity) {
    root.view?.unmount();
    root.view = new View(root, data, (state) => {
      for (const [name, value] of Object.entries(state)) setStateValue(name, value);
    });
    root.view.identity = identity;
  }
  return () => {
    root.view?.unmount();
    root.view = null;
  };
}
