/** What Python hands over and what the browser's modules share; read by the type checker alone. */

/** The colours of a root, "#rrggbb", and what else a canvas cannot take from a style sheet. */
export type ThemeColor =
  | "surface"
  | "ink"
  | "muted"
  | "line"
  | "accent"
  | "blue"
  | "green"
  | "orange"
  | "purple"
  | "failure-text"
  | "training"
  | "neutral"
  | "success"
  | "failure"
  | "second";
interface Surroundings {
  dark: boolean;
  font: string;
}
export type Theme = Record<ThemeColor, string> & Surroundings;
/** The same with colours as 0xrrggbb. */
export type NumericTheme = Record<ThemeColor, number> & Surroundings;

/** What Streamlit calls a component with. */
export interface Component<Data> {
  parentElement: HTMLElement;
  data: Data;
  setStateValue: (name: string, value: unknown) => void;
  setTriggerValue: (name: string, value: unknown) => void;
}

/** Where a person stands in a run, as `View` in pack.py. */
export interface Place {
  step: number;
  color: string;
  selected: number[];
  zoom: string;
  beside: string;
  projection: string;
}

/** One metric and how it is drawn. */
export interface CurveEntry {
  name: string;
  title: string;
  unit: string;
  hint: string;
  help: string;
  /** Values are shares that are shown in percent. */
  percent: boolean;
  /** After the point; null for about three that count. */
  digits: number | null;
  from_zero: boolean;
}

export interface ProjectionEntry {
  name: string;
  title: string;
  fittedOn: string;
  warning: string;
  distanceCorrelation: number | null;
  trustworthiness: number | null;
  movementCoherence: number | null;
}

/** How one array is stored. */
export interface ArrayEntry {
  name: string;
  bytes: number;
  shape: number[];
  moving: boolean;
}

/** The header of a payload, as pack.py writes it. */
export interface Header {
  runId: string;
  title: string;
  classes: string[];
  /** "#rrggbb" for each class. */
  colors: string[];
  steps: number[];
  metrics: Record<string, (number | null)[]>;
  curves: CurveEntry[];
  sourceAccuracy: number | null;
  /** Negative where accuracy is not known. */
  phaseBoundary: number;
  marks: { name: string; step: number }[];
  projection: ProjectionEntry;
  view: Place;
  key: string;
  command: number;
  /** Id and title of the runs that can be shown beside this one. */
  others: [string, string][];
  drawn: string;
  projections: [string, string][];
  axes: [number, number, number];
  levels: number;
  largestEntropy: number;
  largestDistance: number;
  arrays: ArrayEntry[];
  checksum: number;
  bodyBytes: number;
  images: number;
  thumbnails: { bytes: number; columns: number; size: number };
}

type Words = Uint8Array | Uint16Array;

/** The arrays of a payload; moving ones run over frames first. */
export interface Arrays {
  x: Words;
  y: Words;
  predictions: Words;
  confidences: Words;
  entropies: Words;
  distances: Words;
  labels: Words;
  referenceLabels: Words;
  referenceX: Words;
  referenceY: Words;
  meanX: Words;
  meanY: Words;
}

export interface Payload {
  header: Header;
  length: number;
  body: Uint8Array;
  thumbnails: Uint8Array;
}

export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

/** From coordinates to device pixels. */
export interface Transform {
  scale: number;
  offsetX: number;
  offsetY: number;
}

export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

export type Layer = "training" | "means" | "density" | "trails" | "arrows";

/** Where a person stands in a run, and what is hidden; survives reruns of the server and new frames. */
export interface View {
  time: number;
  color: string;
  selected: Set<number>;
  hidden: Record<string, Set<number>>;
  show: Record<Layer, boolean>;
  beside: string;
  projection: string;
  logarithmic: boolean;
  speed: number;
  loop: boolean;
  zoom: Zoom;
  hover: number;
  lassoing: boolean;
  command: number;
}

/** The ends of a plot inside its canvas. */
export interface Margin {
  left: number;
  right: number;
}

/** A shape rasterised for every phase of a pixel. */
export interface Stamp {
  half: number;
  size: number;
  alpha: Uint8Array;
}
