/** The thread that loads images. Engines block the thread that trains; this one goes on. */
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
    /** An internal error, with its stack. */
    | { readonly thrown: string };
}

const answer = async ({ number, ...job }: Asked): Promise<void> => {
  try {
    const loaded = await loadFile(job);
    if (isLeft(loaded)) {
      parentPort?.postMessage({ number, result: { reason: loaded.left } } satisfies Answered);
      return;
    }
    // Copied: a decoder's buffer may not be transferred.
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
