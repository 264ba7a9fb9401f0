// Which values an axis covers.

import { isNumber } from "../shared/numbers.js";

// An axis shows at least this share of the largest value, so that noise on a constant does not look like a change.
const LEAST_SHARE = 0.05;

/**
 * Lowest and highest value of an axis; `fromZero` for quantities that have a natural zero.
 * @param {(number | null)[]} values
 * @param {{ fromZero?: boolean, leastSpan?: number }} [options]
 */
export function valueRange(values, { fromZero = false, leastSpan = 0 } = {}) {
  const finite = values.filter(isNumber);
  if (!finite.length) return { low: 0, high: 1, empty: true };
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const least = Math.max(leastSpan, LEAST_SHARE * Math.max(Math.abs(low), Math.abs(high))) || 1;
  const margin = (high - low) * 0.12;
  if (fromZero && low >= 0) return { low: 0, high: Math.max(high + margin, least), empty: false };
  const missing = Math.max(least - (high - low) - 2 * margin, 0) / 2;
  return { low: low - margin - missing, high: high + margin + missing, empty: false };
}
