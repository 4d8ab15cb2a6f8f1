/** Draws everything that a report shows of a spec: the game, and each network. */
import type { Model } from "../../program/model.js";
import type { DrawnPart } from "../page/contents.js";
import { signatureText } from "../text/words.js";
import { modelPicture } from "./model-picture.js";
import { networkPicture } from "./network-picture.js";
import { placesIn } from "./places.js";
import { drawing } from "./svg.js";

/** Draws a model. `textOf` returns the texts of the spec's files. */
export const drawModel = async (
  model: Model,
  textOf: (file: string) => string | undefined,
): Promise<readonly DrawnPart[]> => {
  const placeOf = placesIn(textOf);
  const parts: DrawnPart[] = [
    { title: "The game", svg: await drawing(modelPicture(model, placeOf, textOf)) },
  ];
  for (const network of model.networks)
    parts.push({
      title: signatureText(network),
      svg: await drawing(networkPicture(model, network, placeOf)),
    });
  return parts;
};
