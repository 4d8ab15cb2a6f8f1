/** Declarations, inputs and imports that nothing is done with. */

import type { Resolved } from "../../names/resolved.js";
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { Lint, Look } from "./lint.js";

type Declared = Extract<Definition, { kind: "declared" }>;

/** The expressions of the game, the recipe and the `expect`s. */
const roots = ({ solve, train, expects }: Resolved): readonly ast.Expr[] => [
  ...(solve?.phases ?? []).flatMap(({ times, every, clauses }) => [
    ...(times === undefined ? [] : [times]),
    ...(every === undefined ? [] : [every]),
    ...clauses.map(({ objective }) => objective),
  ]),
  ...[...train.values()].map(({ value }) => value),
  ...expects.map(({ condition }) => condition),
];

const withoutEffect: Readonly<Record<string, string>> = {
  param: "Setting it changes nothing.",
  loss: "It stands in no player's objective.",
  objective: "No player has it.",
};

/** A definition, or what a module holds. */
const declarationsIn = (definition: Definition): readonly Declared[] => {
  if (definition.kind === "module") return [...definition.members.values()].flatMap(declarationsIn);
  return definition.kind === "declared" ? [definition] : [];
};

/**
 * Params, lets, losses and objectives of the entry file, what its functions take, and names that it
 * imports, with which nothing is done.
 */
const checkUses = ({ context: { resolved }, uses, entry, report }: Look): void => {
  const declared = resolved.definitions.flatMap(declarationsIn);
  const needed = new Set<Definition>(uses.of(roots(resolved)));
  for (const definition of declared) {
    const { declaration } = definition;
    if (declaration.kind === "net") for (const d of uses.behind(definition)) needed.add(d);
    if (declaration.kind === "param" && declaration.where !== undefined)
      for (const d of uses.of([declaration.where])) if (d !== definition) needed.add(d);
  }
  for (const definition of declared) {
    const why = withoutEffect[definition.declaration.kind];
    if (why === undefined || definition.span.file !== entry || needed.has(definition)) continue;
    report("GAN602", definition.span, `nothing is done with \`${definition.name}\``, {
      notes: [`${why} Use it, or take it out of the spec.`],
    });
  }
  // A let that another names is left to that one, even where nothing names that.
  for (const definition of declared) {
    const { name, span, declaration } = definition;
    const isIdle = declaration.kind === "let" && !uses.isNamed(definition) && !name.startsWith("_");
    if (isIdle && span.file === entry)
      report("GAN602", span, `nothing is done with \`${name}\``, {
        notes: [`Nothing is made of it. Use it, take it out, or call it \`_${name}\`.`],
      });
  }
  for (const definition of declared.filter(({ span }) => span.file === entry))
    for (const { text, span } of uses.unusedInputs(definition))
      report("GAN602", span, `\`${text}\` of \`${definition.name}\` has no effect`, {
        notes: [
          `Whatever is given for it changes nothing. Use it, or take it out; where it has to stand there, write \`_${text}\`.`,
        ],
      });
  for (const [definition, span] of resolved.imported) {
    const isNet = definition.kind === "declared" && definition.declaration.kind === "net";
    if (definition.kind === "builtin" || isNet || needed.has(definition)) continue;
    // What a let needs may be imported for it, whether or not the let is needed.
    const isNamed = declared.some(
      (other) => other.span.file === entry && uses.behind(other).has(definition),
    );
    if (isNamed) continue;
    report("GAN602", span, `\`${definition.name}\` is imported, and nothing is done with it`, {
      notes: ["A loss that is only imported trains nobody: it belongs into an objective."],
    });
  }
};

export const unused: Lint = {
  name: "unused",
  codes: ["GAN602"],
  // What is in error may be why something is not used.
  unlessErrorsIn: "spec",
  spec: checkUses,
};
