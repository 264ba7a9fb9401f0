// What the colours mean; every entry hides and shows what it names.

import { find } from "../shared/dom.js";
import { css, scaleGradient } from "./colors.js";
import { doubtSentence } from "./doubt.js";
import { COLORINGS, DOUBT_SCALE, MOST_DOUBT, OF_PREDICTIONS, SCALE } from "../shared/tokens.js";
import { LAYERS } from "./layers.js";

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

// Within this many milliseconds a second press on a class makes it a double one.
const DOUBLE = 400;

/** @type {Record<string, (run: Run) => string[]>} */
const RAMPS = {
  entropy: (run) => ["0 nats · certain", `${run.largestEntropy.toFixed(2)} nats · uncertain`],
  confidence: () => ["100 % confident", "0 %"],
  distance: (run) => ["0 · at the mean", `${run.largestDistance.toFixed(1)} · far`],
  doubt: (run) => [...DOUBT_ENDS, doubtSentence(run)],
};
const DOUBT_ENDS = [`${2 ** MOST_DOUBT} × too near`, `${2 ** MOST_DOUBT} × too far`];

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
    this.pressed = { name: "", at: -Infinity };
    this.choice.addEventListener("change", () => app.setColor(this.choice.value));
  }

  load() {
    this.build();
  }

  build() {
    const { view, run } = this.app;
    this.choice.value = view.color;
    for (const option of this.choice.options) {
      option.disabled = !run.hasPredictions && OF_PREDICTIONS.includes(option.value);
    }
    const ramp = RAMPS[view.color];
    this.groups.replaceChildren(...(ramp ? this.ramp(ramp(run)) : this.entries(run, view.color)));
    const hiddenClasses = view.color === "label" ? 0 : view.hidden.label.size;
    if (hiddenClasses) this.groups.append(this.restore(hiddenClasses));
    const layers = LAYERS.filter(({ only }) => only?.(run) ?? true);
    this.layers.replaceChildren(...layers.map((entry, index) => this.layerButton(entry, index)));
    // Under its own colouring correctness is in the line above.
    if (view.color !== "correctness" && run.isLabelled && run.hasPredictions) {
      this.layers.append(...this.entries(run, "correctness", ".layers", layers.length));
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
      const isClass = color === "label";
      const pressed = isClass && view.alone >= 0 ? view.alone === index : !hidden.has(index);
      const said = `${group.name}: show or hide${isClass ? "; twice for this class alone" : ""}`;
      return entryButton(group, pressed, said, () => {
        if (isClass && (view.alone >= 0 || this.isDouble(group.name))) this.choose(index);
        else if (!hidden.delete(index)) hidden.add(index);
        this.changed(part, before + index);
      });
    });
  }

  /**
   * Whether this is the second press of two; every press builds the entries anew, so the browser does not tell.
   * @param {string} name
   */
  isDouble(name) {
    const now = performance.now();
    const isSecond = name === this.pressed.name && now - this.pressed.at < DOUBLE;
    this.pressed = { name: isSecond ? "" : name, at: now };
    return isSecond;
  }

  /**
   * Shows a class alone, or all again where it was alone already.
   * @param {number} index
   */
  choose(index) {
    const { view } = this.app;
    // The first press of two has hidden it or brought it back.
    if (view.alone < 0) view.hidden.label.delete(index);
    this.app.setAlone(view.alone === index ? -1 : index);
  }

  /**
   * @param {LayerEntry} parts
   * @param {number} index
   */
  layerButton({ layer, title, mark, color }, index) {
    const { theme, view } = this.app;
    const press = () => {
      view.show[layer] = !view.show[layer];
      this.changed(".layers", index);
    };
    return entryButton({ name: title, mark, color: theme[color] }, view.show[layer], `${title}: show or hide`, press);
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
    this.app.reporter.soon();
  }

  /** @param {string[]} ends what stands on both sides of the bar, and a sentence behind it */
  ramp([first, last, ...said]) {
    const bar = document.createElement("span");
    bar.className = "ramp";
    bar.style.background = scaleGradient(this.app.view.color === "doubt" ? DOUBT_SCALE : SCALE);
    const [low, high, ...more] = [first, last, ...said].map((text) => {
      const end = document.createElement("span");
      end.textContent = text;
      return end;
    });
    for (const sentence of more) sentence.className = "said";
    return [low, bar, high, ...more];
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
