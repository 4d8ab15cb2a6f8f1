/** A process that goes on with a run until its fate kills it, or to the run's end. */
import { isLeft } from "fp-ts/lib/Either.js";
import { describe } from "../../src/training/files/errors.js";
import { type Fate, mortalDisk } from "./mortal.js";
import { goOn } from "./mortal-run.js";

const [path = "", steps = "", fate = ""] = process.argv.slice(2);

const outcome = await goOn(path, {
  steps: Number(steps),
  raw: mortalDisk(JSON.parse(fate) as Fate),
});
process.stdout.write(isLeft(outcome) ? describe(outcome.left) : "ended\n");
process.disconnect?.();
