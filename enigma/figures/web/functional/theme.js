// The page's colours as hexadecimal text, so that a saved picture needs no style sheet.

const TOKENS = ["surface", "ink", "muted", "line", "blue", "green", "orange", "purple"];

/** Reads the custom properties of the style sheet; sets `data-theme` first, on which they depend. */
export function readTheme(root) {
  const probe = root.appendChild(document.createElement("i"));
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const resolve = (value) => {
    probe.style.color = value;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const [red, green, blue] = resolve("var(--st-background-color, #ffffff)");
  const dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 76;
  root.dataset.theme = dark ? "dark" : "light";
  const theme = { dark, font: getComputedStyle(root).fontFamily };
  for (const token of TOKENS) theme[token] = hex(resolve(`var(--${token})`));
  probe.remove();
  return theme;
}

export const hex = (channels) => "#" + channels.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");

/** A colour between two hexadecimal ones. */
export function mix(from, to, share) {
  const channel = (text, place) => parseInt(text.slice(1 + 2 * place, 3 + 2 * place), 16);
  return hex([0, 1, 2].map((place) => channel(from, place) + (channel(to, place) - channel(from, place)) * share));
}
