/** What a drawing shows, before it is known where: boxes of text, groups of boxes, and arrows between them. */

/** What a box stands for; each kind has its look and its line in the legend. */
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
  /** What a pointer on the row is shown. */
  readonly tip?: string;
}

export interface Box {
  /** Unique in the picture. */
  readonly id: string;
  readonly kind: BoxKind;
  /** Boxes of one hue belong to one network; from 0. */
  readonly hue?: number;
  readonly title: string;
  /** Lines under the title. */
  readonly notes?: readonly string[];
  readonly rows?: readonly Row[];
  readonly tip?: string;
  /** Boxes of a lower rank stand above those of a higher one; the others anywhere. */
  readonly rank?: number;
  /** The group that it stands in. */
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
  /** Lines under the title. */
  readonly notes: readonly string[];
  /** Of which only what occurs is shown. */
  readonly legend: readonly Key[];
  /** Groups before what stands in them. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}
