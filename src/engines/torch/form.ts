/**
 * What `run_state.py` is told of a program: how its state calls the tensors of the module that
 * `ganc compile --target torch` writes.
 */
import { impossible } from "../../base/impossible.js";
import { recordOf } from "../../base/record.js";
import { layers } from "../../operators/layers.js";
import { optimizers } from "../../operators/optimizers.js";
import { type Model, type Network, optimizerOf } from "../../program/model.js";
import { type LayerNode, parameterName, statisticsOf } from "../../program/network.js";
import type { Program } from "../../program/program.js";
import { compiledParts } from "../../targets/torch/compiled.js";
import { networkFields } from "../../targets/torch/emit.js";

/**
 * A network's weights for the driver, and what it keeps without learning it: [name, number of the
 * layer, name in PyTorch].
 */
const listed = (network: Network) => {
  const own = network.layers.filter(
    (layer) =>
      layer.owner === undefined && layer.parameters.length + statisticsOf(layer).length > 0,
  );
  const entriesOf = (of: (layer: LayerNode) => readonly string[]) =>
    own.flatMap((layer, i) =>
      of(layer).map((name) => [
        parameterName(network.name, layer, name),
        i,
        layers.get(layer.kind)?.torch.parameters?.[name] ?? name,
      ]),
    );
  const kept = new Set(network.buffers.map(({ name }) => name));
  const namesOf = ({ parameters }: LayerNode) => parameters.map(({ name }) => name);
  return {
    parameters: entriesOf(namesOf),
    spectral: entriesOf((layer) => namesOf(layer).map((name) => `${name}.u`)).filter(([name]) =>
      kept.has(String(name)),
    ),
    statistics: entriesOf((layer) => statisticsOf(layer).map(({ name }) => name)),
  };
};

/** How often every n-th step moves a network: [n, times]. */
export type Moves = readonly (readonly [n: number, times: number])[];

/** How often steps move each network that some player trains, phase by phase. */
export const movesOf = ({ phases }: Model): Readonly<Record<string, Moves>> => {
  const moves = new Map<string, Moves>();
  for (const { times, every = 1, players } of phases)
    for (const network of players.flatMap(({ networks }) => networks))
      moves.set(network, [...(moves.get(network) ?? []), [every, times]]);
  return recordOf([...moves]);
};

const slotsOf = (model: Model, network: string): Readonly<Record<string, string>> => {
  const { kind, options } = optimizerOf(model.recipe, network);
  const entry = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
  const slots = entry.keeps(options) ? entry.slots : [];
  return recordOf(slots.map((slot, i) => [slot, entry.torch.slots[i] ?? slot]));
};

/** Whether a step of the module takes the draws of its k-th repetition. */
const isSeveral = ({ phases, recipe }: Model): boolean =>
  phases.length > 1 || (phases[0]?.times ?? 1) > 1 || recipe.accumulate > 1;

/** The names of all tensors, as plain data. */
export const torchForm = (program: Program) => {
  const { model } = program;
  const moves = movesOf(model);
  const trained = Object.keys(moves);
  return {
    fields: networkFields(program),
    networks: recordOf(model.networks.map((network) => [network.name, listed(network)])),
    slots: recordOf(trained.map((name) => [name, slotsOf(model, name)])),
    counters: recordOf(
      trained.map((name) => [name, `${optimizerOf(model.recipe, name).kind}.t/${name}`]),
    ),
    moves,
    several: isSeveral(model),
    average: model.recipe.average > 0,
    compilable: compiledParts(program),
  };
};

/** Paths of a network's layers that drop, in the order in which its module applies them. */
export const droppingPaths = ({ layers: nodes, inputs, last }: Network): readonly string[] => {
  const needed = new Set<number>();
  const visit = (id: number): void => {
    if (needed.has(id)) return;
    needed.add(id);
    nodes[id - inputs.length]?.inputs.forEach(visit);
  };
  visit(last);
  return nodes.flatMap(({ id, kind, path }) =>
    needed.has(id) && layers.get(kind)?.isRandom === true ? [path] : [],
  );
};
