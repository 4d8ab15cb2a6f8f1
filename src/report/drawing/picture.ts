/**
 * The contents of a drawing before layout: boxes of text, groups of boxes, and arrows between them.
 */

/** What a box stands for. Each kind has its own look and line in the legend. */
export type BoxKind =
  | "data"
  | "network"
  | "forward"
  | "backward"
  | "update"
  | "history"
  | "loss"
  | "player"
  | "layer"
  | "join"
  | "group";

/** What an arrow stands for. */
export type ArrowKind = "value" | "kept" | "gradient" | "constant" | "trains";

/** A line of a box, in columns that all rows of the box share. */
export interface Row {
  readonly cells: readonly string[];
  /** Tooltip of the row. */
  readonly tip?: string;
}

export interface Box {
  /** Unique in the picture. */
  readonly id: string;
  readonly kind: BoxKind;
  /** Colour index, from 0. Boxes of one network share it. */
  readonly hue?: number;
  readonly title: string;
  /** Lines below the title. */
  readonly notes?: readonly string[];
  readonly rows?: readonly Row[];
  readonly tip?: string;
  /**
   * Boxes of a lower rank stand above those of a higher one. Boxes without a rank stand anywhere.
   */
  readonly rank?: number;
  /** Id of the group around it. */
  readonly group?: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly kind: ArrowKind;
  readonly label?: string;
  readonly tip?: string;
}

/** A line of the legend: a box or an arrow, and what it means. */
export type Key =
  | { readonly box: BoxKind; readonly meaning: string }
  | { readonly arrow: ArrowKind; readonly meaning: string };

export interface Picture {
  readonly title: string;
  /** Lines below the title. */
  readonly notes: readonly string[];
  /** Only the kinds that occur are shown. */
  readonly legend: readonly Key[];
  /** Groups come before their contents. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}
