// What the colours mean; every entry hides and shows what it names.

import { css, scaleGradient } from "./colors.js";
import { COLORINGS } from "../shared/tokens.js";

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

const LAYERS = [
  { layer: "training", name: "training", mark: "disc", color: "training" },
  { layer: "means", name: "class mean", mark: "star", color: "muted" },
  { layer: "density", name: "training density", mark: "outline", color: "muted" },
  { layer: "trails", name: "trails", mark: "trail", color: "muted" },
  { layer: "arrows", name: "arrows", mark: "arrow", color: "muted" },
];

const RAMPS = {
  entropy: (run) => ["0 nats · certain", `${run.largestEntropy.toFixed(2)} nats · uncertain`],
  confidence: () => ["100 % confident", "0 %"],
  distance: (run) => ["0 · at the mean", `${run.largestDistance.toFixed(1)} · far`],
};

/** The line of marks under the projection and the choice of colouring above it. */
export class Legend {
  constructor(app, root) {
    this.app = app;
    this.groups = root.querySelector(".legend .groups");
    this.layers = root.querySelector(".legend .layers");
    this.choice = root.querySelector(".coloring");
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

  /** Rebuilds and gives the focus back to the entry that was pressed. */
  changed(part, index) {
    this.build();
    (part === ".groups" ? this.groups : this.layers).children[index]?.focus();
    this.app.invalidate();
  }

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

/** A button with a small drawn mark and a name. */
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
