// What the picture is made of; everything here can be shown and hidden, and stands under its name in an address.

/** @import { Layer, LayerEntry } from "../types" */
/** @import { Run } from "./model.js" */

/** @param {Run} run */
const hasTrueDistances = (run) => run.pixelsPerDistance(1) > 0;

/**
 * In the order of the legend; `shown` says whether a first visit has it, and `only` where it makes sense at all.
 * @type {LayerEntry[]}
 */
export const LAYERS = [
  { layer: "training", title: "training images", mark: "disc", color: "muted", shown: true },
  { layer: "density", title: "training density", mark: "cloud", color: "muted", shown: true },
  { layer: "names", title: "names", mark: "letter", color: "ink", shown: true },
  { layer: "means", title: "class means", mark: "plus", color: "ink", shown: true },
  { layer: "arrows", title: "mean to test centroid", mark: "arrow", color: "muted", shown: true },
  { layer: "rings", title: "training distances", mark: "annulus", color: "muted", shown: true, only: hasTrueDistances },
  { layer: "trails", title: "trails of selected", mark: "trail", color: "muted", shown: true },
  // Not something that is drawn, but how it is looked at: beside the picture, not in its legend.
  { layer: "follow", title: "camera follows", mark: "disc", color: "muted", shown: true, only: () => false },
];

/** What a first visit shows. */
export const firstShown = () =>
  /** @type {Record<Layer, boolean>} */ (Object.fromEntries(LAYERS.map(({ layer, shown }) => [layer, shown])));
