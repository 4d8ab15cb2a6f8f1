/** A thread that loads images: what engines compute blocks the thread that trains, and this one goes on. */
import { parentPort } from "node:worker_threads";
import { isLeft } from "fp-ts/lib/Either.js";
import type { Raster } from "../images/image.js";
import { type LoadJob, loadFile } from "./load-file.js";

export interface Asked extends LoadJob {
  readonly number: number;
}

export interface Answered {
  readonly number: number;
  readonly result:
    | { readonly image: Raster }
    | { readonly reason: string }
    /** A mistake of ours. */
    | { readonly thrown: string };
}

const answer = async ({ number, ...job }: Asked): Promise<void> => {
  try {
    const loaded = await loadFile(job);
    if (isLeft(loaded)) {
      parentPort?.postMessage({ number, result: { reason: loaded.left } } satisfies Answered);
      return;
    }
    // Its own memory: what a decoder gives may not be handed on.
    const data = loaded.right.data.slice();
    const image = { ...loaded.right, data };
    parentPort?.postMessage({ number, result: { image } } satisfies Answered, [
      data.buffer as ArrayBuffer,
    ]);
  } catch (thrown) {
    const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    parentPort?.postMessage({ number, result: { thrown: words } } satisfies Answered);
  }
};

parentPort?.on("message", (asked: Asked) => void answer(asked));
