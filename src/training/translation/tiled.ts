/**
 * Applies a network to a picture too large for one piece, stage by stage and tile by tile.
 * Normalisation uses the statistics of the whole value, summed in float64, so the result has no
 * seams and equals that of one piece.
 */
import type { Program, Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Graph } from "../../graph/graph.js";
import { print } from "../../graph/print.js";
import * as names from "../../lowering/names.js";
import type { Staged } from "../../lowering/stages.js";
import { type Box, mapName, statisticName, tileOf, wholeOf } from "../../lowering/tile.js";
import type { LayerNode, Network } from "../../program/model.js";
import { type KeptMap, withMaps } from "./maps.js";
import type { Tiled } from "./tiling.js";

export interface TiledJob {
  readonly session: Session;
  /** Network at the picture's size. */
  readonly network: Network;
  readonly staged: Staged;
  readonly tiles: readonly Tiled[];
  /** Reads a part of an input of the network, [1, h, w, c]. */
  readonly read: (place: number, box: Box) => HostTensor;
  /** Called with each part of the result. */
  readonly write: (box: Box, part: HostTensor) => void;
  readonly signal?: AbortSignal | undefined;
  /** Called with the completed share, from 0 to 1. */
  readonly part?: ((share: number) => void) | undefined;
}

/** Thrown between two tiles if the job is aborted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Channel sums of a value. */
class Sums {
  private count = 0;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(private readonly channels: number) {
    this.sums = new Float64Array(channels);
    this.squares = new Float64Array(channels);
  }

  add({ data }: HostTensor): void {
    const { channels, sums, squares } = this;
    for (let i = 0; i < data.length; i += channels)
      for (let c = 0; c < channels; c++) {
        const value = data[i + c] as number;
        sums[c] = (sums[c] as number) + value;
        squares[c] = (squares[c] as number) + value * value;
      }
    this.count += data.length / channels;
  }

  /** Returns mean and variance of each channel, or of all numbers together. */
  of(over: "channels" | "all"): readonly [mean: HostTensor, variance: HostTensor] {
    const total = (values: Float64Array): Float64Array =>
      over === "channels" ? values : Float64Array.of(values.reduce((a, b) => a + b, 0));
    const count = over === "channels" ? this.count : this.count * this.channels;
    const means = total(this.sums).map((sum) => sum / count);
    const variances = total(this.squares).map((sum, c) =>
      Math.max(0, sum / count - (means[c] as number) ** 2),
    );
    const tensor = (values: Float64Array): HostTensor => ({
      shape: [1, values.length, 1, 1],
      data: Float32Array.from(values),
    });
    return [tensor(means), tensor(variances)];
  }
}

/** Loaded programs, the most recent few. Tiles with equal graphs share one. */
class Programs {
  private readonly loaded = new Map<string, Program>();

  constructor(
    private readonly session: Session,
    private readonly network: string,
    private readonly most = 3,
  ) {}

  async of(graph: Graph): Promise<Program> {
    const key = print(graph);
    const known = this.loaded.get(key);
    if (known !== undefined) {
      this.loaded.delete(key);
      this.loaded.set(key, known);
      return known;
    }
    if (this.loaded.size >= this.most) {
      const [oldest] = this.loaded;
      if (oldest !== undefined) {
        this.loaded.delete(oldest[0]);
        oldest[1].dispose();
      }
    }
    if (this.session.prepare === undefined) throw new Error("this engine computes no tiles");
    const program = await this.session.prepare(this.network, graph);
    this.loaded.set(key, program);
    return program;
  }

  dispose(): void {
    for (const program of this.loaded.values()) program.dispose();
    this.loaded.clear();
  }
}

/** Estimates the time of a layer: a multiplication for each weight and place. */
const workOf = ({ parameters, shape: [height, width, channels] }: LayerNode): number => {
  const weights = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return height * width * (weights + channels);
};

const stageWork = ({ stage }: Tiled): number =>
  stage.layers.reduce((sum, layer) => sum + workOf(layer), 0);

class Run {
  private readonly maps = new Map<number, KeptMap>();
  private readonly sums = new Map<number, Sums>();
  private done = 0;
  private readonly total: number;

  constructor(
    private readonly job: TiledJob,
    private readonly make: (value: number, shape: Tiled["shape"]) => Promise<KeptMap>,
  ) {
    this.total = job.tiles.reduce((sum, tiled) => sum + stageWork(tiled), 0);
  }

  /** Computes statistics of inputs that are normalised directly. */
  private ofInputs(): void {
    const { network, staged, read } = this.job;
    for (const [place, shape] of network.inputs.entries()) {
      if (!staged.statistics.has(place)) continue;
      const sums = new Sums(shape[2]);
      for (let row = 0; row < shape[0]; row++)
        sums.add(read(place, { ...wholeOf(shape), rows: { from: row, to: row + 1 } }));
      this.sums.set(place, sums);
    }
  }

  private async part(value: number, box: Box): Promise<HostTensor> {
    const map = this.maps.get(value);
    return map === undefined ? this.job.read(value, box) : map.read(box);
  }

  /** Returns mean and variance of all values that are complete by now. */
  private statistics(): readonly (readonly [string, HostTensor])[] {
    return [...this.sums].flatMap(([value, sums]) =>
      [...(this.job.staged.statistics.get(value) ?? [])].flatMap((over) => {
        const [mean, variance] = sums.of(over);
        return [
          [statisticName(value, over, "mean"), mean] as const,
          [statisticName(value, over, "variance"), variance] as const,
        ];
      }),
    );
  }

  private async stage(tiled: Tiled, isLast: boolean): Promise<void> {
    const { network, session, staged, signal, part } = this.job;
    const { stage, shape, tiles, done } = tiled;
    const map = isLast ? undefined : await this.make(stage.value, shape);
    const sums = staged.statistics.has(stage.value) ? new Sums(shape[2]) : undefined;
    const statistics = this.statistics();
    const programs = new Programs(session, network.name);
    try {
      for (const box of tiles) {
        if (signal?.aborted === true) throw new Interrupted();
        const { graph, reads } = tileOf(network, stage, box);
        const program = await programs.of(graph);
        const feeds = new Map(statistics);
        for (const [value, of] of reads) feeds.set(mapName(value), await this.part(value, of));
        const made = (await program.run(feeds)).get(names.translatedName);
        if (made === undefined) throw new Error("a tile was not computed");
        sums?.add(made);
        if (map === undefined) this.job.write(box, made);
        else await map.write(box, made);
        this.done += stageWork(tiled) / tiles.length;
        part?.(Math.min(1, this.done / this.total));
      }
    } finally {
      programs.dispose();
    }
    if (map !== undefined) this.maps.set(stage.value, map);
    if (sums !== undefined) this.sums.set(stage.value, sums);
    for (const value of done) {
      await this.maps.get(value)?.drop();
      this.maps.delete(value);
    }
  }

  async all(): Promise<void> {
    const { tiles } = this.job;
    this.ofInputs();
    for (const [i, tiled] of tiles.entries()) await this.stage(tiled, i === tiles.length - 1);
  }
}

/**
 * Computes the network's result part by part.
 * @throws Interrupted between two tiles, once the signal is aborted; also the errors of engine and
 * disk
 */
export const translateTiled = (job: TiledJob): Promise<void> =>
  withMaps((make) => new Run(job, make).all());
