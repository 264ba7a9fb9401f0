// Where the training images of each class are dense: a soft picture in the colours of the classes, under everything.
//
// Made once for a run in coordinates of its own, and then only copied: the camera moves while a person scrubs.

import { mix } from "../shared/colors.js";
import { bilinear, densityOf, deviation, least, levelOfShare } from "./kernel.js";
import { toWord } from "./stamps.js";

/** @import { Grid, NumericTheme, Ring, Transform, View } from "../types" */
/** @import { Run } from "./model.js" */
/** @import { PixelLayer } from "./stamps.js" */

const CELLS = 160;
const TEXELS = 640;
// Each band holds this share of the class's training images, and is tinted by so much more.
const BANDS = [
  { share: 0.97, tint: 0.15 },
  { share: 0.75, tint: 0.13 },
  { share: 0.4, tint: 0.13 },
];
const RING_TINT = 0.07;

/**
 * The classes whose training images are drawn: all that are not hidden, or the one that stands alone.
 * @param {View} view
 * @param {number} index
 */
export const isClassShown = (view, index) => (view.alone < 0 ? !view.hidden.label.has(index) : view.alone === index);

/** The picture of all densities, and of the rings at the training images' own distances. */
export class Density {
  constructor() {
    this.key = "";
    this.words = new Uint32Array();
    this.left = 0;
    this.bottom = 0;
    this.texel = 1;
    /** What was last painted. @type {Run | null} */
    this.run = null;
  }

  /**
   * Makes the picture where something in it has changed.
   * @param {Run} run
   * @param {View} view
   * @param {NumericTheme} theme
   * @param {(Ring | null)[]} rings in coordinates; none where distances in the picture are not true
   */
  prepare(run, view, theme, rings) {
    const shown = run.classes.map((_, index) => index).filter((index) => isClassShown(view, index));
    const key = [theme.surface, theme.ink, view.show.density, view.show.rings, ...shown].join();
    if (key === this.key && run === this.run) return;
    this.key = key;
    this.run = run;
    const members = shown.map((index) => membersOf(run, index, view.show.rings ? rings[index] : null));
    this.place(members);
    this.words = new Uint32Array(TEXELS * TEXELS).fill(theme.surface);
    for (const one of members) {
      if (one.ring) this.paintRing(one.meanX, one.meanY, one.ring, run.colors[one.index]);
    }
    for (const one of members) {
      if (view.show.density && one.x.length) this.paintClass(one.x, one.y, run.colors[one.index]);
    }
    this.words = this.words.map(toWord);
  }

  /**
   * A square around all that is drawn, with room for the blur.
   * @param {ReturnType<typeof membersOf>[]} members
   */
  place(members) {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y, ring, meanX, meanY } of members) {
      const outer = ring?.outer ?? 0;
      const [across, up] = ring
        ? [
            [...x, meanX - outer, meanX + outer],
            [...y, meanY - outer, meanY + outer],
          ]
        : [x, y];
      for (const value of across) [left, right] = [Math.min(left, value), Math.max(right, value)];
      for (const value of up) [bottom, top] = [Math.min(bottom, value), Math.max(top, value)];
    }
    const side = left <= right ? Math.max(right - left, top - bottom, 1) * 1.16 : 1;
    this.left = left <= right ? (left + right - side) / 2 : 0;
    this.bottom = left <= right ? (bottom + top - side) / 2 : 0;
    this.texel = side / TEXELS;
  }

  /**
   * @param {number[]} x
   * @param {number[]} y
   * @param {number} color
   */
  paintClass(x, y, color) {
    const cell = (this.texel * TEXELS) / CELLS;
    const spread = Math.sqrt(deviation(x) * deviation(y)) || cell;
    // A rule of thumb for a kernel's width, and enough for a lone point to be seen.
    const width = Math.max((0.9 * spread) / Math.max(x.length, 2) ** 0.2, 1.6 * cell);
    // Three boxes that reach to r cells have together a variance of r (r + 1) cells.
    const reach = Math.max(Math.round(Math.sqrt((width / cell) ** 2 + 0.25) - 0.5), 1);
    const margin = 3 * reach + 2;
    const column = Math.floor((least(x) - this.left) / cell) - margin;
    const row = Math.floor((least(y) - this.bottom) / cell) - margin;
    const columns = Math.floor((-least(x.map((value) => -value)) - this.left) / cell) + margin - column + 1;
    const rows = Math.floor((-least(y.map((value) => -value)) - this.bottom) / cell) + margin - row + 1;
    const grid = { left: this.left + column * cell, bottom: this.bottom + row * cell, cell, columns, rows };
    const density = densityOf(x, y, grid, reach);
    const levels = BANDS.map(({ share, tint }) => ({ level: levelOfShare(density, share), tint }));
    this.tint(grid, color, (across, up) => {
      const value = bilinear(
        density,
        columns,
        rows,
        (across - grid.left) / cell - 0.5,
        (up - grid.bottom) / cell - 0.5,
      );
      let tint = 0;
      // A soft edge, so that a picture of few pixels does not show them.
      for (const { level, tint: more } of levels) tint += more * Math.min(Math.max((value / level - 0.85) / 0.3, 0), 1);
      return tint;
    });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Ring} ring
   * @param {number} color
   */
  paintRing(x, y, { inner, outer }, color) {
    const edge = 1.5 * this.texel;
    const box = { left: x - outer - edge, bottom: y - outer - edge, cell: 1, columns: 0, rows: 0 };
    box.columns = box.rows = Math.ceil(2 * (outer + edge));
    this.tint(box, color, (across, up) => {
      const distance = Math.hypot(across - x, up - y);
      const inside = Math.min((distance - inner) / edge, (outer - distance) / edge) + 0.5;
      return RING_TINT * Math.min(Math.max(inside, 0), 1);
    });
  }

  /**
   * Mixes a colour into the texels of a rectangle, as much as `amount` says for each place.
   * @param {Grid} grid
   * @param {number} color
   * @param {(x: number, y: number) => number} amount
   */
  tint({ left, bottom, cell, columns, rows }, color, amount) {
    const { texel } = this;
    const firstColumn = Math.max(Math.floor((left - this.left) / texel), 0);
    const lastColumn = Math.min(Math.ceil((left + cell * columns - this.left) / texel), TEXELS);
    const firstRow = Math.max(Math.floor((bottom - this.bottom) / texel), 0);
    const lastRow = Math.min(Math.ceil((bottom + cell * rows - this.bottom) / texel), TEXELS);
    for (let row = firstRow; row < lastRow; row++) {
      const up = this.bottom + (row + 0.5) * texel;
      for (let column = firstColumn; column < lastColumn; column++) {
        const share = amount(this.left + (column + 0.5) * texel, up);
        if (share <= 0) continue;
        const index = row * TEXELS + column;
        this.words[index] = mix(this.words[index], color, share);
      }
    }
  }

  /**
   * Copies the picture to where the camera has it.
   * @param {PixelLayer} layer filled with the surface already
   * @param {Transform} transform
   */
  paint(layer, { scale, offsetX, offsetY }) {
    const texel = this.texel * scale;
    const originX = this.left * scale + offsetX;
    const originY = offsetY - this.bottom * scale;
    const firstColumn = Math.max(Math.ceil(originX), 0);
    const lastColumn = Math.min(Math.floor(originX + TEXELS * texel), layer.width);
    const firstRow = Math.max(Math.ceil(originY - TEXELS * texel), 0);
    const lastRow = Math.min(Math.floor(originY), layer.height);
    const across = new Uint16Array(Math.max(lastColumn - firstColumn, 0));
    for (let column = 0; column < across.length; column++) {
      across[column] = Math.min((firstColumn + column + 0.5 - originX) / texel, TEXELS - 1);
    }
    for (let row = firstRow; row < lastRow; row++) {
      const source = Math.min(Math.floor((originY - row - 0.5) / texel), TEXELS - 1) * TEXELS;
      const target = row * layer.width + firstColumn;
      for (let column = 0; column < across.length; column++) {
        layer.words[target + column] = this.words[source + across[column]];
      }
    }
  }
}

/**
 * The training images of one class, its mean and its ring.
 * @param {Run} run
 * @param {number} index
 * @param {Ring | null} ring
 */
function membersOf(run, index, ring) {
  /** @type {number[]} */
  const x = [];
  /** @type {number[]} */
  const y = [];
  for (let point = 0; point < run.referenceCount; point++) {
    if (run.referenceLabels[point] !== index) continue;
    x.push(run.referenceX[point]);
    y.push(run.referenceY[point]);
  }
  return { index, x, y, ring, meanX: run.meanX[index], meanY: run.meanY[index] };
}
