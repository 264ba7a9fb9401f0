// A neuron with two inputs on its plane: where it draws its line, what each point pulls, and where descent ends.

import { element } from "../shared/dom.js";
import { dragOn } from "./dragging.js";
import { Figure } from "./figure.js";
import { Handle } from "./handle.js";
import { activation, agreement, both, entropy, meanEntropy, neuronStep, sides, sigmoid, slope } from "./maths.js";
import { buildControls } from "./neuron_controls.js";
import { drawPlane, REACH } from "./plane.js";
import { AXIS, dataset } from "./points.js";
import { direction, endOf, starting, STARTS, STEPS } from "./starts.js";

/** @import { NeuronState, Pair } from "../types" */

/** Milliseconds of one picture for the small plot of all starts. */
const SPARE = 5;

export class Neuron extends Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.rate = 0.5;
    this.field = "slope";
    this.chosen = "centred";
    this.data = dataset(this.chosen);
    /** What is known of the ends of all starts, which of them is found next, and how many are due. */
    this.known = /** @type {ReturnType<typeof endOf>[]} */ ([]);
    this.next = 0;
    this.due = 0;
    /** Where this descent began, every state since, and the learning rate of each step. @type {NeuronState} */
    this.first;
    /** @type {NeuronState[]} */
    this.path = [];
    /** @type {number[]} */
    this.rates = [];
    this.begin(starting(AXIS + 60, 0.5));
    const columns = element(root, "div", "columns plane");
    this.plane = this.plotPanel(columns, {
      title: "The plane of the two inputs",
      hint: "drag a point, or beside it to aim w",
      file: "functional-plane",
      rows: () => this.pointRows(),
      x: [-REACH, REACH],
      y: [-REACH, REACH],
      xLabel: "input x₁",
      yLabel: "input x₂",
      height: (width) => Math.min(width, 530),
      margin: { right: 12, left: 36, top: 26 },
    });
    const side = element(columns, "div", "side");
    this.controls = buildControls(this, element(side, "div", "panel controls"));
    const pair = element(side, "div", "pair");
    this.falling = this.plotPanel(pair, {
      title: "Mean H falls",
      file: "functional-descent",
      rows: () => this.pathRows(),
      x: [0, 50],
      y: [0, 1.02],
      xLabel: "steps",
      yLabel: "bits",
      height: () => 182,
      margin: { top: 22 },
    });
    this.starts = this.plotPanel(pair, {
      title: "The start decides",
      file: "functional-starts",
      rows: () => this.startRows(),
      x: [-180, 180],
      y: [-180, 180],
      xLabel: "first direction of w + G, degrees",
      yLabel: `direction after ${STEPS} steps, degrees`,
      height: () => 182,
      margin: { top: 36 },
    });
    this.story = element(side, "p", "story");
    this.handle = new Handle(this.plane, {
      points: () => this.data.points,
      move: (index, point) => this.place(index, point),
      say: (index) => this.words(index),
    });
    dragOn(
      this.plane,
      (event) => this.aim(event),
      (event) => this.handle.grab(event),
    );
    dragOn(this.starts, (event) => this.begin(starting(Math.round(this.starts.xAt(event.clientX)), 0.5)));
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate = rate;
    this.expire();
  }

  /** @param {string} name */
  choose(name) {
    this.chosen = name;
    this.data = dataset(name);
    this.expire();
    this.begin(this.first);
  }

  /** @param {NeuronState} neuron */
  begin(neuron) {
    this.stop();
    // The plot of all starts has directions of its own; of this one it takes b alone.
    if (neuron.b !== this.first?.b) this.expire();
    this.first = neuron;
    this.path = [neuron];
    this.rates = [];
    this.invalidate();
  }

  get neuron() {
    return this.path[this.path.length - 1];
  }

  /** @param {PointerEvent} event */
  aim(event) {
    const place = [this.plane.xAt(event.clientX), this.plane.yAt(event.clientY)];
    this.begin({ ...this.neuron, w: both((axis) => Math.min(Math.max(place[axis], -3), 3)) });
  }

  step() {
    this.rates.push(this.rate);
    this.descend(this.rate);
    this.invalidate();
    return this.path.length <= 600;
  }

  /** @param {number} rate */
  descend(rate) {
    this.path.push(neuronStep(this.neuron, this.data.points, rate));
  }

  /**
   * Puts a point elsewhere: every step so far is taken again, from the same start, as if it had always been there.
   * @param {number} index
   * @param {Pair} point
   */
  place(index, point) {
    this.data.points[index] = point;
    this.path = [this.first];
    for (const rate of this.rates) this.descend(rate);
    this.expire();
  }

  /**
   * A point in words: what it is, and where and how it stands.
   * @param {number} index
   * @returns {[string, string]}
   */
  words(index) {
    const { points, groups } = this.data;
    const z = activation(this.neuron, points[index]);
    const [x, y, d, h] = [...points[index], sigmoid(z), entropy(z)].map((value) => value.toFixed(2).replace("-", "−"));
    return [
      `point ${index + 1} of ${points.length}, a ${groups[index] ? "circle" : "square"}`,
      `x₁ ${x}, x₂ ${y}, D ${d}, H ${h} bits`,
    ];
  }

  /** The ends of all starts are to be found again; those on screen stay until then. */
  expire() {
    this.due = STARTS.length;
    this.invalidate();
  }

  /** For every first direction, what its descent ends with; finds as many of those that are due as time allows. */
  ends(milliseconds = Infinity) {
    const over = performance.now() + milliseconds;
    for (; this.due && performance.now() < over; this.due--) {
      this.known[this.next] = endOf(STARTS[this.next], this.first.b, this.data, this.rate);
      this.next = (this.next + 1) % STARTS.length;
    }
    return this.known;
  }

  draw() {
    const { neuron, theme } = this;
    for (const [part, index, set] of this.controls.sliders) set(neuron[part][index]);
    this.controls.setB(neuron.b);
    if (this.plane.begin(theme)) {
      drawPlane(this.plane, this);
      this.handle.draw();
    }
    if (this.falling.begin(theme)) this.drawFalling();
    if (this.starts.begin(theme)) this.drawStarts();
    this.tell();
  }

  drawFalling() {
    const { falling: plot, theme, path, data } = this;
    plot.xRange = [0, Math.max(50, path.length - 1)];
    plot.axes({ yTicks: [0, 0.5, 1] });
    /** @type {Pair[]} */
    const values = path.map((neuron, step) => [step, meanEntropy(neuron, data.points)]);
    plot.line(values, theme.blue);
    plot.dot(...values[values.length - 1], theme.blue);
    plot.describe(`Mean H after ${path.length - 1} steps: ${values[values.length - 1][1].toFixed(3)} bits.`);
  }

  drawStarts() {
    const { starts: plot, theme } = this;
    plot.axes({ xTicks: [-180, -90, 0, 90, 180], yTicks: [-180, -90, 0, 90, 180] });
    /** @type {Record<"green" | "orange" | "muted", Pair[]>} */
    const kinds = { green: [], orange: [], muted: [] };
    for (const { angle, end, flipped, constant } of this.ends(SPARE)) {
      kinds[constant ? "muted" : flipped && this.hasGroups ? "orange" : "green"].push([angle, end]);
    }
    for (const color of /** @type {const} */ (["green", "orange", "muted"])) plot.dots(kinds[color], theme[color], 3);
    /** @type {[string, string][]} */
    const named = this.hasGroups
      ? [
          ["as drawn", theme.green],
          ["swapped", theme.orange],
        ]
      : [["splits the group", theme.green]];
    plot.legend([...named, ["one answer", theme.muted]]);
    if (this.due) this.invalidate();
    const now = direction(this.first);
    if (Number.isFinite(now))
      plot.vertical(now, { stroke: theme.ink, "stroke-dasharray": "none", "stroke-width": 1.5 });
    plot.describe(
      `Last direction of w + G for each first direction: green names the groups as they are drawn, orange the other way round, grey gives every point one answer. This descent began at ${now.toFixed(0)} degrees.`,
    );
  }

  tell() {
    const { neuron, first, path, data } = this;
    const conserved = [0, 1].map((index) => neuron.w[index] - neuron.g[index] - (first.w[index] - first.g[index]));
    const drift = Math.max(...conserved.map(Math.abs));
    this.story.textContent =
      `Step ${path.length - 1}: H ${meanEntropy(neuron, data.points).toFixed(3)} bits. ${this.where()} ` +
      `w − G has changed by ${drift < 1e-12 ? "0" : drift.toExponential(0).replace("-", "−")}.`;
  }

  /** On which side of its line the points are, and whether that is what the groups say. */
  where() {
    const { neuron, path, data } = this;
    const { above, below, at } = sides(data.points.map((point) => activation(neuron, point)));
    if (at === data.points.length) return "Every z is 0: the neuron is undecided about every point, and nothing moves.";
    if (above === data.points.length || below === data.points.length) {
      const falls =
        path.length > 1 && meanEntropy(neuron, data.points) < meanEntropy(path[path.length - 2], data.points);
      return `Every point is on the same side: the neuron gives one answer${falls ? ", with growing certainty" : ""}.`;
    }
    if (!this.hasGroups) return `${above} points get one answer, ${data.points.length - above} the other.`;
    const { share, flipped } = agreement(neuron, data.points, data.groups);
    const named = flipped ? ", named the other way round" : "";
    return `${(100 * share).toFixed(0)} % agreement with the two groups (circles, squares)${named}.`;
  }

  /** Whether there are two groups to agree with. */
  get hasGroups() {
    return new Set(this.data.groups).size > 1;
  }

  startRows() {
    const rows = this.ends().map(({ angle, end, share, flipped, constant }) => [angle, end, share, flipped, constant]);
    return [
      ["first_direction_degrees", "last_direction_degrees", "agreement", "named_the_other_way", "constant"],
      ...rows,
    ];
  }

  pathRows() {
    const rows = this.path.map(({ w, g, b }, step) => [
      step,
      meanEntropy(this.path[step], this.data.points),
      ...w,
      ...g,
      b,
    ]);
    return [["step", "mean_H_bits", "w1", "w2", "G1", "G2", "b"], ...rows];
  }

  pointRows() {
    const rows = this.data.points.map((point, index) => {
      const z = activation(this.neuron, point);
      return [...point, this.data.groups[index], z, sigmoid(z), entropy(z), slope(z)];
    });
    return [["x1", "x2", "group", "z", "D", "H_bits", "dH_dz"], ...rows];
  }
}
