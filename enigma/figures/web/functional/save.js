// Saves a figure's numbers as CSV and its picture as SVG or PNG, without asking the server.

import { penOf } from "../shared/dom.js";

/** @import { Rows } from "../types" */
/** @import { Plot } from "./plot.js" */

/**
 * Rows of values as CSV; the first row names the columns.
 * @param {Rows} rows
 */
export const csv = (rows) => rows.map((row) => row.map(field).join(",")).join("\n") + "\n";

/** @param {unknown} value */
const field = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

/**
 * Three buttons; `rows` gives the table and `plot` the picture at the time of the click.
 * @param {HTMLElement} host
 * @param {string} name
 * @param {() => Rows} rows
 * @param {Plot} plot
 */
export function saveButtons(host, name, rows, plot) {
  const group = host.appendChild(document.createElement("div"));
  group.className = "save";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `Save: ${name}`);
  const actions = {
    CSV: () => download(new Blob([csv(rows())], { type: "text/csv" }), `${name}.csv`),
    SVG: () => download(new Blob([picture(plot)], { type: "image/svg+xml" }), `${name}.svg`),
    PNG: async () => download(await pixels(plot), `${name}.png`),
  };
  for (const [label, action] of Object.entries(actions)) {
    const button = group.appendChild(document.createElement("button"));
    button.textContent = label;
    button.className = "plain";
    button.setAttribute("aria-label", `Save ${name} as ${label}`);
    button.addEventListener("click", action);
  }
}

/** @param {Plot} plot */
function picture(plot) {
  const copy = /** @type {SVGElement} */ (plot.root.cloneNode(true));
  const ground = { width: "100%", height: "100%", fill: plot.theme.surface };
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [key, value] of Object.entries(ground)) paper.setAttribute(key, value);
  copy.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/**
 * @param {Plot} plot
 * @returns {Promise<Blob>}
 */
async function pixels(plot, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture(plot))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [plot.width * scale, plot.tall * scale];
  penOf(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture"))), "image/png"),
  );
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
