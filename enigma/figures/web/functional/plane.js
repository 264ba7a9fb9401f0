// The plane of a neuron's two inputs: the field of its slope, entropy or output, its line, its weights and its points.

import { blend } from "../shared/colors.js";
import { activation, both, entropy, meanEntropy, sigmoid, slope, STEEPEST } from "./maths.js";
import { svg } from "./svg.js";

/** @import { Plot } from "./plot.js" */
/** @import { Neuron } from "./neuron.js" */
/** @import { NeuronState, Pair, Theme } from "../types" */

export const REACH = 3.6;

/**
 * Draws all of it on `plot`; `field` names what the colour shows.
 * @param {Plot} plot
 * @param {Pick<Neuron, "neuron" | "data" | "field">} options
 */
export function drawPlane(plot, { neuron, data, field }) {
  const { theme } = plot;
  const sum = total(neuron);
  drawField(plot, neuron, (z) => fieldColor(theme, field, z));
  drawScale(plot, field);
  plot.axes({ xTicks: [-3, -2, -1, 0, 1, 2, 3], yTicks: [-3, -2, -1, 0, 1, 2, 3] });
  drawDecision(plot, neuron);
  arrows(
    plot,
    data.points.map((point) => /** @type {[Pair, Pair]} */ ([point, pulled(point, activation(neuron, point))])),
    theme.ink,
    1,
    0.55,
  );
  for (const [index, point] of data.points.entries()) drawPoint(plot, neuron, point, data.groups[index]);
  arrows(plot, [[neuron.w, sum]], theme.purple, 2.5, 1);
  arrows(plot, [[[0, 0], neuron.w]], theme.blue, 2.5, 1);
  name(plot, "w", neuron.w, theme.blue);
  if (Math.hypot(...neuron.g) > 0.15) name(plot, "w + G", sum, theme.purple);
  plot.describe(
    `${data.points.length} points, decision line and weights. Mean H ${meanEntropy(neuron, data.points).toFixed(3)} bits.`,
  );
}

/** @param {NeuronState} parts */
const total = ({ w, g }) => both((axis) => w[axis] + g[axis]);

/**
 * Where the arrow of a point with activation z ends: along its own inputs, as long as its gradient says.
 * @param {Pair} point
 * @param {number} z
 */
const pulled = (point, z) => both((axis) => point[axis] * (1 - 1.4 * slope(z)));

/**
 * @param {Plot} plot
 * @param {NeuronState} neuron
 * @param {Pair} point
 * @param {number} group
 */
function drawPoint(plot, neuron, point, group) {
  const { theme } = plot;
  const color = activation(neuron, point) > 0 ? theme.green : theme.orange;
  if (group) {
    plot.dot(...point, color, 5);
    return;
  }
  const [x, y] = [plot.x(point[0]) - 4.5, plot.y(point[1]) - 4.5];
  plot.add("rect", { x, y, width: 9, height: 9, rx: 1.5, fill: color, stroke: theme.surface, "stroke-width": 1.5 });
}

/**
 * @param {Plot} plot
 * @param {string} text
 * @param {Pair} place
 * @param {string} color
 */
function name(plot, text, place, color) {
  const [x, y] = place.map((value) => Math.min(Math.max(value, -3.3), 3.3));
  const right = x < 2.6;
  plot.words(text, plot.x(x) + (right ? 9 : -9), plot.y(y) + (right ? -6 : 4), {
    fill: color,
    "font-weight": 650,
    "font-size": 13,
    "text-anchor": right ? "start" : "end",
  });
}

/**
 * Everything depends on z alone, so the field is one gradient across the decision line.
 * @param {Plot} plot
 * @param {NeuronState} neuron
 * @param {(z: number) => string} color
 */
function drawField(plot, neuron, color) {
  const sum = total(neuron);
  const length = Math.hypot(...sum);
  if (length < 1e-6) {
    plot.add("rect", { ...inside(plot), fill: color(neuron.b) });
    return;
  }
  const span = Math.SQRT2 * REACH;
  /** @param {number} t */
  const at = (t) => [plot.x((t * sum[0]) / length), plot.y((t * sum[1]) / length)];
  const [[x1, y1], [x2, y2]] = [at(-span), at(span)];
  const gradient = plot.add("linearGradient", { id: "field", gradientUnits: "userSpaceOnUse", x1, y1, x2, y2 });
  for (let stop = 0; stop <= 72; stop++) {
    const z = length * (-span + (2 * span * stop) / 72) + neuron.b;
    gradient.append(svg("stop", { offset: stop / 72, "stop-color": color(z) }));
  }
  plot.add("rect", { ...inside(plot), fill: "url(#field)" });
}

/** What the colours of each field run from and to, and the z of both ends. @type {Record<string, [string, string, string, Pair]>} */
const SCALES = {
  slope: ["dH/dz, bits per unit of z", "−0.323", "0.323", [STEEPEST, -STEEPEST]],
  entropy: ["H, bits", "0", "1", [40, 0]],
  output: ["D", "0", "1", [-40, 40]],
};

/** @type {Record<string, (z: number) => number>} */
const VALUES = { slope, entropy, output: sigmoid };

/**
 * The colours of the field above the plane, from its lowest value to its highest.
 * @param {Plot} plot
 * @param {string} field
 */
function drawScale(plot, field) {
  const [title, low, high, [from, to]] = SCALES[field];
  const width = 110;
  const right = plot.margin.left + plot.inner.width;
  const x = right - width - 34;
  const gradient = plot.add("linearGradient", { id: "scale", x1: 0, x2: 1, y1: 0, y2: 0 });
  for (let stop = 0; stop <= 24; stop++) {
    const color = fieldColor(plot.theme, field, valueAt(field, from, to, stop / 24));
    gradient.append(svg("stop", { offset: stop / 24, "stop-color": color }));
  }
  plot.add("rect", { x, y: 7, width, height: 10, fill: "url(#scale)", stroke: plot.theme.line });
  plot.add("text", { x: x - 5, y: 16, "text-anchor": "end" }, `${title}  ${low}`);
  plot.add("text", { x: x + width + 5, y: 16 }, high);
}

/**
 * The z at which a field has the value that lies at a share of the way between its values at two others.
 * @param {string} field
 * @param {number} from
 * @param {number} to
 * @param {number} share
 */
function valueAt(field, from, to, share) {
  const value = VALUES[field];
  const wanted = value(from) + share * (value(to) - value(from));
  // Each of the three rises or falls all the way from one end to the other.
  let [low, high] = [from, to];
  const rises = value(to) > value(from);
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (value(middle) < wanted === rises) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * @param {Theme} theme
 * @param {string} field
 * @param {number} z
 */
function fieldColor(theme, field, z) {
  const strength = theme.dark ? 0.5 : 0.38;
  if (field === "entropy") return blend(theme.surface, theme.blue, strength * entropy(z));
  const signed = field === "slope" ? -slope(z) / 0.323 : 2 * sigmoid(z) - 1;
  return blend(theme.surface, signed > 0 ? theme.green : theme.orange, strength * Math.abs(signed));
}

/**
 * @param {Plot} plot
 * @param {NeuronState} neuron
 */
function drawDecision(plot, neuron) {
  const [a, c] = total(neuron);
  const length = Math.hypot(a, c);
  if (length < 1e-6 || Math.abs(neuron.b / length) > 1.5 * REACH) return;
  const foot = [(-neuron.b * a) / length ** 2, (-neuron.b * c) / length ** 2];
  plot.add("clipPath", { id: "inside" }).append(svg("rect", inside(plot)));
  /** @param {number} t */
  const end = (t) => both((axis) => foot[axis] + (t * [-c, a][axis]) / length);
  plot.line([end(-12), end(12)], plot.theme.ink, { "clip-path": "url(#inside)", "stroke-dasharray": "7 4" });
}

/** @param {Plot} parts */
const inside = ({ margin, inner }) => ({ x: margin.left, y: margin.top, width: inner.width, height: inner.height });

/**
 * Arrows from one place to another, as one shape.
 * @param {Plot} plot
 * @param {[Pair, Pair][]} pairs
 * @param {string} color
 * @param {number} width
 * @param {number} opacity
 */
function arrows(plot, pairs, color, width, opacity) {
  plot.add("path", {
    d: pairs.map(([from, to]) => arrow(plot, from, to, width)).join(""),
    fill: "none",
    stroke: color,
    "stroke-width": width,
    "stroke-opacity": opacity,
    "stroke-linecap": "round",
  });
}

/**
 * @param {Plot} plot
 * @param {Pair} from
 * @param {Pair} to
 * @param {number} width
 */
function arrow(plot, from, to, width) {
  const share = shareInside(from, to);
  const end = [0, 1].map((axis) => from[axis] + share * (to[axis] - from[axis]));
  const [x1, y1, x2, y2] = [plot.x(from[0]), plot.y(from[1]), plot.x(end[0]), plot.y(end[1])];
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length < 2) return "";
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.min(3.2 * width, length * 0.7);
  /** @param {number} side */
  const barb = (side) => `${x2 - head * dx + side * head * 0.6 * dy} ${y2 - head * dy - side * head * 0.6 * dx}`;
  return `M${x1} ${y1}L${x2} ${y2}M${barb(1)}L${x2} ${y2}L${barb(-1)}`;
}

/**
 * How much of the way from one place to another lies on the plane; nothing if it begins outside.
 * @param {Pair} from
 * @param {Pair} to
 */
function shareInside(from, to) {
  if (from.some((value) => Math.abs(value) > REACH)) return 0;
  const limits = [0, 1].map(
    (axis) => (Math.sign(to[axis] - from[axis]) * REACH - from[axis]) / (to[axis] - from[axis]),
  );
  return Math.min(1, ...limits.filter(Number.isFinite));
}
