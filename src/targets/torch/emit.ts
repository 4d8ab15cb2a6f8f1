/**
 * A program as one module of Python: networks as `nn.Module`s, losses as functions, and the step of
 * training.
 */
import { recordOf } from "../../base/record.js";
import type { Program } from "../../program/program.js";
import { Formulas, noLocals } from "../written/formulas.js";
import { statisticsIn } from "../written/kept.js";
import { type Builder, Definitions } from "./definitions.js";
import { codeOf, libraryFor, names } from "./library/index.js";
import { Losses } from "./losses.js";
import { Module } from "./module.js";
import { fieldNames } from "./names.js";
import { docstring, width } from "./python.js";
import { format } from "./ruff.js";
import { Steps } from "./step.js";

/** Each behind those that stand inside of it. */
const innerFirst = (builders: readonly Builder[]): readonly Builder[] => {
  const found = new Set<Builder>();
  const visit = (builder: Builder): void => {
    for (const other of builders) if (builder.inner.includes(other.net)) visit(other);
    found.add(builder);
  };
  builders.forEach(visit);
  return [...found];
};

/** The function that makes all networks. */
const networks = (module: Module, steps: Steps, builders: readonly Builder[]): string => {
  const locals = module.identifiers.inner();
  const variables = new Map(builders.map(({ net }) => [net, locals.fresh(net)]));
  const of = (net: string): string => variables.get(net) ?? net;
  const lines = innerFirst(builders).map(
    ({ net, id, inner }) => `    ${of(net)} = ${id}(${inner.map(of).join(", ")})`,
  );
  const frozen = module.model.networks.filter(({ isFrozen }) => isFrozen);
  const { frozen: settled } = statisticsIn(
    module.model,
    frozen.map(({ name }) => name),
  );
  return [
    "def networks() -> Networks:",
    docstring(["All networks, new, with PyTorch's own first weights: load or draw others."]),
    ...lines,
    ...frozen.map(({ name }) => `    ${of(name)}.requires_grad_(False)`),
    ...settled.map((name) => `    settle(${of(name)})`),
    `    return Networks(${builders.map(({ net }) => `${steps.netField(net)}=${of(net)}`).join(", ")})`,
  ].join("\n");
};

/** The import statements that the code needs, in the order of import sorters. */
const imports = (code: string): readonly string[] => {
  const from = (module: string, wanted: readonly string[]): readonly string[] => {
    const used = wanted.filter((name) => names(code, name));
    return used.length === 0 ? [] : [`from ${module} import ${used.join(", ")}`];
  };
  const plain = (module: string): readonly string[] =>
    names(code, module) ? [`import ${module}`] : [];
  const standard = [
    ...plain("itertools"),
    ...plain("math"),
    ...from("collections.abc", ["Callable"]),
    ...from("dataclasses", ["dataclass"]),
    ...from("typing", ["Any", "ClassVar", "NamedTuple", "Protocol", "cast"]),
  ];
  return [
    "from __future__ import annotations",
    "",
    ...standard,
    ...(standard.length > 0 ? [""] : []),
    ...plain("torch"),
    ...from("torch", ["Tensor", "distributed", "nn", "optim"]),
    ...from("torch.func", ["functional_call"]),
    ...from("torch.nn", ["functional"]),
    ...from("torch.nn.utils", ["parametrize"]),
  ];
};

/** The module's text; the same, byte for byte, for the same program. It imports PyTorch only. */
export const emitTorch = (program: Program): string => {
  const module = new Module(program);
  const { model } = program;
  const formulas = new Formulas({
    definitions: module.definitions,
    hasNumber: (expr) => module.hasNumber(expr),
  });
  const summands = model.players.flatMap((player) => player.summands.map(({ term }) => term));
  const numbers = summands.flatMap((term) => formulas.writtenBelow(term, noLocals));
  const { texts, builders } = new Definitions(module).all(numbers);
  const losses = new Losses(module, formulas);
  const steps = new Steps(module, losses);
  const stepTexts = steps.texts();
  const own = [...texts, ...losses.statements, ...stepTexts, networks(module, steps, builders)];
  const library = libraryFor(own.join("\n"));
  const code = codeOf([...library, ...own].join("\n"));
  const banner = docstring(
    [
      `Made by ganc from ${model.file}. Change the spec and compile it again rather than this file.`,
    ],
    "",
  );
  const head = [banner, "", ...imports(code)].join("\n");
  return format([head, ...library, ...own].join("\n\n\n"), width);
};

/** The field of each network in the module's `Networks`, by the network's name. */
export const networkFields = ({ model }: Program): Readonly<Record<string, string>> => {
  const fields = fieldNames();
  return recordOf(model.networks.map(({ name }) => [name, fields.of(name, name)]));
};
