// What is painted on the strip of distances: an axis, hills, medians and the point under the pointer.

import { css } from "./colors.js";
import { axisTicks, placeOf } from "./distance_axis.js";
import { short } from "../shared/numbers.js";

/** @import { DistanceAxis, NumericTheme } from "../types" */
/** @import { Spread } from "./distribution.js" */

const MARGIN = 8;
/** Where the hills stand, from the top, and how much is below them. */
const TOP = 15;
const BELOW = 15;
const STRIDE = 4;

/** One painting of the strip, in CSS pixels. */
export class StripStage {
  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   * @param {DistanceAxis} scale
   * @param {NumericTheme} theme
   */
  constructor(pen, width, height, scale, theme) {
    this.pen = pen;
    this.outer = width;
    this.width = width - 2 * MARGIN;
    this.floor = height - BELOW;
    this.scale = scale;
    this.theme = theme;
  }

  /** @param {number} distance */
  x(distance) {
    return MARGIN + Math.min(Math.max(placeOf(this.scale, distance), 0), 1) * this.width;
  }

  axis() {
    const { pen, floor, width, theme } = this;
    pen.fillStyle = css(theme.line);
    pen.fillRect(MARGIN, floor, width, 1);
    pen.font = `11px ${theme.font}`;
    pen.textBaseline = "top";
    pen.textAlign = "center";
    pen.fillStyle = css(theme.muted);
    for (const value of axisTicks(this.scale, Math.max(Math.floor(width / 70), 3))) {
      const text = String(value);
      const half = pen.measureText(text).width / 2;
      pen.fillRect(this.x(value) - 0.5, floor, 1, 3);
      pen.fillText(text, Math.min(Math.max(this.x(value), half), this.outer - half), floor + 4);
    }
  }

  /**
   * @param {Float32Array} heights
   * @param {number} peak
   * @param {number} color
   * @param {number} opacity
   */
  hill(heights, peak, color, opacity) {
    const { pen, floor, width } = this;
    const scale = (floor - TOP) / peak;
    pen.beginPath();
    // The blur is wider than these strides, which are fewer to draw.
    for (let place = 0; place < heights.length; place += STRIDE) {
      const height = Math.min(heights[place], peak);
      pen.lineTo(MARGIN + ((place + 0.5) / heights.length) * width, floor - height * scale);
    }
    pen.strokeStyle = pen.fillStyle = css(color);
    pen.lineWidth = 1.4;
    pen.stroke();
    pen.lineTo(MARGIN + width, floor);
    pen.lineTo(MARGIN, floor);
    pen.globalAlpha = opacity;
    pen.fill();
    pen.globalAlpha = 1;
  }

  /**
   * A line at each median, its value on the side that turns away from the other.
   * @param {Spread} test
   * @param {Spread} training
   */
  medians(test, training) {
    const { theme } = this;
    const further = !(test.median < training.median);
    this.median(training, theme.muted, "", !further);
    this.median(test, theme.blue, "600 ", further);
  }

  /**
   * @param {Spread} spread
   * @param {number} color
   * @param {string} weight
   * @param {boolean} right whether its text stands to the right
   */
  median({ median, count }, color, weight, right) {
    if (!count) return;
    const { pen, floor, outer, theme } = this;
    const place = this.x(median);
    pen.fillStyle = css(color);
    pen.fillRect(place - 0.75, 1, 1.5, floor - 1);
    pen.font = `${weight}11.5px ${theme.font}`;
    pen.textBaseline = "top";
    const room = (right ? outer - place : place) - 4;
    const texts = [count > 1 ? `median ${short(median)}` : short(median), short(median)];
    const text = texts.find((words) => pen.measureText(words).width < room);
    // Where even the number has no room, it stands on the other side.
    const before = text ? !right : right;
    pen.textAlign = before ? "right" : "left";
    pen.fillText(text ?? texts[1], before ? place - 4 : place + 4, 0);
  }

  /**
   * Where the point under the pointer is.
   * @param {number} distance
   */
  pointer(distance) {
    const { pen, floor, theme } = this;
    const place = this.x(distance);
    pen.fillStyle = css(theme.ink);
    pen.beginPath();
    pen.moveTo(place, floor - 1);
    pen.lineTo(place - 4, floor - 9);
    pen.lineTo(place + 4, floor - 9);
    pen.fill();
  }
}
