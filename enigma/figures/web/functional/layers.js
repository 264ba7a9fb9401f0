// The layer-wise experiment: six series of every layer over the steps, one time for all, and the outputs at that time.

import { blend } from "../shared/colors.js";
import { element } from "../shared/dom.js";
import { dragOn } from "./dragging.js";
import { Figure } from "./figure.js";

/** @import { FigureData, Pair, Series, SeriesName, ThemeColor } from "../types" */
/** @import { Plot } from "./plot.js" */

/** @type {Series[]} */
const SERIES = [
  { name: "entropy", title: "True entropy, bits", hint: "mean, from 0 to 1" },
  { name: "increment", title: "Published trace, bits", hint: "one step; not an entropy", from: 1 },
  { name: "spread", title: "Spread over images", hint: "logarithmic", logarithmic: true },
  { name: "readout", title: "Read-out accuracy, %", hint: "dotted: scaled first" },
  { name: "cosine", title: "Cosine of z and ΔD", hint: "1: only widens", from: 1 },
  { name: "norm", title: "Frobenius norm of z", hint: "grows on" },
];
/** @type {ThemeColor[]} */
const COLORS = ["blue", "green", "orange", "purple"];

export class Layers extends Figure {
  /**
   * @param {HTMLElement} root
   * @param {FigureData} options
   */
  constructor(root, { experiment }) {
    super(root);
    this.experiment = experiment;
    this.steps = experiment.entropy.length - 1;
    this.count = experiment.entropy[0].length;
    this.k = 0;
    const controls = element(root, "div", "panel controls wide sticky");
    this.setK = this.slider(controls, {
      name: "step k",
      min: 0,
      max: this.steps,
      step: 1,
      value: 0,
      format: String,
      input: (k) => this.move(k),
      spoken: (k) => this.sentence(k),
    });
    const buttons = element(controls, "div", "buttons");
    this.player(buttons, 10, () => this.next());
    this.legend = element(controls, "ul", "legend");
    const grid = element(root, "div", "columns three");
    this.plots = SERIES.map((series) => {
      const values = this.experiment[series.name].flat();
      const plot = this.plotPanel(grid, {
        ...series,
        file: `layerwise-${series.name}`,
        rows: () => this.rows(series.name),
        x: [0, this.steps],
        y: range(values, series),
        xLabel: "step k",
        height: () => 186,
        margin: { left: 58 },
      });
      dragOn(plot, (event) => this.jump(Math.round(plot.xAt(event.clientX))));
      return { ...series, plot };
    });
    const last = element(root, "div", "columns outputs");
    this.outputs = this.plotPanel(last, {
      title: "Mean output of the ten last units for each class",
      hint: "equal rows: every class gets the same answer",
      file: "layerwise-outputs",
      rows: () => this.outputRows(),
      x: [0, experiment.outputs[0][0].length],
      y: [experiment.classes.length, 0],
      xLabel: "unit",
      height: () => 250,
      margin: { left: 74, top: 6 },
    });
    this.story = element(last, "p", "story");
  }

  /** @param {number} k */
  sentence(k) {
    const entropies = this.experiment.entropy[k].map((value, index) => `layer ${index + 1} ${value.toFixed(3)}`);
    return `step ${k}: entropy in bits ${entropies.join(", ")}`;
  }

  next() {
    this.jump(this.k >= this.steps ? 0 : this.k + 1, true);
    return this.k < this.steps;
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

  /** @param {number} layer */
  color(layer) {
    return this.theme[COLORS[layer % COLORS.length]];
  }

  draw() {
    this.drawLegend();
    for (const series of this.plots) if (series.plot.begin(this.theme)) this.drawSeries(series);
    if (this.outputs.begin(this.theme)) this.drawOutputs();
    this.tell();
  }

  drawLegend() {
    const { entropy, settings } = this.experiment;
    this.legend.replaceChildren();
    for (let layer = 0; layer < this.count; layer++) {
      const item = element(this.legend, "li");
      element(item, "i").style.background = this.color(layer);
      element(item, "span", "", `layer ${layer + 1} · ${settings.widths[layer]} units · `);
      element(item, "strong", "", `${entropy[this.k][layer].toFixed(3)} bit`);
    }
  }

  /** @param {Series & { plot: Plot }} parts */
  drawSeries({ plot, name, title, from = 0 }) {
    const { experiment, theme, k } = this;
    const floor = plot.logarithmic ? plot.yRange[0] : -Infinity;
    const factor = name === "readout" ? 100 : 1;
    /**
     * @param {SeriesName} key
     * @param {number} layer
     */
    const series = (key, layer) => {
      /** @type {Pair[]} */
      const points = experiment[key].map((row, step) => [step, factor * Math.max(row[layer], floor)]);
      return points.slice(from);
    };
    plot.axes();
    if (name === "readout") this.drawPixels(plot);
    for (let layer = 0; layer < this.count; layer++) {
      if (name === "readout") {
        plot.line(series("readout_standardised", layer), this.color(layer), {
          "stroke-dasharray": "1.5 3.5",
          "stroke-linecap": "round",
        });
      }
      plot.line(series(name, layer), this.color(layer));
    }
    plot.vertical(k, { stroke: theme.ink, "stroke-dasharray": "none", "stroke-width": 1.5 });
    for (let layer = 0; layer < this.count && k >= from; layer++)
      plot.dot(k, factor * Math.max(experiment[name][k][layer], floor), this.color(layer), 4.5);
    const now = experiment[name][k].map(
      (value, layer) => `layer ${layer + 1} ${Number((factor * value).toPrecision(3))}`,
    );
    plot.describe(`${title} at step ${k}: ${now.join(", ")}.`);
  }

  /** @param {Plot} plot */
  drawPixels(plot) {
    const pixels = 100 * this.experiment.pixel_readout;
    plot.line(
      [
        [0, pixels],
        [this.steps, pixels],
      ],
      this.theme.muted,
      { "stroke-width": 1, "stroke-dasharray": "5 4" },
    );
    plot.words("pixels", plot.x(this.steps) - 2, plot.y(pixels) - 5, { "text-anchor": "end", fill: this.theme.muted });
  }

  drawOutputs() {
    const { outputs: plot, experiment, theme, k } = this;
    const rows = experiment.outputs[k];
    const [width, height] = [plot.inner.width / rows[0].length, plot.inner.height / rows.length];
    rows.forEach((row, group) => {
      const y = plot.margin.top + group * height;
      plot.add(
        "text",
        { x: plot.margin.left - 7, y: y + height / 2 + 4, "text-anchor": "end" },
        experiment.classes[group],
      );
      row.forEach((value, unit) => {
        const x = plot.margin.left + unit * width;
        const fill = blend(theme.surface, value > 0.5 ? theme.green : theme.orange, Math.abs(2 * value - 1));
        plot.add("rect", { x, y, width: width - 1, height: height - 1, fill });
      });
    });
    rows[0].forEach((_, unit) => {
      const x = plot.margin.left + (unit + 0.5) * width;
      plot.add("text", { x, y: plot.tall - 20, "text-anchor": "middle" }, String(unit + 1));
    });
    plot.add(
      "text",
      { x: plot.width - plot.margin.right, y: plot.tall - 4, "text-anchor": "end" },
      "unit of layer " + this.count,
    );
    plot.describe(`Mean outputs of the last layer for each class at step ${k}. ${this.difference()}`);
  }

  /** The largest difference between two classes in the mean output of any unit. */
  difference() {
    const rows = this.experiment.outputs[this.k];
    const gaps = rows[0].map(
      (_, unit) => Math.max(...rows.map((row) => row[unit])) - Math.min(...rows.map((row) => row[unit])),
    );
    return `No two classes differ by more than ${Math.max(...gaps)
      .toExponential(0)
      .replace("-", "−")} in any unit.`;
  }

  tell() {
    const { experiment, k } = this;
    /** @param {number} value */
    const percent = (value) => `${(100 * value).toFixed(0)} %`;
    /** @param {"readout" | "readout_standardised"} name */
    const told = (name) => {
      const now = experiment[name][k].map(percent).join(" · ");
      return k ? `${now}; before the first step ${experiment[name][0].map(percent).join(" · ")}` : now;
    };
    const first = k ? ` (${percent(experiment.commonest[0])} before the first step)` : ", before the first step";
    this.story.replaceChildren();
    for (const [name, text] of [
      [
        "One answer",
        `${percent(experiment.commonest[k])} of the images share their largest output at step ${k}${first}. ${this.difference()}`,
      ],
      [
        "What a linear classifier can still tell",
        `${told("readout")} (layers 1 to ${this.count}). From the pixels ${percent(experiment.pixel_readout)}.`,
      ],
      ["After scaling every unit", `${told("readout_standardised")}. ${this.lost()}`],
    ]) {
      element(this.story, "strong", "", name);
      element(this.story, "span", "", text);
    }
  }

  /** What is gone since before the first step, also after scaling: what the layers never told is no loss. */
  lost() {
    const { experiment, k } = this;
    if (!k) return "Nothing has moved yet: what is missing here was never there.";
    const before = experiment.readout_standardised[0];
    const falls = experiment.readout_standardised[k].map((value, layer) => Math.round(100 * (before[layer] - value)));
    const told = falls.flatMap((fall, layer) => (fall > 0 ? [`${fall} in layer ${layer + 1}`] : []));
    return told.length ? `Points lost for good: ${told.join(", ")}.` : "Scaling brings all of it back.";
  }

  /** @param {SeriesName} name */
  rows(name) {
    const titles = Array.from({ length: this.count }, (_, layer) => `${name}_layer_${layer + 1}`);
    return [["step", ...titles], ...this.experiment[name].map((row, step) => [step, ...row])];
  }

  outputRows() {
    const rows = this.experiment.outputs[this.k];
    return [
      ["class", ...rows[0].map((_, unit) => `unit_${unit + 1}`)],
      ...rows.map((row, index) => [this.experiment.classes[index], ...row]),
    ];
  }
}

/**
 * @param {number[]} values
 * @param {Series} options
 * @returns {Pair}
 */
function range(values, { name, logarithmic }) {
  if (name === "entropy") return [0, 1.02];
  if (name === "readout") return [0, 85];
  if (name === "cosine") return [0, 1.02];
  if (logarithmic) return [1e-7, 1];
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
  return [low * 1.05, high * 1.05];
}
