// The buttons at the picture that say what it frames.

import { find } from "../shared/dom.js";
import { classesApart } from "./points.js";
import { isByHand } from "./zoom.js";

/** @import { App } from "./app.js" */

/** Follow, whole run, closer and farther, and the choice of one class. */
export class CameraButtons {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.follow = find(root, ".camera .follow");
    this.whole = find(root, ".camera .whole");
    this.choice = find(root, ".alone", HTMLSelectElement);
    this.follow.addEventListener("click", () => app.setFollow(true));
    this.whole.addEventListener("click", () => app.setFollow(false));
    find(root, ".zoom-in").addEventListener("click", () => app.run && app.plot.zoomBy(1.5));
    find(root, ".zoom-out").addEventListener("click", () => app.run && app.plot.zoomBy(1 / 1.5));
    this.choice.addEventListener("change", () => app.setAlone(Number(this.choice.value)));
  }

  load() {
    const { run } = this.app;
    const apart = classesApart(run);
    const options = run.classes.slice(0, apart).map((name, index) => new Option(name, String(index)));
    find(this.root, ".alone-choice").hidden = !apart;
    this.choice.replaceChildren(new Option("all", "-1"), ...options);
  }

  draw() {
    const { zoom, show, alone } = this.app.view;
    // Neither, while a person has chosen a part by hand.
    this.follow.setAttribute("aria-pressed", String(!isByHand(zoom) && show.follow));
    this.whole.setAttribute("aria-pressed", String(!isByHand(zoom) && !show.follow));
    if (this.choice.value !== String(alone)) this.choice.value = String(alone);
  }
}
