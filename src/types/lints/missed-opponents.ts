/** Games in which a discriminator and the networks that it judges miss each other. */
import { applications, listed, outermost, type Sight, trains } from "../game/judges.js";
import { type Judge, judgesIn, tellsApart } from "../game/scorers.js";
import type { Net } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { networksOf } from "../values/term.js";
import type { Lint, Report } from "./lint.js";

/**
 * Whether what a network answers depends on weights by which a judge's own players move the judge:
 * it is the judge, a part of it, such as the layers whose features are to match, or another head on
 * such a part.
 */
const isOf =
  ({ net: judge, trainers }: Pick<Judge, "net" | "trainers">) =>
  (net: Net): boolean => {
    if (net.name === judge.name) return true;
    const parts = networksOf(judge).filter((part) =>
      trainers.some(({ networks }) => networks.includes(part)),
    );
    return networksOf(net).some((name) => parts.includes(name));
  };

/**
 * Generators that a discriminator never sees, and those that it judges without their being told.
 */
const checkOpponents = (
  judge: Judge,
  players: readonly Player[],
  taught: readonly Sight[],
  report: Report,
): void => {
  const { name, trainers, seen, faced } = judge;
  const isOfJudge = isOf(judge);
  const judged = seen.flatMap(({ inputs }) => inputs.flatMap(outermost));
  if (judged.length === 0) return;
  const isJudged = ({ name: maker }: Net): boolean => judged.some((net) => net.name === maker);
  for (const { player, application } of faced) {
    const makers = application.inputs.flatMap(outermost);
    const unseen = makers.filter((maker) => trains(player, maker));
    if (makers.some((maker) => isJudged(maker))) continue;
    report(
      "GAN605",
      application.span,
      `\`${name}\` is asked about what ${listed(unseen)} makes, and never sees it in training`,
      {
        about: name,
        labels: [{ span: player.span, text: `this player trains ${listed(unseen)} against it` }],
        notes: [`It is trained on what ${listed(judged)} makes.`],
      },
    );
  }
  const isAllMade = seen.every(({ inputs }) => inputs.flatMap(outermost).length > 0);
  for (const [maker, net] of new Map(judged.map((net) => [net.name, net]))) {
    const player = players.find((other) => trains(other, net) && !trainers.includes(other));
    const trained = players.some(
      (other) =>
        trains(other, net) &&
        applications(other.objective).some(
          (application) =>
            isOfJudge(application.net) &&
            application.inputs.flatMap(applications).some((inner) => inner.net.name === maker),
        ),
    );
    if (player === undefined || trained || (isAllMade && tellsApart(taught))) continue;
    report(
      "GAN605",
      player.span,
      `\`${maker}\` is not trained against \`${name}\`, which judges what it makes`,
      {
        about: `${maker} ${name}`,
        labels: seen
          .filter(({ inputs }) => inputs.flatMap(outermost).some(({ name }) => name === maker))
          .slice(0, 1)
          .map(({ span }) => ({ span, text: "it is judged here" })),
        notes: [
          `The objective of \`${maker}\` has no term with \`${name}\` in it, such as \`lsgan.fool(${maker}, ${name})\`.`,
        ],
      },
    );
  }
};

export const missedOpponents: Lint = {
  name: "missed-opponents",
  codes: ["GAN605"],
  game: ({ game, report }) => {
    for (const judge of judgesIn(game.players)) {
      const sight = game.standpoints.find(({ net }) => net.name === judge.name);
      checkOpponents(judge, game.players, sight?.taught ?? [], report);
    }
  },
};
