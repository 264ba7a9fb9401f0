// A canvas that is as sharp as the screen, and axes.

import { penOf } from "../shared/dom.js";

export class Canvas {
  /**
   * @param {HTMLElement} parent
   * @param {string} label
   * @param {number} ratio
   */
  constructor(parent, label, ratio) {
    this.node = parent.appendChild(document.createElement("canvas"));
    this.node.setAttribute("role", "img");
    this.node.setAttribute("aria-label", label);
    this.ratio = ratio;
    this.pen = penOf(this.node);
  }

  /**
   * Fits the canvas to its place and clears it; returns its size in CSS pixels.
   * @param {string} font
   */
  begin(font) {
    const width = this.node.clientWidth;
    const height = Math.round(width * this.ratio);
    const scale = devicePixelRatio || 1;
    if (this.node.width !== Math.round(width * scale) || this.node.height !== Math.round(height * scale)) {
      this.node.width = Math.round(width * scale);
      this.node.height = Math.round(height * scale);
      this.node.style.height = `${height}px`;
    }
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.pen.font = `11.5px ${font}`;
    return { width, height };
  }
}

/**
 * A line through the points that are known.
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} xs
 * @param {number[]} ys
 * @param {string} color
 * @param {number[]} [dash]
 */
export function line(pen, xs, ys, color, width = 2, dash = []) {
  pen.save();
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.setLineDash(dash);
  pen.beginPath();
  xs.forEach((x, place) => (place ? pen.lineTo(x, ys[place]) : pen.moveTo(x, ys[place])));
  pen.stroke();
  pen.restore();
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} color
 * @param {CanvasTextAlign} [align]
 */
export function text(pen, words, x, y, color, align = "left") {
  pen.fillStyle = color;
  pen.textAlign = align;
  pen.fillText(words, x, y);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {string} color
 * @param {string} ground
 */
export function dot(pen, x, y, color, ground, radius = 4.5) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = ground;
  pen.stroke();
}
