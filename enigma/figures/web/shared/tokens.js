// Written by `python -m enigma.figures.web.tokens`; change what it reads.

/** From certain to uncertain. */
export const SCALE = [
  "#3E6BD6",
  "#8A5CC8",
  "#CE5397",
  "#EE7455",
  "#F0AE36"
];

/** Custom properties of tokens.css, each a colour. */
export const TOKENS = [
  "blue",
  "green",
  "orange",
  "purple",
  "failure-text",
  "training",
  "neutral",
  "success",
  "failure",
  "second"
];

/** What points can be coloured by, in words. */
export const COLORINGS = {
  "label": "true class",
  "prediction": "predicted class",
  "correctness": "correctness",
  "flipped": "flipped since frame 0",
  "entropy": "entropy",
  "confidence": "confidence",
  "distance": "distance to class mean"
};

/** The colouring that goes without saying. */
export const FIRST_COLORING = "label";

/** The projection that goes without saying. */
export const FIRST_PROJECTION = "umap";

/** More selected images are left out of an address. */
export const MOST_SELECTED = 400;

/** The largest distance of a run, as a whole number. */
export const DISTANCE_LEVELS = 63;

/** A label, or a place on an axis, that nobody knows. */
export const UNKNOWN = 65535;

/** The far end of both axes on the Unknowns page. */
export const UNKNOWNS_GRID = 4095;
