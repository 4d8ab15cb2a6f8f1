/**
 * Roles: a loss says of its networks who is meant to lower and who to raise it, `loss judge(min D :
 * …, max G : …)`, and a player on the other side is an error. What counts is the player's sense and
 * the signs that stand before the loss.
 */
import type { Fix } from "../../diagnostics/diagnostic.js";
import type * as ast from "../../syntax/ast.js";
import { visitPulls } from "../ranges/pulls.js";
import type { TermRanges } from "../ranges/term-ranges.js";
import type { Net } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { networksOf, type Term } from "../values/term.js";
import { endless } from "./endless.js";
import type { GameLook, Lint } from "./lint.js";
import { raisedDistances } from "./raised-distances.js";

type LossTerm = Extract<Term, { kind: "loss" }>;

/** A network that a loss in an objective has a role for. */
interface Cast {
  readonly loss: LossTerm;
  readonly formal: ast.Formal;
  readonly net: Net;
  readonly does: "min" | "max";
}

/** All roles in an objective of losses that the player surely lowers or raises. */
const castsOf = (player: Player, ranges: TermRanges): readonly Cast[] => {
  const casts: Cast[] = [];
  visitPulls(player, ranges, (term, pull) => {
    if (term.kind !== "loss" || pull === undefined || Number.isFinite(pull)) return;
    const does = pull < 0 ? "min" : "max";
    for (const formal of term.declaration.formals) {
      const net = term.nets.get(formal.name.text);
      if (formal.role !== undefined && net !== undefined)
        casts.push({ loss: term, formal, net, does });
    }
  });
  return casts;
};

const checkPlayer = (player: Player, { context, ranges, report }: GameLook): void => {
  const own = castsOf(player, ranges).filter(({ net }) =>
    networksOf(net).some((name) => player.networks.includes(name)),
  );
  const wrong = own.filter(({ does, formal }) => does !== formal.role);
  const [first] = wrong;
  if (first === undefined) return;
  const { loss, formal, net } = first;
  const [does, should] = formal.role === "min" ? ["raises", "lower"] : ["lowers", "raise"];
  const others = wrong.filter(
    (cast, i) =>
      cast.net.name !== net.name &&
      wrong.findIndex((other) => other.net.name === cast.net.name) === i,
  );
  // Of one call that several networks have their roles in, one label tells all.
  const isHere = (cast: Cast): boolean =>
    cast.loss.span.start === loss.span.start && cast.formal.role === formal.role;
  const here = [net, ...others.filter(isHere).map((cast) => cast.net)]
    .map(({ name }) => `\`${name}\``)
    .join(" and ");
  const further = others.filter((cast) => !isHere(cast));
  const sense = player.sense === "min" ? "max" : "min";
  const fix: Fix = {
    title: `write \`${sense}[${player.networks.join(", ")}]\``,
    edits: [{ span: { ...player.span, end: player.span.start + 3 }, text: sense }],
  };
  report(
    "GAN511",
    player.span,
    `\`${net.name}\` ${does} \`${context.quote(loss.span)}\` here, which it is meant to ${should}`,
    {
      labels: [
        { span: loss.span, text: `this is for ${here} to ${should}` },
        { span: formal.span, text: "its role is declared here" },
        ...further.map((cast) => ({
          span: cast.loss.span,
          text: `this is for \`${cast.net.name}\` to ${cast.formal.role === "min" ? "lower" : "raise"}`,
        })),
      ],
      notes: [
        "A player that minimises lowers what is added and raises what is subtracted; one that maximises, the reverse.",
      ],
      suggestion: wrong.length === own.length ? fix : undefined,
    },
  );
};

export const roles: Lint = {
  name: "roles",
  codes: ["GAN511"],
  supersedes: [
    { lint: raisedDistances, at: "place" },
    { lint: endless, at: "place" },
  ],
  player: checkPlayer,
};
