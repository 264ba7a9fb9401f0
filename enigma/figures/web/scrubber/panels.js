// The numbers on top, what the picture says about itself, and explanations on hover.

import { find, findAll } from "../shared/dom.js";
import { isNumber, percent } from "../shared/numbers.js";

/** @import { App } from "./app.js" */
/** @import { ProjectionEntry } from "../types" */

const EXPLANATIONS = {
  source: "Accuracy of the unadapted model with its stored normalisation statistics.",
  first: "Before any update. Where the method normalises with statistics of the test batch, these are already in use.",
  best: "The highest accuracy on the recorded frames. Phase 1 ends here and phase 2 begins.",
  now: "Accuracy of the frame that is shown.",
  phase:
    "Phase 1: test points gather around the training clusters, accuracy rises. Phase 2: they leave, accuracy falls, " +
    "while entropy keeps falling.",
};

const NO_LABELS = "Not known, because the test images have no labels.";

const PHASES = ["–", "1 success", "2 failure"];

/** One line of text that appears beside whatever is hovered or focused. */
export class Explainer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.bubble = find(root, ".explanation");
  }

  /**
   * @param {HTMLElement} element
   * @param {() => string} text
   */
  attach(element, text) {
    const show = () => this.show(element, text());
    const hide = () => (this.bubble.hidden = true);
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
      explainer.attach(tile, () => (app.run?.hasPhases === false ? NO_LABELS : EXPLANATIONS[name]));
    }
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
    const phase = run.phase(frame);
    this.tiles.now.name.textContent = `now · step ${run.steps[frame]}`;
    this.tiles.now.value.textContent = percent(run.metric("accuracy", frame));
    this.tiles.phase.value.textContent = PHASES[phase];
    this.tiles.phase.tile.dataset.phase = String(phase);
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
    this.root = root;
    this.choice = find(root, ".projection-choice", HTMLSelectElement);
    this.choice.addEventListener("change", () => app.setProjection(this.choice.value));
    this.trust = find(root, ".trust");
    this.warning = find(root, ".warning");
    explainer.attach(this.trust, () => explainTrust(app.run.projection));
  }

  load() {
    const { projection, projections, drawn } = this.app.run;
    const { view } = this.app;
    const options = projections.map(([name, title]) => new Option(title, name));
    // Another stands in while the chosen one cannot be made yet; a page that stands alone has only this one.
    const named = projections.some(([name]) => name === projection.name);
    if (!named || projection.name !== drawn) options.push(new Option(projection.title, drawn, false, true));
    this.choice.replaceChildren(...options);
    this.choice.value = view.projection;
    this.choice.disabled = options.length < 2;
    this.root.toggleAttribute("data-waiting", view.projection !== drawn);
    const value = projection.distanceCorrelation;
    if (view.projection !== drawn) this.trust.textContent = "computing …";
    else
      this.trust.textContent = isNumber(value) ? `faithfulness ${value.toFixed(2)}` : "faithfulness not yet computed";
    this.warning.textContent = projection.warning;
    this.warning.hidden = !projection.warning;
  }
}

/**
 * All three numbers of a projection's faithfulness in words.
 * @param {Pick<ProjectionEntry, "fittedOn" | "distanceCorrelation" | "trustworthiness"> & Partial<ProjectionEntry>} parts
 */
export function explainTrust({ fittedOn, distanceCorrelation, trustworthiness, movementCoherence }) {
  /** @param {number | null | undefined} value */
  const said = (value) => (isNumber(value) ? value.toFixed(2) : "not yet computed");
  return [
    fittedOn ? `Fitted on ${fittedOn}.` : "",
    `Distance to the training points follows the true distance over the run: ${said(distanceCorrelation)}.`,
    `Neighbours on screen are true neighbours: ${said(trustworthiness)}.`,
    `Movement on screen follows true movement: ${said(movementCoherence)}.`,
    "1 is best. A picture of two dimensions always leaves something out.",
  ]
    .join("\n")
    .trim();
}
