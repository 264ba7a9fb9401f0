// What the colours mean; every entry hides and shows what it names.

import { find } from "../shared/dom.js";
import { css, scaleGradient } from "./colors.js";
import { COLORINGS } from "../shared/tokens.js";

/** @import { LayerEntry, Mark, ThemeColor } from "../types" */
/** @import { App } from "./app.js" */
/** @import { Run } from "./model.js" */

/** @type {Record<string, { name: string, mark: string, color: ThemeColor }[]>} */
const GROUPS = {
  correctness: [
    { name: "correct", mark: "disc", color: "success" },
    { name: "wrong", mark: "cross", color: "failure" },
    { name: "unknown", mark: "ring", color: "muted" },
  ],
  flipped: [
    { name: "unchanged", mark: "ring", color: "neutral" },
    { name: "flipped, now correct", mark: "disc", color: "success" },
    { name: "flipped, now wrong", mark: "cross", color: "failure" },
  ],
};

/** @type {LayerEntry[]} */
const LAYERS = [
  { layer: "training", name: "training", mark: "disc", color: "training" },
  { layer: "means", name: "class mean", mark: "star", color: "muted" },
  { layer: "density", name: "training density", mark: "outline", color: "muted" },
  { layer: "trails", name: "trails", mark: "trail", color: "muted" },
  { layer: "arrows", name: "arrows", mark: "arrow", color: "muted" },
];

/** @type {Record<string, (run: Run) => string[]>} */
const RAMPS = {
  entropy: (run) => ["0 nats · certain", `${run.largestEntropy.toFixed(2)} nats · uncertain`],
  confidence: () => ["100 % confident", "0 %"],
  distance: (run) => ["0 · at the mean", `${run.largestDistance.toFixed(1)} · far`],
};

/** The line of marks under the projection and the choice of colouring above it. */
export class Legend {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.groups = find(root, ".legend .groups");
    this.layers = find(root, ".legend .layers");
    this.choice = find(root, ".coloring", HTMLSelectElement);
    for (const [value, name] of Object.entries(COLORINGS)) this.choice.append(new Option(name, value));
    this.choice.addEventListener("change", () => app.setColor(this.choice.value));
  }

  load() {
    this.build();
  }

  build() {
    const { view, run } = this.app;
    this.choice.value = view.color;
    const ramp = RAMPS[view.color];
    this.groups.replaceChildren(...(ramp ? this.ramp(ramp(run)) : this.entries(run, view.color)));
    const hiddenClasses = view.color === "label" ? 0 : view.hidden.label.size;
    if (hiddenClasses) this.groups.append(this.restore(hiddenClasses));
    this.layers.replaceChildren(...LAYERS.map((entry) => this.layerButton(entry)));
    // Under its own colouring correctness is in the line above.
    if (view.color !== "correctness" && run.isLabelled) {
      this.layers.append(...this.entries(run, "correctness", ".layers", LAYERS.length));
    }
  }

  /**
   * @param {Run} run
   * @param {string} color
   */
  entries(run, color, part = ".groups", before = 0) {
    const { theme, view } = this.app;
    const groups =
      GROUPS[color]?.map((group) => ({ ...group, color: theme[group.color] })) ??
      run.classes.map((name, index) => ({ name, mark: "disc", color: run.colors[index] }));
    const shown = color === "correctness" && run.isFullyLabelled ? groups.slice(0, 2) : groups;
    return shown.map((group, index) => {
      const hidden = view.hidden[color];
      return entryButton(group, !hidden.has(index), `${group.name}: show or hide`, () => {
        if (!hidden.delete(index)) hidden.add(index);
        this.changed(part, before + index);
      });
    });
  }

  /** @param {LayerEntry} parts */
  layerButton({ layer, name, mark, color }) {
    const { theme, view } = this.app;
    const press = () => {
      view.show[layer] = !view.show[layer];
      this.changed(
        ".layers",
        LAYERS.findIndex((entry) => entry.layer === layer),
      );
    };
    return entryButton({ name, mark, color: theme[color] }, view.show[layer], `${name}: show or hide`, press);
  }

  /** @param {number} count */
  restore(count) {
    const button = document.createElement("button");
    button.className = "plain";
    button.textContent = `${count} ${count === 1 ? "class" : "classes"} hidden · show`;
    button.addEventListener("click", () => {
      this.app.view.hidden.label.clear();
      this.changed(".groups", 0);
    });
    return button;
  }

  /**
   * Rebuilds and gives the focus back to the entry that was pressed.
   * @param {string} part
   * @param {number} index
   */
  changed(part, index) {
    this.build();
    const entry = (part === ".groups" ? this.groups : this.layers).children[index];
    if (entry instanceof HTMLElement) entry.focus();
    this.app.invalidate();
  }

  /** @param {string[]} ends */
  ramp(ends) {
    const bar = document.createElement("span");
    bar.className = "ramp";
    bar.style.background = scaleGradient();
    const [low, high] = ends.map((text) => {
      const end = document.createElement("span");
      end.textContent = text;
      return end;
    });
    return [low, bar, high];
  }
}

/**
 * A button with a small drawn mark and a name.
 * @param {Mark} parts
 * @param {boolean} pressed
 * @param {string} label
 * @param {() => void} press
 */
function entryButton({ name, mark, color }, pressed, label, press) {
  const button = document.createElement("button");
  button.className = "entry";
  button.setAttribute("aria-pressed", String(pressed));
  button.title = label;
  const sign = document.createElement("span");
  sign.className = `mark ${mark}`;
  sign.style.setProperty("--mark", css(color));
  const text = document.createElement("span");
  text.textContent = name;
  button.append(sign, text);
  button.addEventListener("click", press);
  return button;
}
