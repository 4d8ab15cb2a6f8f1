/** The first machine of several: it waits for the others, and tells them what to do. */
import { createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { EngineFailure, LostProcess } from "../sessions/failure.js";
import { together } from "./team.js";
import { type Answer, type Order, PROTOCOL, type Same, type Wire, wireToMachine } from "./wire.js";

/** An address at which the first machine waits. */
export interface Rendezvous {
  readonly host: string;
  readonly port: number;
}

/** What differs between two machines, in words. */
const differences: Readonly<Record<keyof Same, string>> = {
  spec: "its spec or its --set is another",
  images: "its images, or those held out, are others",
  seed: "its --seed is another",
  nproc: "its --nproc is another",
  nnodes: "its --nnodes is another",
  precision:
    "it computes networks otherwise: --bf16, --compile and --channels-last must be the same",
};

/** Why a machine cannot take part; undefined if it can. */
const refusal = (
  said: Extract<Answer, { answer: "hello" }>,
  same: Same,
  taken: ReadonlyMap<number, unknown>,
): string | undefined => {
  if (said.protocol !== PROTOCOL) return "its version of ganc is another";
  const other = (Object.keys(differences) as (keyof Same)[]).find(
    (key) => said.same[key] !== same[key],
  );
  if (other !== undefined) return differences[other];
  if (said.node < 1 || said.node >= same.nnodes) return `there is no --node-rank ${said.node}`;
  return taken.has(said.node) ? `--node-rank ${said.node} is there already` : undefined;
};

/** The other machines of a run. */
export class Machines {
  constructor(private readonly wires: readonly Wire<Answer>[]) {}

  /** Gives an order to all, and waits until all have carried it out. */
  async tell(order: Order): Promise<void> {
    for (const wire of this.wires) wire.send(order);
    await together(
      this.wires.map(async (wire) => {
        const said = await wire.next();
        if (said.answer !== "failed") return;
        throw new (said.isLost ? LostProcess : EngineFailure)(said.reason);
      }),
    );
  }

  /** Lets them go; with `isDone` they need not wait for another try. */
  dispose(isDone: boolean): void {
    for (const wire of this.wires) {
      if (isDone) wire.send({ op: "end" });
      wire.close();
    }
  }
}

/** Accepts or refuses whoever connects; calls `all` once every machine is there. */
const welcome = async (
  socket: Socket,
  same: Same,
  patience: number,
  found: Map<number, Wire<Answer>>,
): Promise<void> => {
  const wire = wireToMachine(socket, patience, "another machine");
  const said = await wire.next();
  if (said.answer !== "hello") return wire.close();
  const reason = refusal(said, same, found);
  if (reason === undefined) {
    found.set(said.node, wire);
    wire.lost.catch(() => found.delete(said.node));
    return;
  }
  wire.send({ op: "refused", reason });
  wire.close();
};

/**
 * Waits for the other machines of a run.
 * @throws EngineFailure (rejects) if the address cannot be used, or if some do not come in `wait`
 *     seconds
 */
export const meet = async (
  { host, port }: Rendezvous,
  same: Same,
  patience: number,
  wait: number,
): Promise<Machines> => {
  const found = new Map<number, Wire<Answer>>();
  const server = createServer((socket) => {
    welcome(socket, same, patience, found).catch(() => socket.destroy());
  });
  const failed = new Promise<never>((_, reject) =>
    server.on("error", (error) =>
      reject(new EngineFailure(`nothing can wait at ${host}:${port}: ${error.message}.`)),
    ),
  );
  failed.catch(() => {});
  server.listen(port, host);
  try {
    for (let tries = 0; tries < 20 * wait && found.size < same.nnodes - 1; tries++)
      await Promise.race([setTimeout(50), failed]);
  } finally {
    server.close();
  }
  if (found.size === same.nnodes - 1) return new Machines([...found.values()]);
  for (const wire of found.values()) wire.close();
  throw new EngineFailure(
    `of ${same.nnodes - 1} other machines, ${found.size} came to ${host}:${port} in ${wait} s. Start the same command there, with --node-rank 1 and so on.`,
  );
};
