// Small shapes drawn straight into pixels: thousands of points a frame, without a graphics card.

/** @import { Stamp } from "../types" */
//
// A shape is rasterised once for each quarter of a pixel, so that points glide instead of jumping from pixel to pixel.

const PHASES = 4;

/**
 * Rasterises a shape; `coverage(x, y)` says how much of the pixel at that offset from the centre is inside.
 * @param {number} radius
 * @param {(x: number, y: number) => number} coverage
 */
export function makeStamp(radius, coverage) {
  const half = Math.ceil(radius + 1);
  const size = 2 * half + 1;
  const alpha = new Uint8Array(PHASES * PHASES * size * size);
  for (let phase = 0; phase < PHASES * PHASES; phase++) {
    const shiftX = ((phase % PHASES) + 0.5) / PHASES - 0.5;
    const shiftY = (Math.floor(phase / PHASES) + 0.5) / PHASES - 0.5;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const inside = coverage(column - half - shiftX, row - half - shiftY);
        alpha[(phase * size + row) * size + column] = Math.round(255 * Math.min(Math.max(inside, 0), 1));
      }
    }
  }
  return { half, size, alpha };
}

/** @param {number} radius */
export const disc = (radius) => makeStamp(radius, (x, y) => radius + 0.5 - Math.hypot(x, y));

/**
 * @param {number} radius
 * @param {number} width
 */
export const ring = (radius, width) =>
  makeStamp(radius, (x, y) => width / 2 + 0.5 - Math.abs(Math.hypot(x, y) - radius + width / 2));

/**
 * @param {number} radius
 * @param {number} width
 */
export const cross = (radius, width) =>
  makeStamp(radius, (x, y) => {
    const along = Math.max(Math.abs(x + y), Math.abs(x - y)) / Math.SQRT2;
    const across = Math.min(Math.abs(x + y), Math.abs(x - y)) / Math.SQRT2;
    return Math.min(width / 2 + 0.5 - across, radius + 0.5 - along);
  });

/** A picture whose pixels we blend ourselves. */
export class PixelLayer {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  /** @param {number} color */
  fill(color) {
    this.words.fill(toWord(color));
  }

  /** @param {PixelLayer} other */
  copyFrom(other) {
    this.words.set(other.words);
  }

  /**
   * Blends a shape over what is there, centred on (x, y); `opacity` runs from 0 to 256.
   * @param {number} x
   * @param {number} y
   * @param {Stamp} shape
   * @param {number} color
   * @param {number} opacity
   */
  stamp(x, y, shape, color, opacity) {
    const { half, size, alpha } = shape;
    const { width, height, words } = this;
    const left = Math.floor(x) - half;
    const top = Math.floor(y) - half;
    if (left + size <= 0 || top + size <= 0 || left >= width || top >= height) return;
    const phase = Math.floor((y - Math.floor(y)) * PHASES) * PHASES + Math.floor((x - Math.floor(x)) * PHASES);
    const word = toWord(color);
    const redBlue = word & 0xff00ff;
    const green = word & 0x00ff00;
    const firstColumn = Math.max(0, -left);
    const lastColumn = Math.min(size, width - left);
    const lastRow = Math.min(size, height - top);
    for (let row = Math.max(0, -top); row < lastRow; row++) {
      let source = (phase * size + row) * size + firstColumn;
      let target = (top + row) * width + left + firstColumn;
      for (let column = firstColumn; column < lastColumn; column++, source++, target++) {
        const cover = alpha[source];
        if (cover === 0) continue;
        const weight = (cover * opacity + 128) >> 8;
        const rest = 256 - weight;
        const below = words[target];
        words[target] =
          0xff000000 |
          (((Math.imul(redBlue, weight) + Math.imul(below & 0xff00ff, rest)) >>> 8) & 0xff00ff) |
          (((Math.imul(green, weight) + Math.imul(below & 0x00ff00, rest)) >>> 8) & 0x00ff00);
      }
    }
  }
}

/**
 * 0xrrggbb as the little-endian word of an opaque pixel.
 * @param {number} color
 */
export function toWord(color) {
  return (0xff000000 | ((color & 255) << 16) | (color & 0xff00) | (color >> 16)) >>> 0;
}
