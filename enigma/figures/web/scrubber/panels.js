// The numbers on top, what the picture says about itself, and explanations on hover.

import { find, findAll } from "../shared/dom.js";
import { percent } from "../shared/numbers.js";

/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */
/** @import { ProjectionEntry } from "../types" */

const EXPLANATIONS = {
  source: "",
  first: "",
  best: "The highest accuracy on the recorded frames. A phase 1 ends here, and a phase 2 begins.",
  now: "Accuracy of the frame that is shown.",
  phase:
    "Phase 1, success: accuracy is above that of frame 0 beyond chance. Phase 2, failure: it has fallen below the best " +
    "beyond chance.",
};

const NO_LABELS = "Not known, because the test images have no labels.";

/** One line of text that appears beside whatever is hovered or focused. */
export class Explainer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.bubble = find(root, ".explanation");
    /** What says the text that is on screen. @type {() => void} */
    this.refresh = () => {};
  }

  /**
   * @param {HTMLElement} element
   * @param {() => string} text
   */
  attach(element, text) {
    const show = () => {
      this.show(element, text());
      this.refresh = () => this.show(element, text());
    };
    const hide = () => {
      this.bubble.hidden = true;
      this.refresh = () => {};
    };
    element.addEventListener("pointerenter", show);
    element.addEventListener("focus", show);
    element.addEventListener("pointerleave", hide);
    element.addEventListener("blur", hide);
    element.setAttribute("aria-describedby", "explanation");
  }

  /**
   * @param {HTMLElement} element
   * @param {string} text
   */
  show(element, text) {
    this.bubble.textContent = text;
    this.bubble.hidden = false;
    const outer = this.root.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    const left = Math.min(inner.left - outer.left, outer.width - this.bubble.offsetWidth - 4);
    this.bubble.style.left = `${Math.max(left, 4)}px`;
    this.bubble.style.top = `${inner.bottom - outer.top + 6}px`;
  }
}

/** The row of accuracies. */
export class Tiles {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   * @param {Explainer} explainer
   */
  constructor(app, root, explainer) {
    this.app = app;
    /** @type {Record<string, { name: HTMLElement, value: HTMLElement, tile: HTMLElement }>} */
    this.tiles = {};
    this.frame = -1;
    for (const tile of findAll(root, ".tile")) {
      const name = /** @type {keyof typeof EXPLANATIONS} */ (tile.dataset.tile);
      this.tiles[name] = { name: find(tile, ".name"), value: find(tile, ".value"), tile };
      explainer.attach(tile, () => this.explanation(name));
    }
  }

  /** @param {keyof typeof EXPLANATIONS} name */
  explanation(name) {
    const { run, view } = this.app;
    if (!run) return EXPLANATIONS[name];
    const told = run.course.told[Math.round(view.time)];
    if (!run.hasPhases) return name === "phase" ? `${NO_LABELS} ${told}` : NO_LABELS;
    if (name === "source" || name === "first") return run.words[name];
    return name === "phase" ? `${told} ${EXPLANATIONS.phase}` : EXPLANATIONS[name];
  }

  load() {
    const { run } = this.app;
    const best = run.frameAt(run.phaseBoundary);
    this.tiles.source.value.textContent = percent(run.sourceAccuracy);
    this.tiles.first.value.textContent = percent(run.metric("accuracy", 0));
    this.tiles.best.name.textContent = run.hasPhases ? `best · step ${run.steps[best]}` : "best";
    this.tiles.best.value.textContent = percent(run.metric("accuracy", best));
    this.frame = -1;
  }

  draw() {
    const { run, view } = this.app;
    const frame = Math.round(view.time);
    if (frame === this.frame) return;
    this.frame = frame;
    this.tiles.now.name.textContent = `now · step ${run.steps[frame]}`;
    this.tiles.now.value.textContent = percent(run.metric("accuracy", frame));
    this.tiles.phase.value.textContent = run.course.labels[frame];
    this.tiles.phase.tile.dataset.phase = String(run.phase(frame));
  }
}

/** Which projection this is and how far to trust it. */
export class Provenance {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   * @param {Explainer} explainer
   */
  constructor(app, root, explainer) {
    this.app = app;
    this.explainer = explainer;
    this.choice = find(root, ".projection-choice", HTMLSelectElement);
    this.choice.addEventListener("change", () => app.setProjection(this.choice.value));
    this.trust = find(root, ".trust");
    this.warning = find(root, ".warning");
    explainer.attach(this.trust, () => this.explanation());
  }

  explanation() {
    const { run, view } = this.app;
    if (view.projection === run.drawn) return explainTrust(run.projection);
    return `Until it is computed, the picture is as before: ${run.projection.title}.`;
  }

  load() {
    const { run, view } = this.app;
    const { projection, drawn } = run;
    const options = projectionTitles(run).map(([name, title]) => new Option(title, name));
    this.choice.replaceChildren(...options);
    this.choice.value = view.projection;
    this.choice.disabled = options.length < 2;
    this.trust.textContent = view.projection === drawn ? projection.shows : "computing …";
    this.explainer.refresh();
    this.trust.toggleAttribute("data-doubtful", projection.isDoubtful);
    this.warning.textContent = projection.warning;
    this.warning.hidden = !projection.warning;
  }
}

/**
 * Name and title of the projections to choose from; of the one that is drawn, what it is.
 * @param {Pick<Run, "projections" | "projection" | "drawn">} run
 * @returns {[string, string][]}
 */
export function projectionTitles({ projections, projection, drawn }) {
  // A page that stands alone has only this one.
  if (!projections.some(([name]) => name === drawn)) return [...projections, [drawn, projection.title]];
  return projections.map(([name, title]) => {
    if (name !== drawn) return [name, title];
    // Another stands in while the chosen one cannot be made yet.
    const isItself = projection.name === drawn;
    return [name, isItself ? projection.title : `${projection.title}, in place of ${title.split(",")[0]}`];
  });
}

/**
 * What a projection shows, with the numbers and their intervals.
 * @param {Pick<ProjectionEntry, "fittedOn" | "told">} parts
 */
export function explainTrust({ fittedOn, told }) {
  const fitted = fittedOn ? [`Fitted on ${fittedOn}.`] : [];
  return [...fitted, ...told, "A picture of two dimensions always leaves something out."].join("\n");
}
