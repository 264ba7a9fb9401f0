// Where Streamlit enters.

import { App } from "./app.js";

const mounted = new WeakMap();

/** Streamlit calls this at every rerun and at every change of theme, with the same parent element. */
export default function mount(component) {
  const root = component.parentElement.querySelector(".scrubber");
  if (!mounted.has(root)) mounted.set(root, new App(root));
  const app = mounted.get(root);
  app.update(component);
  return () => {
    app.unmount();
    mounted.delete(root);
  };
}
