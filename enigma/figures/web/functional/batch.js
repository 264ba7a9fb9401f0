// A batch under one unit z = s x + b: what descent on H alone does to it, and what a marginal-entropy term changes.

import { element } from "../shared/dom.js";
import { dragOn } from "./dragging.js";
import { Figure } from "./figure.js";
import { batchMeasures, batchStep, entropy, normals, sides } from "./maths.js";

/** @import { Side, UnitMeasures, UnitState } from "../types" */

const STEPS = 400;
const NOISE = normals(24, 3);
const INPUTS = NOISE.map((noise, index) => (index < 12 ? -1 : 1) + 0.3 * noise);
const REACH = 9;
const ZS = Array.from({ length: 181 }, (_, index) => -REACH + index / 10);

/**
 * Everything that happens from one start, all steps at once.
 * @param {UnitState} start
 * @param {number} weight
 * @param {number} rate
 */
export function descend(start, weight, rate, steps = STEPS) {
  const states = [start];
  while (states.length <= steps) states.push(batchStep(states[states.length - 1], INPUTS, rate, weight));
  return states;
}

export class Batch extends Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.k = 0;
    this.first = { s: 0.3, b: 0.8 };
    this.weight = 1;
    this.rate = 0.5;
    const controls = element(root, "div", "panel controls wide");
    this.setK = this.slider(controls, {
      name: "step",
      min: 0,
      max: STEPS,
      step: 1,
      value: 0,
      format: String,
      input: (k) => this.move(k),
      spoken: (k) => this.sentence(k),
    });
    const buttons = element(controls, "div", "buttons");
    this.player(buttons, 40, () => this.next());
    this.button(buttons, "Reset", () => this.jump(0));
    /** @param {{ first?: UnitState, weight?: number, rate?: number }} values */
    const change = (values) => {
      Object.assign(this, values);
      this.compute();
    };
    const shared = { min: 0, step: 0.05 };
    this.slider(controls, {
      ...shared,
      name: "λ",
      max: 2,
      value: 1,
      hint: "Weight of the marginal entropy on the right",
      input: (weight) => change({ weight }),
    });
    this.slider(controls, {
      ...shared,
      name: "first b",
      min: -3,
      max: 3,
      value: 0.8,
      input: (b) => change({ first: { ...this.first, b } }),
    });
    this.slider(controls, {
      ...shared,
      name: "first s",
      min: -2,
      max: 2,
      value: 0.3,
      input: (s) => change({ first: { ...this.first, s } }),
    });
    this.slider(controls, {
      ...shared,
      name: "η",
      min: 0.05,
      max: 2,
      value: 0.5,
      hint: "Learning rate",
      input: (rate) => change({ rate }),
    });
    const [above, below] = [element(root, "div", "columns"), element(root, "div", "columns")];
    /** @type {Side[]} */
    this.sides = [this.side(above, below, 0), this.side(above, below, 1)];
    this.story = element(root, "p", "story");
    this.compute();
  }

  /**
   * The plots of H alone (0) or with the marginal entropy (1): the batch, and below it the steps.
   * @param {HTMLElement} above
   * @param {HTMLElement} below
   * @param {number} index
   * @returns {Side}
   */
  side(above, below, index) {
    const plot = this.plotPanel(above, {
      title: index ? "H − λ · entropy of the mean output" : "H alone",
      file: index ? "functional-batch-marginal" : "functional-batch-alone",
      rows: () => this.batchRows(index),
      x: [-REACH, REACH],
      y: [0, 1.1],
      xLabel: "activation z of each input",
      yLabel: "H, bits",
      height: () => 214,
    });
    const course = this.plotPanel(below, {
      title: index ? "Steps with the marginal entropy" : "Steps of H alone",
      file: index ? "functional-course-marginal" : "functional-course-alone",
      rows: () => this.courseRows(index),
      x: [0, STEPS],
      y: [0, 1.02],
      xLabel: "steps",
      height: () => 190,
      margin: { top: 24 },
    });
    dragOn(course, (event) => this.jump(Math.round(course.xAt(event.clientX))));
    return { plot, course, states: [], measures: [] };
  }

  compute() {
    this.sides.forEach((side, index) => {
      side.states = descend(this.first, index ? this.weight : 0, this.rate);
      side.measures = side.states.map((state) => batchMeasures(state, INPUTS));
    });
    this.invalidate();
  }

  /** @param {number} k */
  sentence(k) {
    if (!this.sides) return `step ${k}`;
    const [alone, helped] = this.sides.map((side) => side.measures[k]);
    return `step ${k}: mean output ${alone.output.toFixed(2)} with H alone, ${helped.output.toFixed(2)} with the marginal entropy`;
  }

  next() {
    this.jump(this.k >= STEPS ? 0 : this.k + 2, true);
    return this.k < STEPS;
  }

  /** @param {number} k */
  jump(k, playing = false) {
    if (!playing) this.stop();
    this.move(k);
    this.setK(k);
  }

  /** @param {number} k */
  move(k) {
    this.k = k;
    this.invalidate();
  }

  draw() {
    for (const side of this.sides) {
      if (side.plot.begin(this.theme)) this.drawBatch(side);
      if (side.course.begin(this.theme)) this.drawCourse(side);
    }
    const [alone, helped] = this.sides.map((side) => this.outcome(side));
    this.story.textContent = `Step ${this.k}. H alone: ${alone}. With the marginal entropy: ${helped}.`;
  }

  /** @param {Side} parts */
  outcome({ states, measures }) {
    const { s, b } = states[this.k];
    const { above, below, at } = sides(INPUTS.map((x) => s * x + b));
    const all = INPUTS.length;
    const said =
      at === all
        ? "every z is 0, and nothing moves"
        : above === all || below === all
          ? "all 24 on one side"
          : `${above} of 24 above zero`;
    return `${said}, b = ${b.toFixed(2).replace("-", "−")}, H = ${measures[this.k].mean.toFixed(3)} bits`;
  }

  /** @param {Side} parts */
  drawBatch({ plot, states }) {
    const { theme, k } = this;
    const { s, b } = states[k];
    plot.axes({ yTicks: [0, 0.5, 1] });
    plot.vertical(0);
    plot.line(
      ZS.map((z) => [z, entropy(z)]),
      theme.line,
      { "stroke-width": 3 },
    );
    for (const [index, x] of INPUTS.entries()) {
      const z = Math.min(Math.max(s * x + b, -REACH), REACH);
      plot.dot(z, entropy(s * x + b), index < 12 ? theme.orange : theme.green, 5);
    }
    plot.describe(`The batch on the curve of H at step ${k}; the two groups of inputs are orange and green.`);
  }

  /** @param {Side} parts */
  drawCourse({ course: plot, measures }) {
    const { theme, k } = this;
    /** @type {[keyof UnitMeasures, string, string][]} */
    const lines = [
      ["mean", theme.blue, "mean H"],
      ["marginal", theme.purple, "H of mean D"],
      ["output", theme.green, "mean D"],
    ];
    plot.axes({ yTicks: [0, 0.5, 1] });
    for (const [name, color] of [...lines].reverse()) {
      // Where the batch is all on one side both entropies are equal: dashes let the one below be seen.
      plot.line(
        measures.map((values, step) => [step, values[name]]),
        color,
        name === "mean" ? { "stroke-dasharray": "7 5" } : {},
      );
    }
    plot.vertical(k, { stroke: theme.ink, "stroke-dasharray": "none", "stroke-width": 1.5 });
    for (const [name, color] of lines) plot.dot(k, measures[k][name], color);
    plot.legend(lines.map(([, color, name]) => [name, color]));
    const now = measures[k];
    plot.describe(
      `Step ${k}: mean H ${now.mean.toFixed(3)} bits, entropy of the mean output ${now.marginal.toFixed(3)} bits, mean output ${now.output.toFixed(3)}.`,
    );
  }

  /** @param {number} index */
  batchRows(index) {
    const { s, b } = this.sides[index].states[this.k];
    return [
      ["x", "group", "z", "H_bits"],
      ...INPUTS.map((x, i) => [x, Number(i >= 12), s * x + b, entropy(s * x + b)]),
    ];
  }

  /** @param {number} index */
  courseRows(index) {
    const { states, measures } = this.sides[index];
    const rows = measures.map((now, step) => [
      step,
      now.mean,
      now.marginal,
      now.output,
      states[step].s,
      states[step].b,
    ]);
    return [["step", "mean_H_bits", "marginal_H_bits", "mean_output", "s", "b"], ...rows];
  }
}
