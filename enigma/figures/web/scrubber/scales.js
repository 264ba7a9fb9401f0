// Where steps lie on the shared axis, which values an axis covers, and how numbers are written.

const MISSING = "–";

/** The axis of steps that the curves and the timeline share; positions run from 0 to 1. */
export class StepAxis {
  constructor(steps, logarithmic) {
    this.steps = steps;
    this.logarithmic = logarithmic;
    this.last = steps[steps.length - 1];
    this.frames = Float64Array.from(steps, (step) => this.position(step));
  }

  /** Position of any step, recorded or not. */
  position(step) {
    if (this.last <= 0) return 0;
    return this.logarithmic ? Math.log1p(step) / Math.log1p(this.last) : step / this.last;
  }

  /** Position of a time, which counts frames and may lie between two. */
  positionOfTime(time) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.frames.length - 1);
    return this.frames[before] + (this.frames[after] - this.frames[before]) * (time - before);
  }

  /** The time whose position is given; the inverse of `positionOfTime`. */
  timeAt(position) {
    const last = this.frames.length - 1;
    if (last === 0 || position <= this.frames[0]) return 0;
    if (position >= this.frames[last]) return last;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.frames[middle] <= position) low = middle;
      else high = middle;
    }
    return low + (position - this.frames[low]) / (this.frames[high] - this.frames[low]);
  }

  /** Round steps to label, at least `gap` pixels apart on an axis of `width` pixels. */
  ticks(width, gap = 44) {
    const kept = [];
    let previous = -Infinity;
    for (const step of this.logarithmic ? decades(this.last) : roundSteps(this.last, width / gap / 1.5)) {
      const place = this.position(step) * width;
      if (place - previous < gap) continue;
      kept.push(step);
      previous = place;
    }
    return kept;
  }
}

function decades(last) {
  const steps = [0];
  for (let step = 1; step <= last; step *= 10) steps.push(step);
  return steps;
}

function roundSteps(last, wanted) {
  const rough = Math.max(last / Math.max(wanted, 1), 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const steps = [];
  for (let step = 0; step <= last; step += stride) steps.push(step);
  return steps;
}

/** Lowest and highest value of an axis; `fromZero` for quantities that have a natural zero. */
export function valueRange(values, { fromZero = false, near = null } = {}) {
  const finite = values.filter((value) => value !== null && Number.isFinite(value));
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

export const isNumber = (value) => value !== null && value !== undefined && Number.isFinite(value);

/** An accuracy in [0, 1] as percent with one decimal. */
export const percent = (value) => (isNumber(value) ? `${(value * 100).toFixed(1)} %` : MISSING);

/** A number with about three digits. */
export function short(value) {
  if (!isNumber(value)) return MISSING;
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** A change with its sign; the minus is a real one, as wide as the plus. */
export function signed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(text) !== 0 ? "−" : "+"}${text}`;
}
