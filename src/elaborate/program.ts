/** Builds the closed program from a checked spec. */
import type { SourceSet } from "../names/source-set.js";
import type { Model } from "../program/model.js";
import type { Program } from "../program/program.js";
import type { Checked } from "../types/checked.js";
import { Definitions } from "./definitions.js";
import { modelOf } from "./model.js";
import { textsOf } from "./texts.js";

/** Names of the objectives that players train. */
const objectivesIn = ({ players }: Model): ReadonlySet<string> => {
  const named = players.flatMap(({ named }) => named);
  return new Set(named.flatMap(({ term }) => (term.kind === "objective" ? [term.name] : [])));
};

/**
 * All that is known of a spec without mistakes, as plain data; `sourceSet` is what it was read
 * from.
 */
export const elaborate = (checked: Checked, sourceSet: SourceSet): Program => {
  const texts = textsOf(sourceSet);
  const definitions = new Definitions(checked, texts);
  const { entry, files } = sourceSet;
  const model = modelOf(checked, files.get(entry)?.lastingName ?? entry, texts, definitions);
  const objectives = objectivesIn(model);
  for (const definition of checked.resolved.definitions) {
    if (definition.kind !== "declared") continue;
    const { kind } = definition.declaration;
    const isPlayed = kind === "objective" && objectives.has(definition.name);
    if (kind === "domain" || isPlayed) definitions.add(definition);
  }
  for (const { declaration } of checked.networks) definitions.addNetwork(declaration);
  return { model, definitions: definitions.all };
};
