// Points of a plot that can be moved: by mouse and finger where they are, by the keyboard through one handle on top.

import { element } from "../shared/dom.js";
import { both } from "./maths.js";

/** @import { Attributes, HandleOptions, Pair } from "../types" */
/** @import { Plot } from "./plot.js" */

/** @type {Record<string, Pair>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** @type {Record<string, number>} */
const TURNS = { PageUp: -1, PageDown: 1 };
const [SMALL, LARGE] = [0.05, 0.5];
/** How many pixels from a point it can still be taken. @type {Record<string, number>} */
const GRASP = { mouse: 11, touch: 24 };

export class Handle {
  /**
   * `points` gives the [x, y] pairs, `move` is told the number of one and its new place; `say` puts the point of
   * a number in words: what it is, and how it stands.
   * @param {Plot} plot
   * @param {HandleOptions} options
   */
  constructor(plot, { points, move, say }) {
    this.plot = plot;
    this.points = points;
    this.move = move;
    this.say = say;
    this.index = 0;
    this.node = element(plot.host, "div", "handle");
    this.node.tabIndex = 0;
    this.node.title = "Arrow keys move the point, with Shift in large steps; Page Up and Page Down choose another.";
    this.set({
      role: "slider",
      "aria-roledescription": "point on a plane",
      "aria-valuemin": plot.xRange[0],
      "aria-valuemax": plot.xRange[1],
    });
    this.node.addEventListener("keydown", (event) => this.press(event));
    plot.root.addEventListener("pointermove", (event) => {
      if (!event.buttons) plot.root.style.cursor = this.under(event) < 0 ? "" : "move";
    });
  }

  /** @param {Attributes} attributes */
  set(attributes) {
    for (const [name, value] of Object.entries(attributes)) this.node.setAttribute(name, String(value));
  }

  /** Puts the handle on its point; call after the plot is drawn. */
  draw() {
    const [x, y] = this.points()[this.index];
    const [what, how] = this.say(this.index);
    this.node.style.translate = `${this.plot.x(x)}px ${this.plot.y(y)}px`;
    this.set({ "aria-label": what, "aria-valuenow": x.toFixed(2), "aria-valuetext": how });
  }

  /**
   * The number of the nearest point that a pointer can take, or -1.
   * @param {PointerEvent} parts
   */
  under({ clientX, clientY, pointerType }) {
    const { plot } = this;
    const box = plot.root.getBoundingClientRect();
    let [best, nearest] = [-1, GRASP[pointerType] ?? GRASP.mouse];
    for (const [index, [x, y]] of this.points().entries()) {
      const distance = Math.hypot(plot.x(x) + box.left - clientX, plot.y(y) + box.top - clientY);
      if (distance < nearest) [best, nearest] = [index, distance];
    }
    return best;
  }

  /**
   * For `dragOn`: takes the point under the pointer, if there is one, and gives what moves it.
   * @param {PointerEvent} event
   */
  grab(event) {
    const index = this.under(event);
    if (index < 0) return null;
    this.index = index;
    this.node.focus({ preventScroll: true });
    /** @param {PointerEvent} parts */
    const at = ({ clientX, clientY }) => [this.plot.xAt(clientX), this.plot.yAt(clientY)];
    const [first, place] = [at(event), this.points()[index]];
    return (/** @type {PointerEvent} */ moved) =>
      this.shift(
        place,
        both((axis) => at(moved)[axis] - first[axis]),
      );
  }

  /**
   * @param {Pair} place
   * @param {number[]} by
   */
  shift(place, by) {
    const { xRange, yRange } = this.plot;
    this.move(
      this.index,
      both((axis) => {
        const [low, high] = [xRange, yRange][axis];
        return Math.min(Math.max(place[axis] + by[axis], low), high);
      }),
    );
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = event.shiftKey ? LARGE : SMALL;
    const count = this.points().length;
    const turn = TURNS[event.key];
    if (KEYS[event.key])
      this.shift(
        this.points()[this.index],
        KEYS[event.key].map((way) => way * step),
      );
    else if (turn) {
      this.index = (this.index + turn + count) % count;
      this.draw();
    } else return;
    event.preventDefault();
  }
}
