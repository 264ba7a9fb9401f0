// Which values an axis covers.

import { isNumber } from "../shared/numbers.js";

/**
 * Lowest and highest value of an axis; `fromZero` for quantities that have a natural zero.
 * @param {(number | null)[]} values
 * @param {{ fromZero?: boolean, near?: number | null }} [options]
 */
export function valueRange(values, { fromZero = false, near = null } = {}) {
  const finite = values.filter(isNumber);
  if (!finite.length) return { low: 0, high: 1, empty: true };
  let low = Math.min(...finite);
  let high = Math.max(...finite);
  const spread = high - low || Math.abs(high) * 0.1 || 1;
  // A reference value joins the axis only when it lies close enough not to squeeze the curve.
  if (near !== null && near > low - spread * 0.35 && near < high + spread * 0.35) {
    low = Math.min(low, near);
    high = Math.max(high, near);
  }
  const margin = (high - low || spread) * 0.12;
  return { low: fromZero && low >= 0 ? 0 : low - margin, high: high + margin, empty: false };
}
