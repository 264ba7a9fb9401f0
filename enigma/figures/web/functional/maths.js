// The entropy functional and the two things that descend on it here; `enigma/functionals` holds the same in Python.

/** Bits in a nat. */
export const BITS = 1 / Math.LN2;

/** Where |dH/dz| is largest: z tanh(z / 2) = 1. */
export const STEEPEST = 1.5434046384182085;

export function sigmoid(z) {
  const tail = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
}

const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** H(z) in bits; every term is positive, so nothing cancels. */
export const entropy = (z) => BITS * (sigmoid(z) * softplus(-z) + sigmoid(-z) * softplus(z));

/** dH/dz in bits per unit of z. */
export function slope(z) {
  const tail = Math.exp(-Math.abs(z));
  return (-BITS * z * tail) / (1 + tail) ** 2;
}

/** Binary entropy in bits of a probability `d`, given with its complement so that neither loses its digits. */
export const binaryEntropy = (d, rest) => BITS * ((d && d * -Math.log(d)) + (rest && rest * -Math.log(rest)));

/** z of a neuron { w, g, b } at a point [x, y]. */
export const activation = ({ w, g, b }, [x, y]) => (w[0] + g[0]) * x + (w[1] + g[1]) * y + b;

/** Mean entropy of a neuron over points, in bits. */
export const meanEntropy = (neuron, points) =>
  points.reduce((sum, point) => sum + entropy(activation(neuron, point)), 0) / points.length;

/** The neuron after one step of gradient descent on its mean entropy: w, G and b each by its own gradient. */
export function neuronStep(neuron, points, rate) {
  const gradient = [0, 0, 0];
  for (const point of points) {
    const pull = slope(activation(neuron, point)) / points.length;
    gradient[0] += pull * point[0];
    gradient[1] += pull * point[1];
    gradient[2] += pull;
  }
  const moved = (weight) => [weight[0] - rate * gradient[0], weight[1] - rate * gradient[1]];
  return { w: moved(neuron.w), g: moved(neuron.g), b: neuron.b - rate * gradient[2] };
}

/** What a batch of activations says: mean entropy, entropy of the mean output (both in bits), mean output. */
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

/** The unit z = s x + b after one step of descent on: mean entropy - weight * entropy of the mean output. */
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

/** Share of the points that lie on the side of their group, under the better of the two namings, and which it is. */
export function agreement(neuron, points, groups) {
  let same = 0;
  for (const [index, point] of points.entries()) same += activation(neuron, point) > 0 === (groups[index] === 1);
  const share = same / points.length;
  return { share: Math.max(share, 1 - share), flipped: share < 0.5 };
}

/** Numbers that look normal and are the same on every visit. */
export function normals(count, seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
