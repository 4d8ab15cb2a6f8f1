/**
 * Images that few files hold: domains of other channels than grey and colour, where they are drawn
 * from data.
 */
import { fileChannels } from "../../operators/recipe.js";
import { type Draw, drawsIn } from "../values/term.js";
import type { GameLook, Lint } from "./lint.js";

const checkDraws = ({ game, report }: GameLook): void => {
  const draws = new Map<string, Draw>();
  for (const draw of game.players.flatMap(({ objective }) => drawsIn(objective)))
    if (draw.domain.kind === "domain" && !draws.has(draw.domain.name))
      draws.set(draw.domain.name, draw);
  for (const { domain, span } of draws.values()) {
    if (domain.kind !== "domain" || domain.sampler !== "image") continue;
    const [, , channels] = domain.shape;
    if (fileChannels.includes(channels)) continue;
    report(
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

export const imageChannels: Lint = { name: "image-channels", codes: ["GAN510"], game: checkDraws };
