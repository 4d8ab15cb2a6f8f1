/**
 * How deep definitions stand on each other: what is deeper than the rooms that follow could is
 * refused here.
 */
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import { childrenOf } from "../syntax/expressions.js";
import { body, type Declared } from "./parts.js";
import type { Resolved } from "./resolved.js";

/**
 * Expressions inside of each other, those of the definitions that they name counted along: a third
 * of what a stack holds.
 */
const deepest = 1000;

/** A definition that another names, and how deep in that one's expression. */
interface Step {
  readonly to: Declared;
  readonly nesting: number;
}

const stepsOf = (definition: Declared, { uses }: Resolved): readonly Step[] => {
  const found = new Map<Declared, number>();
  const visit = (expr: ast.Expr, nesting: number): void => {
    const used = uses.get(expr);
    if (used?.kind === "declared") found.set(used, Math.max(nesting, found.get(used) ?? 0));
    for (const below of childrenOf(expr)) visit(below, nesting + 1);
  };
  for (const expr of body(definition.declaration).exprs) visit(expr, 1);
  return [...found].map(([to, nesting]) => ({ to, nesting }));
};

interface Open {
  readonly definition: Declared;
  readonly steps: readonly Step[];
  next: number;
  depth: number;
}

/**
 * The chain of definitions that is too deep to follow, or nothing. No recursion: it is asked of
 * chains that a stack could not hold. A circle counts once around; that it is one is said by who
 * evaluates it.
 */
export const tooDeepChain = (
  definitions: Iterable<Declared>,
  resolved: Resolved,
): Diagnostic | undefined => {
  const depths = new Map<Declared, number>();
  const open: Open[] = [];
  const enter = (definition: Declared): void => {
    // Known from here on, so that a circle ends.
    depths.set(definition, 0);
    open.push({ definition, steps: stepsOf(definition, resolved), next: 0, depth: 1 });
  };
  for (const start of definitions) {
    if (!depths.has(start)) enter(start);
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const step = at.steps[at.next];
      const known = step === undefined ? undefined : depths.get(step.to);
      if (step === undefined) {
        depths.set(at.definition, at.depth);
        open.pop();
      } else if (known === undefined) enter(step.to);
      else {
        at.depth = Math.max(at.depth, step.nesting + 1 + known);
        at.next += 1;
      }
      if (at.depth <= deepest) continue;
      const { span, name } = at.definition;
      return diagnostic(
        "GAN409",
        span,
        `\`${name}\` stands on too many definitions to be followed`,
        {
          notes: [
            `Its definitions name each other more than ${deepest} expressions deep.`,
            "To repeat an architecture, write `block * times`.",
          ],
        },
      );
    }
  }
  return undefined;
};
