// What moves the neuron besides its plane: weights, learning rate, steps, data and starts.

import { element } from "../shared/dom.js";
import { AXIS, DATASETS } from "./points.js";
import { starting } from "./starts.js";

/** @import { Pair } from "../types" */
/** @import { Neuron } from "./neuron.js" */

const DIRECTIONS = { along: AXIS, against: AXIS - 180, across: AXIS + 90 };

/**
 * Sliders, buttons and choices of the neuron; returns what sets the sliders of its weights from outside.
 * @param {Neuron} figure
 * @param {HTMLElement} host
 */
export function buildControls(figure, host) {
  const weights = element(host, "div", "sliders");
  /**
   * @param {string} name
   * @param {"w" | "g"} part
   * @param {number} index
   * @param {string} [hint]
   */
  const weight = (name, part, index, hint) =>
    figure.slider(weights, {
      name,
      min: -3,
      max: 3,
      step: 0.01,
      value: figure.neuron[part][index],
      hint,
      input: (value) => {
        /** @type {Pair} */
        const next = [...figure.neuron[part]];
        next[index] = value;
        figure.begin({ ...figure.neuron, [part]: next });
      },
    });
  const second = "Second additive weight: it receives the same gradient as w";
  /** @type {["w" | "g", number, (value: number) => void][]} */
  const sliders = [
    ["w", 0, weight("w₁", "w", 0)],
    ["w", 1, weight("w₂", "w", 1)],
    ["g", 0, weight("G₁", "g", 0, second)],
    ["g", 1, weight("G₂", "g", 1, second)],
  ];
  const setB = figure.slider(weights, {
    name: "b",
    min: -6,
    max: 6,
    step: 0.01,
    value: 0,
    input: (b) => figure.begin({ ...figure.neuron, b }),
  });
  figure.slider(weights, {
    name: "η",
    min: 0.05,
    max: 3,
    step: 0.05,
    value: figure.rate,
    hint: "Learning rate",
    input: (rate) => figure.setRate(rate),
  });
  const buttons = element(host, "div", "buttons");
  figure.player(buttons, 30, () => figure.step());
  figure.button(buttons, "Step", () => figure.step());
  figure.button(
    buttons,
    "Reset",
    () => figure.choose(figure.chosen),
    "Back to where this descent began, with every point in its own place",
  );
  figure.choice(host, "data", DATASETS, figure.chosen, (name) => figure.choose(name));
  const start = element(host, "div", "choice");
  element(start, "span", "name", "start");
  for (const [name, angle] of Object.entries(DIRECTIONS))
    figure.button(start, name, () => figure.begin(starting(angle, 0.5)));
  figure.button(start, "at zero", () => figure.begin(starting(0, 0)), "w = G = b = 0: nothing moves, ever");
  figure.choice(host, "colour", { slope: "dH/dz", entropy: "H", output: "D" }, figure.field, (field) => {
    figure.field = field;
    figure.invalidate();
  });
  return { sliders, setB };
}
