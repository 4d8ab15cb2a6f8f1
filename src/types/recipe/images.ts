/** Images that few files hold: domains of other channels than grey and colour, where they are drawn from data. */
import { fileChannels } from "../../operators/recipe.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { type Draw, drawsIn } from "../values/term.js";

export const checkImageChannels = (context: Context, players: readonly Player[]): void => {
  const draws = new Map<string, Draw>();
  for (const draw of players.flatMap(({ objective }) => drawsIn(objective)))
    if (draw.domain.kind === "domain" && !draws.has(draw.domain.name))
      draws.set(draw.domain.name, draw);
  for (const { domain, span } of draws.values()) {
    if (domain.kind !== "domain" || domain.sampler !== "image") continue;
    const [, , channels] = domain.shape;
    if (fileChannels.includes(channels)) continue;
    context.report(
      "GAN510",
      domain.span,
      `${domain.name} is drawn, and only TIFF and .npy files fill its ${channels} channels`,
      {
        labels: [{ span, text: "it is drawn here" }],
        notes: [
          "All other files are read as grey, 1 channel, or as colour, 3; where they have alpha, they are laid on white.",
        ],
      },
    );
  }
};
