/** What the emitter knows of the runtime's names agrees with what the runtime exports. */
import { expect, test } from "@jest/globals";
import { layers } from "../../src/operators/layers.js";
import { types } from "../../src/targets/tfjs/emit.js";
import { taken } from "../../src/targets/tfjs/names.js";
import { readProject } from "../support/specs.js";

const exported = [
  ...readProject("src/runtime/index.ts").matchAll(/export (type )?\{([^}]*)\}/g),
].flatMap(([, type = "", names = ""]) =>
  names
    .split(",")
    .map((name) => type + name.trim())
    .filter((name) => name !== type),
);
const values = exported.filter((name) => !name.startsWith("type "));

test("every type that the emitter imports is one of the runtime's", () => {
  const exportedTypes = exported.flatMap((name) => /^type (\w+)$/.exec(name)?.[1] ?? []);
  expect(exportedTypes).toEqual(expect.arrayContaining([...types]));
  expect([...taken]).toEqual(expect.arrayContaining([...types]));
});

test("no declaration takes the name of a runtime function that is no layer", () => {
  // Layers are reserved where a spec has them; the last three are for hosts, not for generated code.
  const free = new Set([...layers.values()].map((layer) => layer.tfjs.function));
  for (const name of ["withPortableKernels", "fromHost", "toHost"]) free.add(name);
  expect(values.filter((name) => !free.has(name) && !taken.has(name))).toEqual([]);
});
