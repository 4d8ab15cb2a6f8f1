/** Layers of the runtime as the compiler calls them. */

import { layers } from "../../src/operators/layers.js";
import * as ganc from "../../src/runtime/index.js";
import { camelCase } from "../../src/targets/tfjs/names.js";
import { given, type LayerExample } from "../support/layers.js";

type Make = (...args: readonly unknown[]) => ganc.Block;

/** The block of an example: its first options by place, all others by name. */
export const blockOf = (example: LayerExample): ganc.Block => {
  const entry = layers.get(example.name);
  const make = (ganc as unknown as Readonly<Record<string, Make>>)[camelCase(example.name)];
  if (entry === undefined || make === undefined) throw new Error(`there is no ${example.name}`);
  const options = Object.entries(given(example));
  const named = options
    .slice(entry.positional)
    .map(([name, value]) => [camelCase(name), value] as const);
  const first = options.slice(0, entry.positional).map(([, value]) => value);
  return named.length === 0 ? make(...first) : make(...first, Object.fromEntries(named));
};
