/** Another machine of several: it does with its processes what the first one says. */
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { StepInput } from "../../contracts/session.js";
import type { Program } from "../../program/program.js";
import { LostProcess } from "../sessions/failure.js";
import type { Rendezvous } from "./machines.js";
import { TeamProgram, type TorchOptions } from "./session.js";
import { startTeam, type Team } from "./team.js";
import { type Order, PROTOCOL, type Same, type Wire, wireToFirst } from "./wire.js";
import { OPENING, type World } from "./world.js";

/** How a run ended for a machine that is not the first. */
export type Followed =
  | { readonly kind: "ended" }
  /** The first machine wants none of it. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The first machine, or a process, is gone: another try may do better. */
  | { readonly kind: "lost"; readonly reason: string }
  /** Nobody waits at the address. */
  | { readonly kind: "nobody" };

/** What a step draws: all samples, of which a process gets its own. */
export type Draw = (
  place: NonNullable<StepInput["place"]>,
) => Promise<Pick<StepInput, "batch" | "again">>;

export interface Following {
  readonly program: Program;
  readonly options: TorchOptions & { readonly world: World };
  readonly rdzv: Rendezvous;
  /** Number of this machine, from 1. */
  readonly node: number;
  readonly same: Same;
  readonly draw: Draw;
}

const connected = ({ host, port }: Rendezvous): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });

/** Tries for some minutes: the first machine may begin later, or again. */
const found = async (rdzv: Rendezvous, wait: number): Promise<Socket | undefined> => {
  for (let tries = 0; tries < wait; tries++) {
    const socket = await connected(rdzv);
    if (socket !== undefined) return socket;
    await setTimeout(1000);
  }
  return undefined;
};

/** Carries out one order. */
const obey = async (
  order: Order,
  own: TeamProgram,
  { rdzv, draw }: Following,
): Promise<unknown> => {
  switch (order.op) {
    case "open":
      return own.open({ host: rdzv.host, port: order.port });
    case "step": {
      const { step, rate, epoch, stepInEpoch } = order;
      return own.step({ ...(await draw({ epoch, stepInEpoch })), rate, step });
    }
    case "get_state":
      return own.getState();
    case "set_state":
      return own.setState(new Map());
    default:
      return undefined;
  }
};

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

const serve = async (wire: Wire<Order>, team: Team, following: Following): Promise<Followed> => {
  const own = new TeamProgram(following.program, following.options, team);
  for (;;) {
    const order = await wire.next();
    if (order.op === "end") return { kind: "ended" };
    if (order.op === "refused") return { kind: "refused", reason: order.reason };
    try {
      await Promise.race([obey(order, own, following), wire.lost]);
      wire.send({ answer: "done" });
    } catch (thrown) {
      const [reason, isLost] = [messageOf(thrown), thrown instanceof LostProcess];
      wire.send({ answer: "failed", reason, isLost });
      return { kind: "lost", reason };
    }
  }
};

/** Takes part in a run until it ends, or until something is lost. */
export const follow = async (following: Following, wait = OPENING): Promise<Followed> => {
  const { rdzv, options, node, same } = following;
  const socket = await found(rdzv, wait);
  if (socket === undefined) return { kind: "nobody" };
  const wire = wireToFirst(socket, options.world.patience);
  const team = startTeam(options.python, options.world);
  try {
    wire.send({ answer: "hello", protocol: PROTOCOL, node, same });
    return await serve(wire, team, following);
  } catch (thrown) {
    return { kind: "lost", reason: messageOf(thrown) };
  } finally {
    wire.close();
    team.dispose();
  }
};
