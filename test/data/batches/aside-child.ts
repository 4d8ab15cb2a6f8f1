/**
 * The batches of a folder as a process of its own makes them, whose images are loaded in a thread;
 * for `aside.test.ts`.
 */
import type { Worker } from "node:worker_threads";
import { digestOfBatches } from "./aside.js";

const [root = "", how = ""] = process.argv.slice(2);
let threads = 0;
process.on("worker", (worker: Worker) => {
  threads++;
  // In the middle of its work.
  if (how === "killed") setTimeout(() => void worker.terminate(), 60);
});
const digest = await digestOfBatches(root);
process.stdout.write(JSON.stringify({ digest, threads }));
