/**
 * `nn.Conv2d`, `torch.relu`, `self.conv`: members of what other languages have, and ganc's own
 * names for them.
 */
import { nearest, plain } from "../base/suggest.js";
import { type Details, replaceWith } from "../diagnostics/diagnostic.js";
import { elsewhere } from "../operators/elsewhere.js";
import { layers } from "../operators/layers.js";
import { recipeWords } from "../operators/recipe.js";
import type * as ast from "../syntax/ast.js";

const roots: ReadonlySet<string> = new Set(
  "nn torch tf keras tensorflow jax jnp flax np numpy optim F self this layers functional mx paddle".split(
    " ",
  ),
);

/** The name that a chain of members begins with: `tf` of `tf.keras.layers.Conv2D`. */
export const rootOf = (expr: ast.Expr): Extract<ast.Expr, { kind: "name" }> | undefined => {
  if (expr.kind === "name") return expr;
  return expr.kind === "member" ? rootOf(expr.object) : undefined;
};

export const isForeignRoot = (name: string): boolean => roots.has(name);

/** `conv(kernel, filters)`: what has to be given. */
const written = (name: string): string => {
  const options = (layers.get(name) ?? recipeWords.get(name))?.options ?? [];
  const needed = options.flatMap((option) =>
    option.defaultValue === undefined && option.sameAs === undefined ? [option.name] : [],
  );
  return needed.length === 0 ? name : `${name}(${needed.join(", ")})`;
};

/** The counterpart in ganc of a member of another library. Nothing where there is none. */
export const foreignMember = (
  expr: Extract<ast.Expr, { kind: "member" }>,
  known: readonly string[],
): Details => {
  const { text } = expr.member;
  const instead = elsewhere(text);
  if (instead !== undefined) return { notes: [`ganc has no \`${text}\`. ${instead}`] };
  const own = known.includes(text) ? text : nearest(text, known)?.name;
  if (own === undefined) return { notes: ["Layers and functions stand by their own names."] };
  const isSame = plain(own) === plain(text);
  return {
    notes: [`ganc's own stands by itself: \`${written(own)}\`.`],
    suggestion: isSame ? replaceWith(expr.span, own) : undefined,
  };
};
