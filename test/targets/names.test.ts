/** What the emitter knows of the runtime's names agrees with what the runtime exports. */
import { expect, test } from "@jest/globals";
import { lossFunctions } from "../../src/operators/functions.js";
import { layerFunctions } from "../../src/operators/layer-functions.js";
import { layers } from "../../src/operators/layers.js";
import * as runtime from "../../src/runtime/index.js";
import { types } from "../../src/targets/tfjs/emit.js";
import { camelCase, taken } from "../../src/targets/tfjs/names.js";
import { readProject } from "../support/specs.js";

const exported = [
  ...readProject("src/runtime/index.ts").matchAll(/export (type )?\{([^}]*)\}/g),
].flatMap(([, type = "", names = ""]) =>
  names
    .split(",")
    .map((name) => type + name.trim())
    .filter((name) => name !== type),
);
const values = Object.keys(runtime);

test("the function of every layer is one of the runtime's", () => {
  const functions = [...layers.keys()].map(camelCase);
  expect(functions.filter((name) => !values.includes(name))).toEqual([]);
});

test("every type that the emitter imports is one of the runtime's", () => {
  const exportedTypes = exported.flatMap((name) => /^type (\w+)$/.exec(name)?.[1] ?? []);
  expect(exportedTypes).toEqual(expect.arrayContaining([...types]));
  expect([...taken]).toEqual(expect.arrayContaining([...types]));
});

test("no declaration takes the name of a runtime function that is no layer and no function of losses", () => {
  // These are reserved where a spec has them; the last three are for hosts, not for generated code.
  const all = [...lossFunctions.values(), ...layerFunctions.values()];
  const functions = all.flatMap(({ tfjs }) => [tfjs, `${tfjs}Each`]);
  const free = new Set([...[...layers.keys()].map(camelCase), ...functions, "join"]);
  for (const name of ["withPortableKernels", "fromHost", "toHost"]) free.add(name);
  expect(values.filter((name) => !free.has(name) && !taken.has(name))).toEqual([]);
});
