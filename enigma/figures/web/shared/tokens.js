// Written by `python -m enigma.figures.web.tokens`; change what it reads.

/** From certain to uncertain. */
export const SCALE = [
  "#3E6BD6",
  "#8A5CC8",
  "#CE5397",
  "#EE7455",
  "#F0AE36"
];

/** From drawn too near to drawn too far. */
export const DOUBT_SCALE = [
  "#2B5BD7",
  "#6E8BC9",
  "#9A9DA3",
  "#C9836B",
  "#CE3D22"
];

/** The power of two at both ends of that. */
export const MOST_DOUBT = 2.0;

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
  "distance": "distance to class mean",
  "doubt": "doubt"
};

/** Those that need what the model predicts. */
export const OF_PREDICTIONS = [
  "prediction",
  "correctness",
  "flipped",
  "entropy",
  "confidence"
];

/** The colouring that goes without saying. */
export const FIRST_COLORING = "label";

/** The projection that goes without saying. */
export const FIRST_PROJECTION = "true-distances";

/** More selected images are left out of an address. */
export const MOST_SELECTED = 400;

/** Confidence 1 and the largest entropy of a run, as a whole number. */
export const LEVELS = 127;

/** The largest distance of a run, as a whole number. */
export const DISTANCE_LEVELS = 127;

/** A distance to a class mean that nobody knows. */
export const UNKNOWN_DISTANCE = 255;

/** A label, or a place on an axis, that nobody knows. */
export const UNKNOWN = 65535;

/** The far end of both axes on the Unknowns page. */
export const UNKNOWNS_GRID = 4095;
