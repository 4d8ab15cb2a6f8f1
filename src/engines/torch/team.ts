/** The processes of this machine that share each step, and their shares of a batch. */
import { setTimeout } from "node:timers/promises";
import { impossible } from "../../base/impossible.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { LostPeer, LostProcess } from "../sessions/failure.js";
import type { Message } from "./channel.js";
import { type Request, startTorch, type TorchProcess } from "./process.js";
import { alone, isHere, OPENING, type World } from "./world.js";

/** The samples of a batch that are a rank's: [n, h, w, c] as [n / size, h, w, c]. */
export const shareOf = (
  { shape, data }: HostTensor,
  rank: number,
  { size }: Pick<World, "size">,
): HostTensor => {
  const [samples = 1, ...rest] = shape;
  const numbers = data.length / size;
  return {
    shape: [samples / size, ...rest],
    data: data.subarray(rank * numbers, (rank + 1) * numbers),
  };
};

/** Milliseconds in which the failure that caused others becomes known. */
const GRACE = 2000;

/** Results of all. Of several failures it throws the one that tells of a lost process. */
export const together = async <A>(running: readonly Promise<A>[]): Promise<A[]> => {
  const failures: unknown[] = [];
  const all = Promise.allSettled(
    running.map((one) => one.catch((error: unknown) => failures.push(error))),
  );
  try {
    return await Promise.all(running);
  } catch (first) {
    if (running.length > 1) await Promise.race([all, setTimeout(GRACE)]);
    const lost = failures.filter((error) => error instanceof LostProcess);
    throw lost.find((error) => !(error instanceof LostPeer)) ?? lost[0] ?? first;
  }
};

export class Team {
  /** @param processes one for each own rank of the world */
  constructor(
    readonly world: World,
    private readonly processes: readonly TorchProcess[],
  ) {}

  get isAlone(): boolean {
    return this.world.size === 1;
  }

  private asked(request: Request): Request {
    return this.isAlone ? request : { patience: this.world.patience, ...request };
  }

  /** Sends each process its request, by rank, and gives the replies in the order of ranks. */
  all(requestOf: (rank: number) => Request): Promise<readonly Message[]> {
    const { first } = this.world;
    return together(this.processes.map((one, i) => one.request(this.asked(requestOf(first + i)))));
  }

  /** Opens a module in each process. */
  open(module: string, headerOf: (rank: number, path: string) => object): Promise<unknown> {
    const { first } = this.world;
    return together(
      this.processes.map((one, i) => {
        const header = headerOf(first + i, one.write(module));
        return one.request({ header, ...(this.isAlone ? {} : { patience: OPENING }) });
      }),
    );
  }

  /** Sends a request to the first process alone. */
  async one(request: Request): Promise<Message> {
    const [first] = this.processes;
    if (first === undefined) return impossible("a team of no process");
    return first.request(this.asked(request));
  }

  /** Has the first process hold a store for those of all machines, and gives its port. */
  async holdStore(): Promise<number> {
    const { header } = await this.one({ header: { op: "hold_store" }, patience: OPENING });
    return header.port ?? impossible("a store without a port");
  }

  /** A file of the first process's folder, in which the processes of one machine meet. */
  meetingPlace(): string | undefined {
    return this.processes[0]?.place("store");
  }

  dispose(): void {
    for (const one of this.processes) one.dispose();
  }
}

/** Starts the processes of this machine. */
export const startTeam = (python: string, world: World = alone): Team =>
  new Team(
    world,
    Array.from({ length: world.own }, () => startTorch(python, isHere(world))),
  );
