/**
 * Domains drawn without a declaration, `t ~ uniform(1)`: their names within the compiler, and how
 * people write them.
 */
import type { Options } from "../operators/signature.js";

/** Equal for equal words, and like no name that a spec may declare. */
export const namelessName = (word: string, options: Options): string =>
  [word, ...Object.values(options)].join("_").replaceAll("-", "m").replaceAll(".", "p");

const bounds = (low: number, high: number): readonly string[] => [
  ...(low === 0 ? [] : [`low: ${low}`]),
  ...(high === 1 ? [] : [`high: ${high}`]),
];

/**
 * A domain as it is written: its name, or `uniform(1)` and `noise(3, 32, 32)` where it has none.
 */
export const writtenDomain = (name: string): string => {
  const [word = "", ...options] = name.split("_");
  if (word !== "noise" && word !== "uniform") return name;
  const numbers = options.map((text) => Number(text.replaceAll("m", "-").replaceAll("p", ".")));
  const [channels = 1, ...others] = numbers;
  const [height = 1, width = height] = word === "uniform" ? others.slice(2) : others;
  const isVector = height === 1 && width === 1;
  if (word === "noise") return `noise(${isVector ? channels : `${channels}, ${height}, ${width}`})`;
  const [low = 0, high = 1] = others;
  const square =
    height === width ? [`height: ${height}`] : [`height: ${height}`, `width: ${width}`];
  return `uniform(${[channels, ...bounds(low, high), ...(isVector ? [] : square)].join(", ")})`;
};
