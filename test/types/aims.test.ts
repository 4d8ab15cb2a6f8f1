/**
 * What a judge could not better: known where others play against it, and where its objective has an
 * end.
 */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { sources } from "../support/specs.js";

const aims = (name: string): Readonly<Record<string, number | undefined>> => {
  const { result } = analyse(name, sources());
  return Object.fromEntries(
    (result?.model.players ?? []).map((player) => [player.networks.join(), player.aim]),
  );
};

test("of least squares and logarithms it is 0, of generators, critics and classifiers there is none", () => {
  expect(aims("specs/cyclegan.gan")).toEqual({ "G,F": undefined, "D_X,D_Y": 0 });
  expect(aims("specs/emoji.gan")).toEqual({ "G,F": undefined, D_Fluent: 0, D_Noto: 0 });
  expect(aims("specs/gallery/dcgan.gan")).toEqual({ G: undefined, D: 0 });
  expect(aims("specs/gallery/wgan-gp.gan")).toEqual({ D: undefined, G: undefined });
  expect(aims("specs/gallery/classifier.gan")).toEqual({ C: undefined });
  expect(Object.values(aims("specs/gallery/stargan.gan"))).toEqual([undefined, undefined]);
});
