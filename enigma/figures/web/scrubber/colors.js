// Colours: classes, scales and the theme that surrounds us.

// Ten colours at least 8 units apart in Oklab, also for people with protanopia, deuteranopia and tritanopia
// (simulated after Machado 2009), and visible on paper and on ink.
const PALETTE = [
  "#4B8397", "#E740B7", "#307414", "#DEBC14", "#5FC7EC", "#A51479", "#E58548", "#53B486", "#8D7DE8", "#8C685F",
];

// From certain to uncertain; of middle lightness, so that both ends show on light and on dark.
const SCALE = ["#3E6BD6", "#8A5CC8", "#CE5397", "#EE7455", "#F0AE36"].map(parse);

/** "#rrggbb" as one number. */
export function parse(text) {
  return parseInt(text.slice(1), 16);
}

/** One number as "rgb(...)". */
export const css = (color) => `rgb(${color >> 16} ${(color >> 8) & 255} ${color & 255})`;

/** One colour for each class; more than ten classes go round the hues with alternating lightness. */
export function classColors(count) {
  if (count <= PALETTE.length) return PALETTE.slice(0, count).map(parse);
  return Array.from({ length: count }, (_, index) => fromHue(index / count, [0.46, 0.62, 0.54][index % 3]));
}

function fromHue(hue, lightness) {
  const chroma = 0.6 * (1 - Math.abs(2 * lightness - 1));
  const channel = (shift) => {
    const turn = (hue * 12 + shift) % 12;
    return Math.round(255 * (lightness - (chroma / 1.2) * Math.max(-1, Math.min(turn - 3, 9 - turn, 1))));
  };
  return (channel(0) << 16) | (channel(8) << 8) | channel(4);
}

/** Colours for 256 equal steps of a continuous value. */
export function scaleTable() {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (SCALE.length - 1);
    const before = Math.min(Math.floor(place), SCALE.length - 2);
    return mix(SCALE[before], SCALE[before + 1], place - before);
  });
}

/** A colour between two. */
export function mix(from, to, share) {
  let mixed = 0;
  for (let shift = 16; shift >= 0; shift -= 8) {
    const start = (from >> shift) & 255;
    mixed |= Math.round(start + (((to >> shift) & 255) - start) * share) << shift;
  }
  return mixed;
}

export const scaleGradient = () => `linear-gradient(90deg, ${SCALE.map(css).join(", ")})`;

const TOKENS = ["surface", "ink", "muted", "line", "accent", "second", "training", "success", "failure", "neutral"];

/** The colours of the style sheet as numbers, because a canvas cannot follow custom properties by itself. */
export function readTheme(root) {
  const probe = root.appendChild(document.createElement("i"));
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const resolve = (value) => {
    probe.style.color = value;
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return (red << 16) | (green << 8) | blue;
  };
  // The page's own background decides between the light and the dark set, before anything else is read.
  const background = resolve("var(--st-background-color, #ffffff)");
  root.dataset.theme = luminance(background) < 0.3 ? "dark" : "light";
  const theme = { dark: root.dataset.theme === "dark", font: getComputedStyle(root).fontFamily };
  for (const token of TOKENS) theme[token] = resolve(`var(--${token})`);
  probe.remove();
  return theme;
}

const luminance = (color) =>
  (0.2126 * (color >> 16) + 0.7152 * ((color >> 8) & 255) + 0.0722 * (color & 255)) / 255;
