// How numbers are written, and round ones for axes.

const MISSING = "–";

/**
 * @param {unknown} value
 * @returns {value is number}
 */
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * A share in [0, 1] as percent.
 * @param {number | null} value
 * @param {number} [digits]
 */
export const percent = (value, digits = 1) => (isNumber(value) ? `${(value * 100).toFixed(digits)} %` : MISSING);

/**
 * A number with about three digits.
 * @param {number | null} value
 */
export function short(value) {
  if (!isNumber(value)) return MISSING;
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/**
 * A change with its sign; the minus is a real one, as wide as the plus.
 * @param {number} value
 * @param {number} [digits]
 */
export function signed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(text) !== 0 ? "−" : "+"}${text}`;
}

/**
 * A stride of 1, 2 or 5 times a power of ten, at least as long as `rough`.
 * @param {number} rough
 */
export function roundStride(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

/**
 * Round values that cover a range in about `count` parts.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const stride = roundStride((high - low) / count);
  const first = Math.ceil(low / stride - 1e-9);
  const last = Math.floor(high / stride + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * stride).toPrecision(12)));
}
