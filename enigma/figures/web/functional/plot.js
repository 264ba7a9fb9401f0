// A plot as SVG: drawn anew from numbers whenever they change, so that what is on screen can be saved as it is.

import { ticks } from "../shared/numbers.js";
import { label, SPACE, svg, tickText } from "./svg.js";

/** @import { Attributes, Pair, PlotOptions, Theme } from "../types" */

const MARGIN = { left: 46, right: 14, top: 12, bottom: 40 };

/** One set of axes; `x` and `y` are [low, high]. */
export class Plot {
  /**
   * @param {HTMLElement} host
   * @param {PlotOptions} options
   */
  constructor(host, { x, y, xLabel, yLabel, name, height = () => 240, margin = {}, logarithmic = false }) {
    this.host = host;
    this.xRange = x;
    this.yRange = y;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.height = height;
    this.logarithmic = logarithmic;
    /** @type {Theme} */
    this.theme;
    this.width = 0;
    this.tall = 0;
    /** What the axes enclose, in CSS pixels. */
    this.inner = { width: 0, height: 0 };
    this.margin = { ...MARGIN, ...margin };
    this.root = host.appendChild(svg("svg", { role: "img", "aria-label": name }));
  }

  /** @param {string} text */
  describe(text) {
    this.root.setAttribute("aria-label", text);
  }

  measure() {
    this.width = this.host.clientWidth;
  }

  /**
   * Empties the plot and draws its frame; false while it is out of sight or not yet measured.
   * @param {Theme} theme
   */
  begin(theme) {
    this.theme = theme;
    if (!this.width) this.measure();
    if (this.width < 40) return false;
    this.tall = this.height(this.width);
    const { left, right, top, bottom } = this.margin;
    this.inner = { width: this.width - left - right, height: this.tall - top - bottom };
    this.root.replaceChildren();
    for (const [key, value] of Object.entries({
      xmlns: SPACE,
      width: this.width,
      height: this.tall,
      viewBox: `0 0 ${this.width} ${this.tall}`,
      "font-family": theme.font,
      "font-size": 11.5,
      fill: theme.muted,
    }))
      this.root.setAttribute(key, String(value));
    return true;
  }

  /** @param {number} value */
  x(value) {
    const [low, high] = this.xRange;
    return this.margin.left + ((value - low) / (high - low)) * this.inner.width;
  }

  /** @param {number} value */
  y(value) {
    const scale = this.logarithmic ? Math.log10 : Number;
    const [low, high] = this.yRange.map(scale);
    return this.margin.top + (1 - (scale(value) - low) / (high - low)) * this.inner.height;
  }

  /**
   * The value of x under a pointer.
   * @param {number} clientX
   */
  xAt(clientX) {
    const [low, high] = this.xRange;
    const share = (clientX - this.root.getBoundingClientRect().left - this.margin.left) / this.inner.width;
    return low + Math.min(Math.max(share, 0), 1) * (high - low);
  }

  /**
   * The value of y under a pointer; for axes that are not logarithmic.
   * @param {number} clientY
   */
  yAt(clientY) {
    const [low, high] = this.yRange;
    const share = (clientY - this.root.getBoundingClientRect().top - this.margin.top) / this.inner.height;
    return high - Math.min(Math.max(share, 0), 1) * (high - low);
  }

  /**
   * @param {string} name
   * @param {Attributes} attributes
   * @param {string} [text]
   */
  add(name, attributes, text) {
    return this.root.appendChild(svg(name, attributes, text));
  }

  /**
   * Grid, numbers and the names of the axes.
   * @param {{ xTicks?: number[], yTicks?: number[] }} [ticks]
   */
  axes({ xTicks, yTicks } = {}) {
    const { theme, margin, inner } = this;
    const bottom = margin.top + inner.height;
    for (const value of yTicks ?? this.ownTicks()) {
      const y = this.y(value);
      this.add("line", { x1: margin.left, x2: margin.left + inner.width, y1: y, y2: y, stroke: theme.line });
      this.add("text", { x: margin.left - 7, y: y + 4, "text-anchor": "end" }, tickText(value, this.logarithmic));
    }
    const count = Math.max(2, Math.min(10, inner.width / 60));
    for (const value of xTicks ?? ticks(...this.xRange, count)) {
      const x = this.x(value);
      this.add("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, stroke: theme.muted });
      this.add("text", { x, y: bottom + 17, "text-anchor": "middle" }, label(value));
    }
    this.add("text", { x: margin.left + inner.width, y: bottom + 33, "text-anchor": "end" }, this.xLabel);
    if (this.yLabel) this.add("text", { x: 2, y: 9 }, this.yLabel);
  }

  ownTicks() {
    if (!this.logarithmic) return ticks(...this.yRange, Math.max(2, this.inner.height / 48));
    const [low, high] = this.yRange.map((value) => Math.round(Math.log10(value)));
    return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)).filter((_, i) => i % 2 === 0);
  }

  /**
   * A line through [x, y] pairs.
   * @param {Pair[]} points
   * @param {string} color
   * @param {Attributes} [attributes]
   */
  line(points, color, attributes = {}) {
    const path = points.map(([x, y]) => `${this.x(x).toFixed(2)} ${this.y(y).toFixed(2)}`).join("L");
    return this.add("path", { d: `M${path}`, fill: "none", stroke: color, "stroke-width": 2, ...attributes });
  }

  /**
   * The area between [x, y] pairs and y = 0.
   * @param {Pair[]} points
   * @param {string} color
   * @param {number} opacity
   */
  area(points, color, opacity) {
    if (points.length < 2) return;
    const path = points.map(([x, y]) => `${this.x(x).toFixed(2)} ${this.y(y).toFixed(2)}`).join("L");
    const zero = this.y(0);
    const [first, last] = [this.x(points[0][0]), this.x(points[points.length - 1][0])];
    this.add("path", { d: `M${first} ${zero}L${path}L${last} ${zero}Z`, fill: color, "fill-opacity": opacity });
  }

  /**
   * Dots without an edge, at [x, y] pairs, as one shape.
   * @param {Pair[]} points
   * @param {string} color
   * @param {number} radius
   */
  dots(points, color, radius) {
    const path = points.map(([x, y]) => `M${this.x(x).toFixed(2)} ${this.y(y).toFixed(2)}h0`).join("");
    this.add("path", { d: path, stroke: color, "stroke-width": 2 * radius, "stroke-linecap": "round" });
  }

  /**
   * @param {number} x
   * @param {Attributes} [attributes]
   */
  vertical(x, attributes = {}) {
    const { margin, inner, theme } = this;
    const place = { x1: this.x(x), x2: this.x(x), y1: margin.top, y2: margin.top + inner.height };
    this.add("line", { ...place, stroke: theme.muted, "stroke-dasharray": "2 4", ...attributes });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {string} color
   */
  dot(x, y, color, radius = 5) {
    return this.add("circle", {
      cx: this.x(x),
      cy: this.y(y),
      r: radius,
      fill: color,
      stroke: this.theme.surface,
      "stroke-width": 2,
    });
  }

  /**
   * Words at a place, readable over lines.
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {Attributes} [attributes]
   */
  words(text, x, y, attributes = {}) {
    this.add(
      "text",
      {
        x,
        y,
        "paint-order": "stroke",
        stroke: this.theme.surface,
        "stroke-width": 4,
        "stroke-linejoin": "round",
        fill: this.theme.ink,
        ...attributes,
      },
      text,
    );
  }

  /**
   * The names of the lines, in one row above the plot.
   * @param {[string, string][]} entries
   */
  legend(entries) {
    let x = this.margin.left;
    // Below the name of the axis, where it has one.
    const y = this.yLabel ? 16 : 0;
    for (const [text, color] of entries) {
      this.add("rect", { x, y: y + 2, width: 12, height: 4, rx: 2, fill: color });
      this.add("text", { x: x + 17, y: y + 9, fill: this.theme.ink }, text);
      x += 34 + text.length * 6.4;
    }
  }
}
