/** The facts about a network that the page with it reads, as JSON. */
export interface NetworkFacts {
  /** Names of the model's inputs and output. */
  readonly inputs: readonly {
    readonly name: string;
    readonly kind: "image" | "labels" | "noise" | "uniform";
    /** `[height, width, channels]` */
    readonly shape: readonly [number, number, number];
    readonly range: readonly [number, number];
  }[];
  readonly output: { readonly name: string; readonly range: readonly [number, number] };
  /**
   * Other sizes that the network accepts: sides `base + k * step` of at least `least`. Undefined if
   * none.
   */
  readonly sides:
    | { readonly base: number; readonly step: number; readonly least: number }
    | undefined;
}

/**
 * Ids of the elements that hold the facts, the model and the engine. The latter two are gzip in
 * base64.
 */
export const factsId = "facts";
export const modelId = "model";
export const engineId = "engine";
