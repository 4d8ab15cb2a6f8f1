/**
 * Trains with the Python that `ganc compile --target torch` writes, in a process of its own. The
 * state is the canonical one, and ganc draws all that is random: a run moves to this engine and
 * from it at any checkpoint.
 */
import { impossible } from "../../base/impossible.js";
import type { Metrics, Precision, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";
import { stepPrograms } from "../../lowering/programs.js";
import { type Model, repetitionsOf } from "../../program/model.js";
import type { Program } from "../../program/program.js";
import { emitTorch } from "../../targets/torch/emit.js";
import { Bookkeeping, drawsFor, firstState, translationWeights } from "../sessions/bookkeeping.js";
import { chances, decayAt } from "../sessions/draws.js";
import { weightsOf } from "../sessions/starts.js";
import { stateFault } from "../sessions/state-fit.js";
import { resizedFor, translated, translatedFrom } from "../sessions/translation-weights.js";
import type { Asked } from "./channel.js";
import { droppingPaths, torchForm } from "./form.js";
import { Machines, meet, type Rendezvous } from "./machines.js";
import { shareOf, startTeam, type Team, together } from "./team.js";
import type { Order, Same } from "./wire.js";
import { OPENING, type World } from "./world.js";

export interface TorchOptions {
  /** For example `torch 2.15 on cpu`. */
  readonly engine: string;
  readonly why?: string | undefined;
  readonly seed: number;
  readonly python: string;
  readonly device: "cpu" | "cuda" | "mps";
  /** Processor threads of each process; PyTorch's own choice where it is absent. */
  readonly threads?: number | undefined;
  /** Float32 as written where it is absent. */
  readonly precision?: Precision | undefined;
  /** The processes that share each step; one makes them where it is absent. */
  readonly world?: World | undefined;
}

/** What the driver is told of a program. */
const openingOf = (program: Program, { device, threads = 0, precision }: TorchOptions) => ({
  op: "open",
  device,
  threads,
  parts: program.model.recipe.accumulate,
  world: 1,
  bf16: precision?.bf16 ?? false,
  compiled: precision?.compiled ?? false,
  channels_last: precision?.channelsLast ?? false,
  ...torchForm(program),
});

/** Where processes meet: in a file of their machine, or at a port of the first one's. */
export type Meeting =
  | { readonly file: string | undefined }
  | { readonly host: string; readonly port: number };

/** A program in the processes of this machine. */
export class TeamProgram {
  private readonly model: Model;

  constructor(
    private readonly program: Program,
    private readonly options: TorchOptions,
    readonly team: Team,
  ) {
    this.model = program.model;
  }

  /** Samples of a batch that each process has. */
  private get samples(): number {
    return this.model.recipe.batch / this.team.world.size;
  }

  async open(meeting: Meeting): Promise<void> {
    const { world } = this.team;
    const { device } = this.options;
    const opening = openingOf(this.program, this.options);
    await this.team.open(emitTorch(this.program), (rank, module) => ({
      ...opening,
      ...meeting,
      module,
      device: world.size > 1 && device === "cuda" ? `cuda:${rank - world.first}` : device,
      card: rank - world.first,
      rank,
      world: world.size,
      samples: this.samples,
    }));
  }

  /**
   * Draws what a step asks for, from the streams that every engine draws from: numbers are those of
   * the sample in the whole batch, whichever process has it.
   */
  private drawing(step: number, rank: number): (asked: Asked) => Float32Array {
    const parts = this.model.recipe.accumulate;
    const { size } = this.team.world;
    return (asked) => {
      const { k, slot = 0, count = 0, i = 0, application = "" } = asked;
      const part = k % parts;
      const share = part * size + rank;
      const of = { part: share, parts: parts * size };
      const chance = chances(this.options.seed, step, Math.floor(k / parts), of);
      switch (asked.what) {
        case "recall": {
          const global = slot + (share - part) * this.samples;
          return Float32Array.from(chance.recall(asked.history ?? "")(global));
        }
        case "masks": {
          // The key of an application begins with its network's name.
          const [network = ""] = /^\w+/.exec(application) ?? [];
          const dropping = this.model.networks.find(({ name }) => name === network);
          const path = dropping && droppingPaths(dropping)[i];
          return chance.masks(application)(path ?? impossible(`${network} drops nothing`), count);
        }
        case "places":
          return chance.places(asked.height ?? 0, asked.width ?? 0, count);
        default:
          return impossible(`the process asks for ${asked.what}`);
      }
    };
  }

  async step(input: StepInput): Promise<Metrics> {
    const { rate, step } = input;
    const { world } = this.team;
    const repetitions = repetitionsOf(this.model);
    const tensors = Array.from({ length: repetitions }, (_, k) =>
      Object.entries(drawsFor(input, k)).map(
        ([domain, tensor]) => [`${k}/${domain}`, tensor] as const,
      ),
    ).flat();
    const { average } = this.model.recipe;
    const header = {
      op: "step",
      step,
      rate,
      decay: average > 0 ? decayAt(average, step) : 0,
    };
    const [reply] = await this.team.all((rank) => ({
      header,
      tensors: tensors.map(([name, tensor]) => [name, shareOf(tensor, rank, world)] as const),
      answer: this.drawing(step, rank),
    }));
    return reply?.header.terms ?? impossible("a step reports nothing");
  }

  /** The state, which the first process of all gathers; elsewhere it is empty. */
  async getState(): Promise<State> {
    const [reply] = await this.team.all(() => ({ header: { op: "get_state" } }));
    return reply?.tensors ?? new Map();
  }

  /** Hands the first process of all the state, which hands it on. */
  async setState(state: State): Promise<void> {
    await this.team.all((rank) => ({
      header: { op: "set_state" },
      tensors: rank === 0 ? state : [],
    }));
  }
}

class TorchSession implements Session {
  private hasFailed = false;
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  readonly streams: readonly string[];
  private readonly model: Model;

  constructor(
    program: Program,
    private readonly books: Bookkeeping,
    options: TorchOptions,
    private readonly own: TeamProgram,
    private readonly others: Machines,
    private readonly isOwn: boolean,
  ) {
    this.model = program.model;
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    this.streams = books.streams();
  }

  /** What this machine does while the others carry out an order. */
  private async shared<A>(own: Promise<A>, order: Order): Promise<A> {
    try {
      await together<unknown>([own, this.others.tell(order)]);
      return await own;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  step(input: StepInput): Promise<Metrics> {
    const { step, rate, place = { epoch: 0, stepInEpoch: step } } = input;
    return this.shared(this.own.step(input), { op: "step", step, rate, ...place });
  }

  async translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    if (!this.model.networks.some(({ name }) => name === network))
      throw new Error(`there is no network ${network}`);
    return applied(this.own.team, network, inputs);
  }

  getState(): Promise<State> {
    return this.shared(this.own.getState(), { op: "get_state" });
  }

  async setState(state: State): Promise<void> {
    const fault = stateFault(this.books.form(), state);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    await this.shared(this.own.setState(state), { op: "set_state" });
  }

  dispose(): void {
    this.others.dispose(!this.hasFailed);
    if (this.isOwn) this.own.team.dispose();
  }
}

/** Applies a network in the first process. */
const applied = async (
  team: Team,
  network: string,
  inputs: readonly HostTensor[],
): Promise<HostTensor> => {
  const header = { op: "translate", network, count: inputs.length };
  const named = inputs.map((tensor, i) => [String(i), tensor] as const);
  const { tensors } = await team.one({ header, tensors: named });
  return tensors.get("output") ?? impossible("a translation gives nothing");
};

/** The other machines of a run, and what is the same on all. */
export interface Elsewhere {
  readonly rdzv: Rendezvous;
  readonly same: Same;
}

/** Waits for the other machines, and opens the program on all. */
const openEverywhere = async (own: TeamProgram, { rdzv, same }: Elsewhere): Promise<Machines> => {
  const { team } = own;
  const { patience } = team.world;
  const [others, port] = await Promise.all([meet(rdzv, same, patience, OPENING), team.holdStore()]);
  try {
    await together([others.tell({ op: "open", port }), own.open({ host: rdzv.host, port })]);
    return others;
  } catch (error) {
    others.dispose(false);
    throw error;
  }
};

/**
 * Opens a program in a process of PyTorch, or in those of its world: in processes of its own,
 * unless it is given a team, which then has no other program.
 * @throws EngineFailure (rejects) if a process or the code does not start, or a machine is missing
 */
export const torchSession = async (
  program: Program,
  options: TorchOptions,
  given?: Team,
  elsewhere?: Elsewhere,
): Promise<Session> => {
  const { model } = program;
  const team = given ?? startTeam(options.python, options.world);
  const books = new Bookkeeping(model, options.seed, stepPrograms(model, {}));
  const own = new TeamProgram(program, options, team);
  let session: Session | undefined;
  try {
    const others = elsewhere && (await openEverywhere(own, elsewhere));
    if (others === undefined) await own.open({ file: team.meetingPlace() });
    const machines = others ?? new Machines([]);
    session = new TorchSession(program, books, options, own, machines, given === undefined);
    await session.setState(await firstState(model, books, options.seed));
    return session;
  } catch (error) {
    session?.dispose();
    if (given === undefined) team.dispose();
    throw error;
  }
};

/** A session that only translates, images of any size that the network's layers accept. */
class TorchTranslation implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  private readonly model: Model;
  private weights: State;

  constructor(
    program: Program,
    options: TorchOptions,
    private readonly team: Team,
  ) {
    this.model = program.model;
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    const start = new Map(weightsOf(this.model, options.seed));
    this.weights = new Map(
      [...translated(this.model)].map(([name, shape]) => [
        name,
        { shape, data: start.get(name) ?? new Float32Array(sizeOf(shape)) },
      ]),
    );
  }

  /** Hands the weights to the process, averages in their place where the recipe has them. */
  async send(): Promise<void> {
    const given = this.model.networks.flatMap((network) =>
      translationWeights(this.model, network).flatMap(([input, tensor]) => {
        const weight = this.weights.get(tensor);
        return weight === undefined ? [] : [[input, weight] as const];
      }),
    );
    await this.team.one({ header: { op: "set_weights" }, tensors: given });
  }

  step(): Promise<Metrics> {
    return Promise.reject(new Error("this session only translates"));
  }

  async translate(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    resizedFor(this.model, name, inputs);
    return applied(this.team, name, inputs);
  }

  async getState(): Promise<State> {
    return this.weights;
  }

  async setState(state: State): Promise<void> {
    this.weights = translatedFrom(this.model, state);
    await this.send();
  }

  dispose(): void {
    this.team.dispose();
  }
}

/** Opens a program for translation only, in a process of its own. */
export const torchTranslation = async (
  program: Program,
  options: TorchOptions,
): Promise<Session> => {
  const team = startTeam(options.python);
  const session = new TorchTranslation(program, options, team);
  try {
    const opening = { ...openingOf(program, options), average: false };
    await team.open(emitTorch(program), (_, module) => ({ ...opening, module }));
    await session.send();
    return session;
  } catch (error) {
    session.dispose();
    throw error;
  }
};
