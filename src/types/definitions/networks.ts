/** Networks as they are declared: their types, their layers and what is measured of them. */
import { cover } from "../../base/source.js";
import type { Definition } from "../../names/scope.js";
import type { Shape } from "../../operators/layer.js";
import { parameterName } from "../../program/network.js";
import type { SpecEvaluator } from "../evaluate/spec-evaluator.js";
import type { CheckedNet, NetDeclaration } from "../shapes/checked-net.js";
import type { Context } from "../values/context.js";
import { inputsOf, type Net, showDomain } from "../values/domain-type.js";
import type { NamedDomain } from "../values/domains.js";
import { intValue, showShape, unknown, type Value } from "../values/value.js";

/** The network that a declaration names; its layers are known where it has no mistake. */
export const declaredNet = (
  evaluator: SpecEvaluator,
  declaration: NetDeclaration,
  misfits: Set<Definition>,
): { readonly value: Value; readonly checked?: CheckedNet } => {
  const { context } = evaluator;
  const refuse = (...report: Parameters<Context["report"]>) => ({
    value: context.report(...report),
  });
  const { type } = declaration;
  if (type.kind !== "arrow") {
    return refuse(
      "GAN309",
      type.span,
      "a network goes from one domain to another: `net G : X -> Y`",
    );
  }
  const from = evaluator.domainOf(type.from, new Map());
  const to = evaluator.domainOf(type.to, new Map());
  if (from === undefined || to === undefined) return { value: unknown };
  const inputs = inputsOf(from).flatMap((item) => (item.kind === "domain" ? [item.shape] : []));
  if (inputs.length === 0 || inputs.length < inputsOf(from).length) {
    return refuse(
      "GAN309",
      type.from.span,
      `a network begins at a domain, or at several, not at ${showDomain(from)}`,
    );
  }
  if (to.kind === "product") {
    return refuse("GAN309", type.to.span, `a network gives one value, not ${to.items.length}`, {
      notes: ["Declare a network for each; they may share what stands before."],
    });
  }
  const span = declaration.name.span;
  const { isFrozen } = declaration;
  const net: Net = { name: declaration.name.text, from, to, isFrozen, formal: false, span };
  const checked = traced(evaluator, declaration, net, inputs, misfits);
  return checked === undefined
    ? { value: { kind: "net", net } }
    : { value: { kind: "net", net: checked.net }, checked };
};

/** The layers of a network; nothing where a mistake was reported. */
const traced = (
  evaluator: SpecEvaluator,
  declaration: NetDeclaration,
  net: Net,
  inputs: readonly Shape[],
  misfits: Set<Definition>,
): CheckedNet | undefined => {
  const { context } = evaluator;
  const block = evaluator.blockOf(declaration.value);
  if (block === undefined) return undefined;
  const head = cover(declaration.name.span, declaration.type.span);
  const result = context.within({ span: head, text: `in the network \`${net.name}\`` }, () =>
    evaluator.trace(block, inputs, inputsOf(net.from)),
  );
  if (result === undefined) return undefined;
  const { tracer, output } = result;
  if (net.to.kind === "domain" && showShape(net.to.shape) !== showShape(output.shape)) {
    // Two networks of one architecture have one mistake.
    const body = context.resolved.uses.get(declaration.value);
    if (body === undefined || !misfits.has(body))
      reportMisfit(context, declaration, net, net.to, output.shape, tracer.notes(0));
    if (body !== undefined) misfits.add(body);
    return undefined;
  }
  const inner = new Set(tracer.nodes.flatMap(({ owner }) => owner?.network ?? []));
  return {
    net: {
      ...net,
      output: output.shape,
      inner: [...inner],
      learns: tracer.nodes.some((node) => node.owner === undefined && node.parameters.length > 0),
    },
    declaration,
    block,
    inputs,
    output: output.shape,
    nodes: tracer.nodes,
    last: output.node,
    field: output.field,
    step: output.step,
  };
};

/** Reports a network whose layers do not give what its domain holds. */
const reportMisfit = (
  context: Context,
  { value }: NetDeclaration,
  { name }: Net,
  to: NamedDomain,
  shape: Shape,
  notes: readonly string[],
): void => {
  context.report(
    "GAN304",
    value.span,
    `\`${name}\` gives ${showShape(shape)}, and ${to.name} is ${showShape(to.shape)}`,
    { labels: [{ span: to.span, text: `${to.name} is declared here` }], notes },
  );
};

/** The value of `params`, `receptive_field` or `shape` of a network. */
export const measured = (form: string, checked: CheckedNet): Value => {
  if (form === "receptive_field")
    return typeof checked.field === "number"
      ? intValue(checked.field)
      : { kind: "tuple", items: checked.field.map((n) => intValue(n)) };
  if (form === "shape") return { kind: "tuple", items: checked.output.map((n) => intValue(n)) };
  // Those of a network inside count once, however often it stands there.
  const sizes = new Map(
    checked.nodes.flatMap((node) =>
      node.parameters.map(({ name, shape }) => [
        parameterName(checked.net.name, node, name),
        shape.reduce((a, b) => a * b, 1),
      ]),
    ),
  );
  return intValue([...sizes.values()].reduce((a, b) => a + b, 0));
};
