// The entropy functional and the two things that descend on it here; `enigma/functionals` holds the same in Python.

/** @import { NeuronState, Pair, UnitState } from "../types" */

/**
 * A pair of what is on each of the two axes.
 * @param {(axis: number) => number} of
 * @returns {Pair}
 */
export const both = (of) => [of(0), of(1)];

/** Bits in a nat. */
export const BITS = 1 / Math.LN2;

/** Where |dH/dz| is largest: z tanh(z / 2) = 1. */
export const STEEPEST = 1.5434046384182085;

/** @param {number} z */
export function sigmoid(z) {
  const tail = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
}

/** @param {number} z */
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/**
 * H(z) in bits; every term is positive, so nothing cancels.
 * @param {number} z
 */
export const entropy = (z) => BITS * (sigmoid(z) * softplus(-z) + sigmoid(-z) * softplus(z));

/**
 * dH/dz in bits per unit of z.
 * @param {number} z
 */
export function slope(z) {
  const tail = Math.exp(-Math.abs(z));
  return (-BITS * z * tail) / (1 + tail) ** 2;
}

/**
 * Binary entropy in bits of a probability `d`, given with its complement so that neither loses its digits.
 * @param {number} d
 * @param {number} rest
 */
export const binaryEntropy = (d, rest) => BITS * ((d && d * -Math.log(d)) + (rest && rest * -Math.log(rest)));

/**
 * z of a neuron { w, g, b } at a point [x, y].
 * @param {NeuronState} parts
 * @param {Pair} options
 */
export const activation = ({ w, g, b }, [x, y]) => (w[0] + g[0]) * x + (w[1] + g[1]) * y + b;

/**
 * Mean entropy of a neuron over points, in bits.
 * @param {NeuronState} neuron
 * @param {Pair[]} points
 */
export const meanEntropy = (neuron, points) =>
  points.reduce((sum, point) => sum + entropy(activation(neuron, point)), 0) / points.length;

/**
 * The neuron after one step of gradient descent on its mean entropy: w, G and b each by its own gradient.
 * @param {NeuronState} neuron
 * @param {Pair[]} points
 * @param {number} rate
 */
export function neuronStep(neuron, points, rate) {
  const gradient = [0, 0, 0];
  for (const point of points) {
    const pull = slope(activation(neuron, point)) / points.length;
    gradient[0] += pull * point[0];
    gradient[1] += pull * point[1];
    gradient[2] += pull;
  }
  /** @param {Pair} weight */
  const moved = (weight) => both((axis) => weight[axis] - rate * gradient[axis]);
  return { w: moved(neuron.w), g: moved(neuron.g), b: neuron.b - rate * gradient[2] };
}

/**
 * What a batch of activations says: mean entropy, entropy of the mean output (both in bits), mean output.
 * @param {UnitState} parts
 * @param {number[]} inputs
 */
export function batchMeasures({ s, b }, inputs) {
  let [mean, d, rest] = [0, 0, 0];
  for (const x of inputs) {
    const z = s * x + b;
    mean += entropy(z) / inputs.length;
    d += sigmoid(z) / inputs.length;
    rest += sigmoid(-z) / inputs.length;
  }
  return { mean, marginal: binaryEntropy(d, rest), output: d, rest };
}

/**
 * The unit z = s x + b after one step of descent on: mean entropy - weight * entropy of the mean output.
 * @param {UnitState} parts
 * @param {number[]} inputs
 * @param {number} rate
 * @param {number} weight
 */
export function batchStep({ s, b }, inputs, rate, weight) {
  const { output, rest } = batchMeasures({ s, b }, inputs);
  const toHalf = weight * BITS * (Math.log(rest) - Math.log(output));
  let [forS, forB] = [0, 0];
  for (const x of inputs) {
    const z = s * x + b;
    const pull = (slope(z) - toHalf * sigmoid(z) * sigmoid(-z)) / inputs.length;
    forS += pull * x;
    forB += pull;
  }
  return { s: s - rate * forS, b: b - rate * forB };
}

/**
 * How many activations lie above zero, below it, and at it, where nothing ever moves.
 * @param {number[]} zs
 */
export function sides(zs) {
  const above = zs.filter((z) => z > 0).length;
  const below = zs.filter((z) => z < 0).length;
  return { above, below, at: zs.length - above - below };
}

/**
 * Share of the points that lie on the side of their group, under the better of the two namings, and which it is.
 * @param {NeuronState} neuron
 * @param {Pair[]} points
 * @param {number[]} groups
 */
export function agreement(neuron, points, groups) {
  let same = 0;
  for (const [index, point] of points.entries())
    same += Number(activation(neuron, point) > 0 === (groups[index] === 1));
  const share = same / points.length;
  return { share: Math.max(share, 1 - share), flipped: share < 0.5 };
}

/**
 * Numbers that look normal and are the same on every visit.
 * @param {number} count
 * @param {number} seed
 */
export function normals(count, seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
