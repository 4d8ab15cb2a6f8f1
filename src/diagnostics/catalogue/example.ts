/** The small spec that the catalogue's examples stand in. */
import type { Example } from "./entry.js";

/** Declarations that an example may need, keyed by how each begins. */
const setting: Readonly<Record<string, string>> = {
  "domain X": "domain X = image(8, 8, 3)",
  "domain Y": "domain Y = image(8, 8, 3)",
  "net G": "net G : X -> Y = conv(3, 3, pad: 1) >> tanh",
  "net D": "net D : Y -> Scores = conv(3, 1)",
  "loss gan": `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))`,
  solve: "solve { min[G] max[D] gan(G, D) }",
  train: "train { optimizer: adam(2e-4) schedule: constant(9) }",
};

export const wholeSetting = Object.values(setting).join("\n");

const declares = (text: string, start: string): boolean =>
  new RegExp(`^${start}\\b`, "m").test(text);

export interface Completed {
  /** A whole spec; its relative imports are read from the folder `specs`. */
  readonly text: string;
  readonly settings: ReadonlyMap<string, string>;
}

/**
 * One side of an example as a whole spec: what neither side declares is taken from the small spec.
 */
export const completed = (example: Example, side: keyof Example): Completed => {
  const both = `${example.wrong}\n${example.mended}`;
  // A loss that no player needs would be one mistake more.
  const isIdle = (start: string): boolean =>
    start === "loss gan" && declares(both, "solve") && !/[^.\w]gan\(/.test(both);
  const rest = Object.entries(setting).flatMap(([start, text]) =>
    declares(both, start) || isIdle(start) ? [] : [text],
  );
  const sets = [...example[side].matchAll(/^-- --set (\w+)=(\S+)/gm)];
  return {
    text: `${[example[side], ...rest].join("\n")}\n`,
    settings: new Map(sets.map(([, name = "", value = ""]) => [name, value])),
  };
};
