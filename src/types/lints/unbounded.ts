/**
 * Critics that nothing holds: an objective in which a network's scores are only added and
 * subtracted has no least value.
 */
import { dependence, sumOf } from "../game/dependence.js";
import { endless } from "./endless.js";
import { freeTrainers } from "./free-trainers.js";
import { inNetwork } from "./in-network.js";
import type { Lint, TrainingLook } from "./lint.js";

const checkScores = (look: TrainingLook): void => {
  for (const network of look.networks) {
    const { name } = network.net;
    const trainers = freeTrainers(network, look);
    const [player] = trainers;
    const how = sumOf(trainers.map(({ objective }) => dependence(objective, name)));
    if (player === undefined || how !== "linear") continue;
    look.report("GAN608", player.span, `nothing holds the scores of \`${name}\``, {
      about: name,
      networks: [name],
      labels: [inNetwork(network)],
      notes: [
        "They are only added and subtracted: larger scores are better for ever.",
        `A Wasserstein critic is kept smooth by a penalty, as in \`+ 10 * wgan.penalty(${name}, G)\`, by \`clip[${name}]: 0.01\` in the recipe, or by \`spectral_norm(…)\` around its layers.`,
      ],
    });
  }
};

export const unbounded: Lint = {
  name: "unbounded",
  codes: ["GAN608"],
  supersedes: [{ lint: endless, at: "network" }],
  training: checkScores,
};
