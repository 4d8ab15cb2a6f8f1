/** Frozen networks that begin with no file: random weights that stay what they are. */

import { parameterName } from "../../program/network.js";
import { playingNetworks } from "../game/game.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import type { GameLook, Lint } from "./lint.js";

/** Parameters of its own, which no network inside of it has a file or a player for. */
const ownParameters = ({ net, nodes }: CheckedNet): number => {
  const sizes = new Map(
    nodes
      .filter(({ owner }) => owner === undefined)
      .flatMap((node) =>
        node.parameters.map(({ name, shape }) => [
          parameterName(net.name, node, name),
          shape.reduce((a, b) => a * b, 1),
        ]),
      ),
  );
  return [...sizes.values()].reduce((a, b) => a + b, 0);
};

/** Imported networks are asked for weights only where they play. */
const checkWeights = ({ game, networks, entry, report }: GameLook): void => {
  const playing = playingNetworks(game.players);
  for (const network of networks) {
    const { net, declaration } = network;
    const count = ownParameters(network);
    const isAsked = net.span.file === entry || playing.has(net.name);
    if (net.isFrozen !== true || declaration.weights !== undefined || count === 0 || !isAsked)
      continue;
    const numbers = `${count.toLocaleString("en-US").replaceAll(",", "_")} ${count === 1 ? "parameter" : "parameters"}`;
    const file = `from "${net.name}.safetensors"`;
    const { end } = declaration.span;
    report(
      "GAN610",
      net.span,
      `\`${net.name}\` is frozen and begins with no file: its ${numbers} stay random`,
      {
        notes: [
          "Nobody trains it, so what it makes of a value means nothing. `from` names the file of its weights, by a path from the folder of this one.",
        ],
        suggestion: {
          title: `write \`${file}\` behind it, with the path of the file`,
          edits: [{ span: { ...declaration.span, start: end }, text: ` ${file}` }],
        },
      },
    );
  }
};

export const randomFrozen: Lint = { name: "random-frozen", codes: ["GAN610"], game: checkWeights };
