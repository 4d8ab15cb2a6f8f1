/** What two ways of loading images are compared by. */
import { createHash } from "node:crypto";
import { isLeft } from "fp-ts/lib/Either.js";
import { openFeed } from "../../../src/data/batches/batches.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { Domain } from "../../../src/program/model.js";

const domain = (name: string): Domain => ({
  name,
  kind: "image",
  shape: [12, 12, 3],
  range: [-1, 1],
  span: { file: "test.gan", start: 0, end: 0 },
});

/**
 * Of ids, tensors and skipped images of two epochs, in which every image is resized, cropped and
 * flipped.
 */
export const digestOfBatches = async (root: string, cacheBytes?: number): Promise<string> => {
  const dataset = await openFolders(root, ["X", "Y"]);
  if (isLeft(dataset)) throw new Error(dataset.left.reason);
  const stages = [
    { kind: "resize", height: 16, width: 16 },
    { kind: "random_crop", height: 12, width: 12 },
    { kind: "random_flip" },
  ] as const;
  const feed = openFeed({
    dataset: dataset.right,
    domains: [domain("X"), domain("Y")],
    augment: { X: stages, Y: stages },
    batch: 2,
    seed: 7,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  });
  if (isLeft(feed)) throw new Error(feed.left.reason);
  const hash = createHash("sha256");
  for (const epoch of [0, 1])
    for await (const { batch, ids, skipped, step } of feed.right.epoch(epoch)) {
      hash.update(JSON.stringify([epoch, step, ids, skipped]));
      for (const { data } of Object.values(batch))
        hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  return hash.digest("hex");
};
