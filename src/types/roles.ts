/**
 * Roles: a loss says of its networks who is meant to lower and who to raise it, `loss judge(min D : …, max G : …)`, and
 * a player on the other side is an error. What counts is the player's sense and the signs that stand before the loss.
 */
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import type { Context } from "./context.js";
import type { Player } from "./player.js";
import { networksOf, type Term } from "./term.js";
import type { Net } from "./value.js";

type LossTerm = Extract<Term, { kind: "loss" }>;

/** A network that a loss in an objective has a role for. */
interface Cast {
  readonly loss: LossTerm;
  readonly formal: ast.Formal;
  readonly net: Net;
  /** Whether the objective falls with the loss: -1, or 1 where it rises with it. */
  readonly sign: 1 | -1;
}

const signOf = (term: Term): number => (term.kind === "constant" ? Math.sign(term.value ?? 0) : 0);

/** All roles in a term; none behind a factor of 0 or one that is no number. */
const casts = (term: Term, sign: 1 | -1): readonly Cast[] => {
  const opposite = sign === 1 ? -1 : 1;
  const scaled = (inner: Term, factor: number): readonly Cast[] =>
    factor === 0 ? [] : casts(inner, factor > 0 ? sign : opposite);
  switch (term.kind) {
    case "loss":
      return [
        ...term.declaration.formals.flatMap((formal): readonly Cast[] => {
          const net = term.nets.get(formal.name.text);
          return formal.role === undefined || net === undefined
            ? []
            : [{ loss: term, formal, net, sign }];
        }),
        ...casts(term.body, sign),
      ];
    case "objective":
      return casts(term.body, sign);
    case "negate":
      return casts(term.input, opposite);
    case "arithmetic":
      switch (term.operator) {
        case "+":
          return [...casts(term.left, sign), ...casts(term.right, sign)];
        case "-":
          return [...casts(term.left, sign), ...casts(term.right, opposite)];
        case "*":
          return [
            ...scaled(term.left, signOf(term.right)),
            ...scaled(term.right, signOf(term.left)),
          ];
        case "/":
          return scaled(term.left, signOf(term.right));
        default:
          return [];
      }
    default:
      return [];
  }
};

const lowers = (player: Player, { sign }: Cast): boolean => (player.sense === "min") === sign > 0;

export const checkRoles = (context: Context, players: readonly Player[]): void => {
  for (const player of players) {
    const own = casts(player.objective, 1).filter(({ net }) =>
      networksOf(net).some((name) => player.networks.includes(name)),
    );
    const wrong = own.filter((cast) => lowers(player, cast) !== (cast.formal.role === "min"));
    const [first] = wrong;
    // Another loss was meant where this one shows a discriminator one side only, and that is said already.
    const isSaid = ({ code, span }: Diagnostic): boolean =>
      code === "GAN512" && span.file === player.span.file && span.start === player.span.start;
    if (first === undefined || context.diagnostics.some(isSaid)) continue;
    const { loss, formal, net } = first;
    const [does, should] = formal.role === "min" ? ["raises", "lower"] : ["lowers", "raise"];
    const sense = player.sense === "min" ? "max" : "min";
    const fix: Fix = {
      title: `write \`${sense}[${player.networks.join(", ")}]\``,
      edits: [{ span: { ...player.span, end: player.span.start + 3 }, text: sense }],
    };
    context.report(
      "GAN511",
      player.span,
      `\`${net.name}\` ${does} \`${context.quote(loss.span)}\` here, which it is meant to ${should}`,
      {
        labels: [
          { span: loss.span, text: `this is for \`${net.name}\` to ${should}` },
          { span: formal.span, text: "its role is declared here" },
        ],
        notes: [
          "A player that minimises lowers what is added and raises what is subtracted; one that maximises, the reverse.",
        ],
        suggestion: wrong.length === own.length ? fix : undefined,
      },
    );
  }
};

/** Reports roles that say nothing: only networks of a loss have one. */
export const refuseRoles = (context: Context, formals: readonly ast.Formal[]): void => {
  for (const { role, name, span } of formals) {
    if (role === undefined) continue;
    context.report(
      "GAN305",
      span,
      `\`${role}\` says what a network does to a loss, and \`${name.text}\` is no network of a loss`,
      { notes: ["For example: `loss fool(min G : a -> b, max D : b -> Scores) = …`."] },
    );
  }
};
