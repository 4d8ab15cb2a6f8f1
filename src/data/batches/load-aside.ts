/**
 * Loads image files in a thread that lives as long as the process, but keeps it alive only while it
 * works.
 */
import { Worker } from "node:worker_threads";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Raster } from "../images/image.js";
import { type LoadJob, loadFile } from "./load-file.js";
import type { Answered, Asked } from "./load-worker.js";

type Loaded = Either<string, Raster>;

interface Pending {
  readonly job: LoadJob;
  readonly resolve: (loaded: Loaded | Promise<Loaded>) => void;
  readonly reject: (thrown: unknown) => void;
}

interface Thread {
  load(job: LoadJob): Promise<Loaded>;
}

/** Starts the thread. It calls `lost` if it dies; its open jobs then run in this thread. */
const startThread = (lost: () => void): Thread => {
  const worker = new Worker(new URL("./load-worker.js", import.meta.url));
  worker.unref();
  const pending = new Map<number, Pending>();
  let next = 0;
  const settle = (number: number): Pending | undefined => {
    const found = pending.get(number);
    pending.delete(number);
    if (pending.size === 0) worker.unref();
    return found;
  };
  worker.on("message", ({ number, result }: Answered) => {
    const found = settle(number);
    if ("image" in result) found?.resolve(right(result.image));
    else if ("reason" in result) found?.resolve(left(result.reason));
    else found?.reject(new Error(result.thrown));
  });
  const giveUp = (): void => {
    lost();
    for (const [number, { job, resolve }] of [...pending]) {
      settle(number);
      resolve(loadFile(job));
    }
  };
  worker.on("error", giveUp);
  worker.on("exit", giveUp);
  return {
    load: (job) =>
      new Promise((resolve, reject) => {
        const number = next++;
        if (pending.size === 0) worker.ref();
        pending.set(number, { job, resolve, reject });
        worker.postMessage({ ...job, number } satisfies Asked);
      }),
  };
};

/** The thread runs compiled code only. When sources run directly, there is no thread. */
const isCompiled = import.meta.url.endsWith(".js");

let thread: Thread | "none" | undefined = isCompiled ? undefined : "none";

/** Loads a file as `loadFile` does, bit for bit, without blocking this thread. */
export const loadAside = (job: LoadJob): Promise<Loaded> => {
  if (thread === undefined)
    thread = startThread(() => {
      thread = "none";
    });
  return thread === "none" ? loadFile(job) : thread.load(job);
};
