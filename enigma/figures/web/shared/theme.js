// The colours of the style sheet, because a canvas and a saved picture cannot follow custom properties by themselves.

import { hex } from "./colors.js";
import { penOf } from "./dom.js";
import { TOKENS } from "./tokens.js";

/** @import { Theme } from "../types" */

// Derived from Streamlit's theme in figure.css.
const DERIVED = ["surface", "ink", "muted", "line", "accent"];

/**
 * Reads the custom properties of a root; sets its `data-theme` first, on which they depend.
 * @param {HTMLElement} root
 * @returns {Theme}
 */
export function readTheme(root) {
  const probe = root.appendChild(document.createElement("i"));
  const pen = penOf(document.createElement("canvas"), { willReadFrequently: true });
  /** @param {string} name */
  const resolve = (name) => {
    probe.style.color = `var(--${name})`;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return (red << 16) | (green << 8) | blue;
  };
  const dark = luminance(resolve("st-background-color")) < 0.3;
  root.dataset.theme = dark ? "dark" : "light";
  const colors = Object.fromEntries([...DERIVED, ...TOKENS].map((name) => [name, hex(resolve(name))]));
  probe.remove();
  return /** @type {Theme} */ ({ ...colors, dark, font: getComputedStyle(root).fontFamily });
}

/** @param {number} color */
const luminance = (color) => (0.2126 * (color >> 16) + 0.7152 * ((color >> 8) & 255) + 0.0722 * (color & 255)) / 255;
