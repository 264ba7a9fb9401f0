// What the picture frames: training and the test images of the moment, the whole run, or a place chosen by hand.
//
// What it frames is a function of the time alone: positions are mixed linearly between two frames, and so is what holds
// them. Scrubbing therefore moves the camera as smoothly as the points, without lag. Only a change of the way to look,
// such as from one class back to all, has a glide of its own.

import { fitTransform, isByHand, WHOLE } from "./zoom.js";

/** @import { Extent, Host, Transform, View } from "../types" */
/** @import { Run } from "./model.js" */

const GLIDE = 320;
// On each of four sides, so that one point of a hundred is left out at the very most.
const CUT = 0.0025;
// Outliers are left out only where that makes the rest this much larger.
const WORTH = 1.15;

/**
 * The ends of most of some values: outliers are left out, a quarter of a percent at each end at most.
 * @param {Uint16Array | Float32Array} values sorted in place
 */
export function innerRange(values) {
  if (!values.length) return null;
  values.sort();
  const cut = Math.floor(values.length * CUT);
  const last = values.length - 1;
  const [low, high] = [values[cut], values[last - cut]];
  const whole = values[last] - values[0];
  return whole > WORTH * (high - low) ? { low, high } : { low: values[0], high: values[last] };
}

/**
 * The smallest extent that holds all of these.
 * @param {(Extent | null)[]} extents
 */
export function union(extents) {
  /** @type {Extent | null} */
  let all = null;
  for (const one of extents) {
    if (!one) continue;
    all ??= { ...one };
    all.left = Math.min(all.left, one.left);
    all.right = Math.max(all.right, one.right);
    all.bottom = Math.min(all.bottom, one.bottom);
    all.top = Math.max(all.top, one.top);
  }
  return all;
}

/**
 * An extent between two.
 * @param {Extent} from
 * @param {Extent} to
 * @param {number} share
 */
const between = (from, to, share) => ({
  left: from.left + (to.left - from.left) * share,
  right: from.right + (to.right - from.right) * share,
  bottom: from.bottom + (to.bottom - from.bottom) * share,
  top: from.top + (to.top - from.top) * share,
});

/**
 * A view between two: its centre, and how much of the plane it shows, go evenly.
 * @param {Transform} from
 * @param {Transform} to
 * @param {number} share
 * @param {number} width
 * @param {number} height
 */
export function betweenTransforms(from, to, share, width, height) {
  /** @param {Transform} parts */
  const pose = ({ scale, offsetX, offsetY }) => [
    (width / 2 - offsetX) / scale,
    (offsetY - height / 2) / scale,
    1 / scale,
  ];
  const [start, end] = [pose(from), pose(to)];
  const [x, y, span] = start.map((value, index) => value + (end[index] - value) * share);
  return { scale: 1 / span, offsetX: width / 2 - x / span, offsetY: height / 2 + y / span };
}

/** What holds the images of a run, worked out when it is first asked for. */
export class Framing {
  /** @param {Run} run */
  constructor(run) {
    this.run = run;
    /** @type {Map<string, Extent>} */
    this.known = new Map();
  }

  /**
   * Training and test images at a time, of one class or of all (-1).
   * @param {number} time
   * @param {number} alone
   */
  at(time, alone) {
    const before = Math.floor(time);
    const after = Math.min(before + 1, this.run.frameCount - 1);
    const first = this.frame(before, alone);
    return after === before ? first : between(first, this.frame(after, alone), time - before);
  }

  /**
   * The same over all frames.
   * @param {number} alone
   */
  whole(alone) {
    return this.remember(`whole ${alone}`, () =>
      union(Array.from({ length: this.run.frameCount }, (_, frame) => this.frame(frame, alone))),
    );
  }

  /**
   * @param {number} frame
   * @param {number} alone
   * @returns {Extent}
   */
  frame(frame, alone) {
    const { run } = this;
    const start = frame * run.count;
    return this.remember(`${frame} ${alone}`, () => {
      const training = this.remember(`training ${alone}`, () =>
        this.hold(run.referenceX, run.referenceY, 0, run.referenceCount, (point) => run.referenceLabels[point], alone),
      );
      const test = this.hold(run.x, run.y, start, run.count, (point) => run.distanceClass(point, frame), alone);
      return union([run.referenceCount ? training : null, test]);
    });
  }

  /**
   * @param {ArrayLike<number>} x
   * @param {ArrayLike<number>} y
   * @param {number} start
   * @param {number} count
   * @param {(point: number) => number} classOf
   * @param {number} alone
   */
  hold(x, y, start, count, classOf, alone) {
    const [across, up] = [new Uint16Array(count), new Uint16Array(count)];
    let held = 0;
    for (let point = 0; point < count; point++) {
      if (alone >= 0 && classOf(point) !== alone) continue;
      across[held] = x[start + point];
      up[held++] = y[start + point];
    }
    const horizontal = innerRange(across.subarray(0, held));
    const vertical = innerRange(up.subarray(0, held));
    if (!horizontal || !vertical) return null;
    return { left: horizontal.low, right: horizontal.high, bottom: vertical.low, top: vertical.high };
  }

  /**
   * @param {string} key
   * @param {() => Extent | null} make
   */
  remember(key, make) {
    const found = this.known.get(key);
    if (found) return found;
    const made = make() ?? this.run.extent;
    this.known.set(key, made);
    return made;
  }
}

/** Looks at one picture, and glides where the way to look has changed. */
export class Camera {
  /** @param {Host} app */
  constructor(app) {
    this.app = app;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {Framing} */
    this.framing;
    this.way = "";
    this.began = -Infinity;
    /** @type {Transform | null} */
    this.from = null;
    /** @type {Transform | null} */
    this.last = null;
  }

  /** @param {Run} run */
  load(run) {
    if (this.framing?.run === run) return;
    this.framing = new Framing(run);
    this.way = "";
    this.last = null;
  }

  /**
   * What is shown now, and the same if a person had chosen nothing by hand.
   * @param {View} view
   * @param {number} width
   * @param {number} height
   * @param {number} padding
   */
  look(view, width, height, padding) {
    const all = this.framing.run.extent;
    const framed = view.show.follow
      ? union(this.app.times.map((time) => this.framing.at(time, view.alone)))
      : this.framing.whole(view.alone);
    const own = fitTransform(framed ?? all, WHOLE, width, height, padding);
    const byHand = isByHand(view.zoom);
    const target = byHand ? fitTransform(all, view.zoom, width, height, padding) : own;
    const shown = this.glide(target, `${byHand} ${view.show.follow} ${view.alone} ${width} ${height}`, width, height);
    return { own, shown };
  }

  /**
   * @param {Transform} target
   * @param {string} way
   * @param {number} width
   * @param {number} height
   */
  glide(target, way, width, height) {
    const now = performance.now();
    if (way !== this.way) {
      // A hand that zooms is followed at once, and another size is another picture.
      const sudden = way.startsWith("true") || !this.way.endsWith(` ${width} ${height}`);
      this.began = sudden || this.calm.matches || !this.last ? -Infinity : now;
      this.from = this.last;
      this.way = way;
    }
    const share = Math.min((now - this.began) / GLIDE, 1);
    const eased = 1 - (1 - share) ** 3;
    this.last = share < 1 && this.from ? betweenTransforms(this.from, target, eased, width, height) : target;
    if (share < 1) this.app.invalidate();
    return this.last;
  }
}
