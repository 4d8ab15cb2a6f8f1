/** What the machines that share steps tell one another: a line of JSON each. */
import type { Socket } from "node:net";
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { LostProcess } from "../sessions/failure.js";
import { type Silence, silence } from "./silence.js";

/** What must be the same on all machines, so that all draw the same batches. */
const Same = t.readonly(
  t.type({
    /** Fingerprint of the spec with its params. */
    spec: t.string,
    /** Fingerprint of the images in their order, and of those held out. */
    images: t.string,
    seed: t.number,
    nproc: t.number,
    nnodes: t.number,
    /** How networks are computed: `bfloat16, compiled`. */
    precision: t.string,
  }),
);
export type Same = t.TypeOf<typeof Same>;

/** Changes with what these messages mean. */
export const PROTOCOL = 1;

/** What the first machine tells the others. */
export const Order = t.union([
  t.type({ op: t.literal("refused"), reason: t.string }),
  t.type({ op: t.literal("open"), port: t.number }),
  t.type({
    op: t.literal("step"),
    step: t.number,
    rate: t.number,
    epoch: t.number,
    stepInEpoch: t.number,
  }),
  t.type({ op: t.literal("get_state") }),
  t.type({ op: t.literal("set_state") }),
  t.type({ op: t.literal("end") }),
  t.type({ op: t.literal("beat") }),
]);
export type Order = t.TypeOf<typeof Order>;

/** What a machine says first, what it answers each order with, and `beat`. */
export const Answer = t.union([
  t.type({ answer: t.literal("hello"), protocol: t.number, node: t.number, same: Same }),
  t.type({ answer: t.literal("done") }),
  t.type({ answer: t.literal("failed"), reason: t.string, isLost: t.boolean }),
  t.type({ answer: t.literal("beat") }),
]);
export type Answer = t.TypeOf<typeof Answer>;

/** A longer line than any message has: whoever sends it speaks another language. */
const LONGEST = 1 << 16;

/** How one side speaks, and of whom it hears. */
interface Manner {
  readonly beat: Order | Answer;
  /** Seconds of silence after which the other side counts as lost. */
  readonly patience: number;
  /** The other side in words. */
  readonly who: string;
}

/** Messages of one kind over a socket, with a beat each second; silence ends it. */
export class Wire<A> {
  private readonly waiting: A[] = [];
  private take: ((message: A) => void) | undefined;
  private heard = 0;
  private rest = "";
  private readonly beating: NodeJS.Timeout;
  private readonly quiet: Silence;
  /** Rejects with LostProcess once the other side is gone. */
  readonly lost: Promise<never>;

  constructor(
    private readonly socket: Socket,
    private readonly type: t.Type<A, unknown>,
    private readonly isBeat: (message: A) => boolean,
    { beat, patience, who }: Manner,
  ) {
    socket.setEncoding("utf8");
    socket.setNoDelay(true);
    this.beating = setInterval(() => this.send(beat), 1000);
    this.quiet = silence(() => this.heard, patience, who);
    const gone = new Promise<never>((_, reject) => {
      socket.on("error", () => {});
      socket.on("close", () => reject(new LostProcess(`${who} is gone.`)));
    });
    this.lost = Promise.race([gone, this.quiet.lost]);
    this.lost.catch(() => {
      this.close();
      socket.destroy();
    });
    socket.on("data", (text: Buffer | string) => this.read(String(text)));
  }

  private read(text: string): void {
    this.heard++;
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    if (this.rest.length > LONGEST) this.socket.destroy();
    for (const line of lines) this.hear(line);
  }

  private hear(line: string): void {
    const decoded = this.type.decode(parsed(line));
    if (isLeft(decoded)) {
      this.socket.destroy();
      return;
    }
    if (this.isBeat(decoded.right)) return;
    const { take } = this;
    this.take = undefined;
    if (take === undefined) this.waiting.push(decoded.right);
    else take(decoded.right);
  }

  send(message: Order | Answer): void {
    if (!this.socket.destroyed) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The next message. @throws LostProcess (rejects) once the other side is gone */
  next(): Promise<A> {
    const message = new Promise<A>((resolve) => {
      const first = this.waiting.shift();
      if (first === undefined) this.take = resolve;
      else resolve(first);
    });
    return Promise.race([message, this.lost]);
  }

  /** Ends what was said; what is on its way arrives. */
  close(): void {
    clearInterval(this.beating);
    this.quiet.stop();
    this.socket.end();
  }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** The first machine's end of a connection. */
export const wireToMachine = (socket: Socket, patience: number, who: string): Wire<Answer> =>
  new Wire(socket, Answer, ({ answer }) => answer === "beat", {
    beat: { op: "beat" },
    patience,
    who,
  });

/** Another machine's end. */
export const wireToFirst = (socket: Socket, patience: number): Wire<Order> =>
  new Wire(socket, Order, ({ op }) => op === "beat", {
    beat: { answer: "beat" },
    patience,
    who: "the first machine",
  });
