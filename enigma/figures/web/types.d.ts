import type { PixelLayer } from "./scrubber/stamps.js";
import type { Run } from "./scrubber/model.js";
import type { Sprite } from "./scrubber/images.js";
import type { Plot } from "./functional/plot.js";

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

export type Pair = [number, number];

/** A neuron with two inputs: z = (w + g) x + b. */
export interface NeuronState {
  w: Pair;
  g: Pair;
  b: number;
}

/** Two inputs and the group (1 or 0) of each point. */
export interface Dataset {
  points: Pair[];
  groups: number[];
}

/** A unit z = s x + b. */
export interface UnitState {
  s: number;
  b: number;
}

/** What a batch says under a unit: entropies in bits, and the mean output with its complement. */
export interface UnitMeasures {
  mean: number;
  marginal: number;
  output: number;
  rest: number;
}

export type Attributes = Record<string, string | number>;

/** Rows of a table; the first one names the columns. */
export type Rows = unknown[][];

/** One set of axes. */
export interface PlotOptions {
  x: Pair;
  y: Pair;
  xLabel?: string;
  yLabel?: string;
  name: string;
  height?: (width: number) => number;
  margin?: { left?: number; right?: number; top?: number; bottom?: number };
  logarithmic?: boolean;
}

/** A plot with its title, and what its buttons save. */
export interface PanelOptions extends Omit<PlotOptions, "name"> {
  title: string;
  hint?: string;
  file: string;
  rows: () => Rows;
}

export interface SliderOptions {
  name: string;
  min: number;
  max: number;
  step: number;
  value: number;
  format?: (value: number) => string;
  /** What is read out. */
  spoken?: (value: number) => string;
  hint?: string;
  input: (value: number) => void;
}

/** A series of the layer-wise experiment: a value for each layer at each step. */
export type SeriesName = "entropy" | "increment" | "spread" | "readout" | "readout_standardised" | "cosine" | "norm";

export interface Series {
  name: SeriesName;
  title: string;
  hint: string;
  /** The first step that has a value. */
  from?: number;
  logarithmic?: boolean;
}

/** The layer-wise experiment, as `enigma.analysis.layerwise` stores it. */
export type Experiment = Record<SeriesName, number[][]> & {
  settings: { widths: number[] };
  classes: string[];
  pixel_readout: number;
  commonest: number[];
  /** Steps, classes, units. */
  outputs: number[][][];
};

/** What a figure of the Functional page is made of. */
export interface FigureData {
  figure: "curve" | "neuron" | "batch" | "layers";
  experiment: Experiment;
}

/** A value for each frame; null where it is not known. */
export type Values = (number | null)[];

/** A run with unknown images, as `enigma.analysis.unknowns.view` hands it over. */
export interface UnknownsData {
  run: string;
  title: string;
  steps: number[];
  scores: { name: string; title: string; help: string }[];
  accuracy: number[];
  known_entropy: number[];
  unknown_entropy: number[];
  most_entropy: number;
  known: number;
  unknown: number;
  known_histogram: number[][];
  unknown_histogram: number[][];
  auroc: Record<string, Values>;
  tnr: Record<string, Values>;
  fpr: Record<string, Values>;
  h: Record<string, Values>;
  source: { accuracy: number; auroc: Record<string, number> };
  roc: Record<string, number[][]>;
  /** Known and unknown rejected in turn, for each share of known images that is kept. */
  thresholds: Record<string, number[][]>;
  is_unknown: number[];
  probes: number[][];
  references: number[];
  state: UnknownsPlace;
}

export interface UnknownsPlace {
  frame: number;
  score: string;
  keep: number;
}

/** Where a person stands, with the title of the score in words. */
export type UnknownsState = UnknownsPlace & { title: string };

/** A payload with its arrays decompressed. */
export interface Decoded {
  header: Header;
  arrays: Arrays;
  sprite: Sprite;
}

/** What a part of the Watch view may want to be told. */
export interface Part {
  /** The run, or where the person stands in it, is another. */
  load?(): void;
  /** Everything has to be painted again. */
  forget?(): void;
  resize?(ratio: number): void;
  draw?(): void;
}

/** What the picture of a run and its gestures ask of the app, or of what stands for it beside. */
export interface Host {
  readonly run: Run | null;
  readonly view: View;
  readonly theme: NumericTheme;
  invalidate(): void;
  hover(point: number, x?: number, y?: number): void;
  select(points: number[]): void;
  toggleSelected(point: number): void;
  setZoom(zoom: Zoom): void;
  setLassoing(on: boolean): void;
}

/** Whose point a tooltip describes. */
export type TooltipHost = Pick<Host, "run" | "view"> & { readonly sprite: Sprite | null };

/** A pointer that is down, and where it was last. */
export interface Pointer {
  x: number;
  y: number;
}

/** A curve with its place on the page and its values in the unit of its axis. */
export interface Curve extends CurveEntry {
  heading: HTMLElement;
  block: HTMLElement;
  canvas: HTMLCanvasElement;
  base: HTMLCanvasElement;
  pen: CanvasRenderingContext2D;
  note: HTMLElement;
  values: Values;
  /** The run beside this one. */
  others: Values;
  range: { low: number; high: number; empty: boolean };
  limits: [number, number];
  /** The source accuracy, where this curve shows it. */
  source: number | null;
  /** From positions and values to CSS pixels. */
  place: { x: (position: number) => number; y: (value: number) => number; height: number };
}

/** An entry of the legend: a mark, its colour and its name. */
export interface Mark {
  name: string;
  mark: string;
  color: number;
}

/** An entry that shows and hides one layer of the picture. */
export interface LayerEntry {
  layer: Layer;
  name: string;
  mark: string;
  color: ThemeColor;
}

/** A unit with its plots on the Functional page, and all that happens to it. */
export interface Side {
  plot: Plot;
  course: Plot;
  states: UnitState[];
  measures: UnitMeasures[];
}

/** The points that a handle moves, and how they are called. */
export interface HandleOptions {
  points: () => Pair[];
  move: (index: number, place: Pair) => void;
  /** What the point is, and how it stands. */
  say: (index: number) => [string, string];
}
