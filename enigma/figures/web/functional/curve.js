// One unit: H, D and dH/dz over z, and H as the area under -z / ln 2 over D.

import { element } from "../shared/dom.js";
import { dragOn } from "./dragging.js";
import { Figure } from "./figure.js";
import { BITS, entropy, sigmoid, slope, STEEPEST } from "./maths.js";

/** @import { Pair } from "../types" */

const REACH = 8;
const ZS = Array.from({ length: 321 }, (_, index) => -REACH + index / 20);

export class Curve extends Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.z = 2;
    const controls = element(root, "div", "panel controls wide");
    this.setSlider = this.slider(controls, {
      name: "z",
      min: -REACH,
      max: REACH,
      step: 0.01,
      value: this.z,
      spoken: (z) => this.sentence(z),
      hint: "The activation of the unit: drag here or in the plots, or use the arrow keys.",
      input: (z) => this.move(z),
    });
    const places = element(controls, "div", "choice");
    element(places, "span", "name", "go to");
    this.button(places, "z = 0", () => this.set(0), "The maximum of H: stationary, and unstable under descent");
    this.button(places, "steepest", () => this.set(STEEPEST), "|z| = 1.5434, where z tanh(z / 2) = 1");
    this.button(places, "one step", () => this.set(this.z - 2 * slope(this.z)), "z − 2 dH/dz: descent on H alone");
    const tiles = element(root, "dl", "tiles");
    this.values = Object.fromEntries(
      [
        ["D", "D = sigmoid(z)"],
        ["H", "H, bits"],
        ["slope", "dH/dz, bits per unit"],
        ["pull", "descent pushes z"],
      ].map(([key, name]) => {
        const tile = element(tiles, "div", "tile");
        element(tile, "dt", "", name);
        return [key, element(tile, "dd")];
      }),
    );
    const columns = element(root, "div", "columns");
    /** @param {number} width */
    const height = (width) => Math.min(360, Math.max(230, width * 0.52));
    this.curves = this.plotPanel(columns, {
      title: "H, D and dH/dz",
      hint: "drag anywhere",
      file: "functional-curve",
      rows: () => this.curveRows(),
      x: [-REACH, REACH],
      y: [-0.4, 1.05],
      xLabel: "activation z",
      margin: { top: 24 },
      height,
    });
    this.integral = this.plotPanel(columns, {
      title: "The integral: H is the area from 0 to D",
      hint: "−z / ln 2 over D",
      file: "functional-integral",
      rows: () => this.integralRows(),
      x: [0, 1],
      y: [-8, 8],
      xLabel: "output D",
      yLabel: "−z / ln 2, bits",
      height,
    });
    dragOn(this.curves, (event) => this.set(this.curves.xAt(event.clientX)));
    dragOn(this.integral, (event) => this.set(logit(this.integral.xAt(event.clientX))));
  }

  /** @param {number} z */
  set(z) {
    this.move(Math.min(Math.max(z, -REACH), REACH));
    this.setSlider(this.z);
  }

  /** @param {number} z */
  move(z) {
    this.z = z;
    this.invalidate();
  }

  /** @param {number} z */
  sentence(z) {
    return `z ${z.toFixed(2)}, D ${sigmoid(z).toFixed(3)}, H ${entropy(z).toFixed(3)} bits, slope ${slope(z).toFixed(3)}`;
  }

  draw() {
    const { z, theme, values } = this;
    values.D.textContent = sigmoid(z).toFixed(4);
    values.H.textContent = entropy(z).toFixed(4);
    values.slope.textContent = slope(z).toFixed(4).replace("-", "−");
    values.pull.textContent = Math.abs(z) < 1e-9 ? "nowhere" : z > 0 ? "up, to +∞" : "down, to −∞";
    if (this.curves.begin(theme)) this.drawCurves();
    if (this.integral.begin(theme)) this.drawIntegral();
  }

  drawCurves() {
    const { curves: plot, theme, z } = this;
    /** @type {[(z: number) => number, string, string][]} */
    const lines = [
      [entropy, theme.blue, "H, bits"],
      [sigmoid, theme.green, "D"],
      [slope, theme.orange, "dH/dz"],
    ];
    plot.axes({ yTicks: [-0.25, 0, 0.25, 0.5, 0.75, 1] });
    for (const place of [-STEEPEST, 0, STEEPEST]) plot.vertical(place);
    plot.words("steepest", plot.x(-STEEPEST) - 6, plot.y(-0.37), { fill: theme.muted, "text-anchor": "end" });
    for (const [f, color] of lines)
      plot.line(
        ZS.map((value) => [value, f(value)]),
        color,
      );
    plot.vertical(z, { stroke: theme.ink, "stroke-dasharray": "none", "stroke-width": 1.5 });
    for (const [f, color] of lines) plot.dot(z, f(z), color, 6);
    plot.legend(lines.map(([, color, name]) => [name, color]));
    plot.describe(`H, D and dH/dz over z. ${this.sentence(z)}.`);
  }

  drawIntegral() {
    const { integral: plot, theme, z } = this;
    const d = sigmoid(z);
    plot.axes();
    const shares = Array.from({ length: 799 }, (_, index) => (index + 1) / 800);
    const curve = shares.map((at) => /** @type {Pair} */ ([at, -BITS * logit(at)]));
    const inside = curve.filter(([, y]) => Math.abs(y) <= 8);
    plot.area(
      inside.filter(([x]) => x <= Math.min(d, 0.5)),
      theme.blue,
      0.28,
    );
    plot.area(
      inside.filter(([x]) => x >= 0.5 && x <= d),
      theme.orange,
      0.32,
    );
    plot.line(
      [
        [0, 0],
        [1, 0],
      ],
      theme.muted,
      { "stroke-width": 1 },
    );
    plot.line(inside, theme.ink, { "stroke-width": 1.5 });
    if (Math.abs(BITS * z) <= 8) plot.dot(d, -BITS * z, theme.ink, 6);
    const x = plot.x(0.06) + 40;
    if (d > 0.5)
      plot.words("−" + (1 - entropy(z)).toFixed(3), plot.x(Math.min(0.9, (0.5 + d) / 2)), plot.y(0) - 8, {
        "text-anchor": "middle",
      });
    plot.words(`${(d > 0.5 ? 1 : entropy(z)).toFixed(3)} bit`, x, plot.y(0.9), {});
    plot.words(`area = H = ${entropy(z).toFixed(3)} bit`, plot.x(1) - 4, plot.y(6.4), {
      "text-anchor": "end",
      "font-weight": 650,
      "font-size": 14,
    });
    plot.describe(
      `The area under minus z over ln 2, from D = 0 to D = ${d.toFixed(3)}, is H = ${entropy(z).toFixed(3)} bits.`,
    );
  }

  curveRows() {
    return [["z", "D", "H_bits", "dH_dz"], ...ZS.map((z) => [z, sigmoid(z), entropy(z), slope(z)])];
  }

  integralRows() {
    return [["D", "z", "integrand_bits", "H_bits"], ...ZS.map((z) => [sigmoid(z), z, -BITS * z, entropy(z)])];
  }
}

/** @param {number} d */
const logit = (d) => (d <= 0 ? -REACH : d >= 1 ? REACH : Math.log(d / (1 - d)));
