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

/** What a live picture of the lesson is given: the packed run in base64, and the steps from and to which it plays. */
export interface MovingData {
  payload: string;
  from: number;
  to: number;
  color: string;
  caption: string;
}

/** Where a person stands in a run, as `View` in pack.py. */
export interface Place {
  step: number;
  color: string;
  selected: number[];
  zoom: string;
  beside: string;
  projection: string;
  alone: string;
  hidden: string;
  without: string;
  axis: string;
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
  /** What the axis spans at least. */
  least_span: number;
}

export interface ProjectionEntry {
  name: string;
  title: string;
  fittedOn: string;
  warning: string;
  /** How long a unit of distance in embedding space is on the picture; null where distances on it are not true. */
  scale: number | null;
  /** What it shows of each phase and of single images, in a few words. */
  shows: string;
  isDoubtful: boolean;
  /** The same with numbers and their intervals, a sentence each. */
  told: string[];
}

/** What a run did beyond chance, as Python measured it; the browser judges nothing by itself. */
export interface CourseEntry {
  /** The phases that there are. */
  spans: number[];
  /** For each frame 1, 2, or 0 for none. */
  phases: number[];
  /** The same in a word or two. */
  labels: string[];
  /** What was measured at each frame, with its interval. */
  told: string[];
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
  /** The project's words for the accuracies of the source model and of frame 0. */
  words: { source: string; first: string };
  /** Whether the model told what it predicts; a loop that logs no logits does not. */
  hasPredictions: boolean;
  sourceAccuracy: number | null;
  /** Negative where accuracy is not known. */
  phaseBoundary: number;
  course: CourseEntry;
  marks: { name: string; step: number }[];
  projection: ProjectionEntry;
  view: Place;
  key: string;
  command: number;
  /** The command with which all of the view was asked for last. */
  startedAt: number;
  /** Names of what in the view the command asks to change. */
  asked: string[];
  /** Id and title of the runs that can be shown beside this one. */
  others: [string, string][];
  drawn: string;
  projections: [string, string][];
  axes: [number, number, number];
  levels: number;
  largestEntropy: number;
  smallestDistance: number;
  largestDistance: number;
  arrays: ArrayEntry[];
  checksum: number;
  bodyBytes: number;
  images: number;
  thumbnails: { bytes: number; columns: number; size: number };
  neighbors: Neighbors | null;
}

/** Nearest training images of some points: those of one frame after the other, point by point, nearest first. */
export interface Neighbors {
  points: number[];
  count: number;
  references: number[];
  /** Those whose pictures came along, in their order. */
  pictured: number[];
  bytes: number;
  columns: number;
  size: number;
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
  /** The class whose mean `distances` is measured to; missing where all of them are the labels. */
  distanceClasses?: Words;
  labels: Words;
  referenceLabels: Words;
  referenceDistances: Words;
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
  neighborPictures: Uint8Array;
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

/** One axis for the distances of a run; places on it go from 0 at `start` to 1 at `end`. */
export interface DistanceAxis {
  start: number;
  end: number;
  logarithmic: boolean;
}

/** How many images of a class there are, and what they are predicted as; the commonest first. */
export interface ClassCount {
  label: number;
  count: number;
  predicted: { prediction: number; count: number }[];
}

export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

export type Layer = "training" | "density" | "names" | "means" | "arrows" | "rings" | "trails" | "follow";

/** The training images' own distances to their class mean: 10th, 50th and 90th percentile. */
export interface Ring {
  inner: number;
  median: number;
  outer: number;
}

/** Square cells over a part of the plane. */
export interface Grid {
  left: number;
  bottom: number;
  cell: number;
  columns: number;
  rows: number;
}

/** A name in the picture: its class, its centre and its size. */
export interface Box {
  index: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a person stands in a run, and what is hidden; survives reruns of the server and new frames. */
export interface View {
  time: number;
  color: string;
  selected: Set<number>;
  hidden: Record<string, Set<number>>;
  /** The class that is shown alone; -1 for all. */
  alone: number;
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
  /** Which projection is drawn, and what it shows faithfully. */
  projection: string;
  known: number;
  unknown: number;
  /** By score, on an axis from low to high: the shares of known and of unknown images in each bin, at each frame. */
  histograms: Record<string, { low: number; high: number; known: number[][]; unknown: number[][] }>;
  /** Lowest and highest value of the curves, of both runs where two stand beside each other. */
  axes: { accuracy: number[]; auroc: Record<string, number[]> };
  auroc: Record<string, Values>;
  tnr: Record<string, Values>;
  fpr: Record<string, Values>;
  h: Record<string, Values>;
  source: { accuracy: number; auroc: Record<string, number> };
  roc: Record<string, number[][]>;
  /** By score, at each frame: the threshold for each share of known images that is kept. */
  levels: Record<string, Values[]>;
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
  /** The times whose images the camera has to hold. */
  readonly times: number[];
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

/** One part of the picture that can be shown and hidden. */
export interface LayerEntry {
  layer: Layer;
  title: string;
  mark: string;
  color: ThemeColor;
  /** On a first visit. */
  shown: boolean;
  /** Whether a run can show it at all; every one can where this is missing. */
  only?: (run: Run) => boolean;
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
