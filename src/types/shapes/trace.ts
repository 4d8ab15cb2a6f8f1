/**
 * Following shapes through an architecture: from a block and an input to the layers that a network
 * consists of.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { type Axis, along, eachAxis, type Sides } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import { addJoin, type Join } from "../../operators/joins.js";
import { optionsText, reasonOf, type Shape, valuesOf } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { Equalized } from "../../parameters/equalized.js";
import { ScopeNames } from "../../parameters/names.js";
import type { LayerNode } from "../../program/network.js";
import type { Context } from "../values/context.js";
import {
  type DomainType,
  inputsOf,
  type Net,
  sameDomain,
  showDomain,
} from "../values/domain-type.js";
import {
  type Activation,
  type Block,
  type Closure,
  showShape,
  type Value,
} from "../values/value.js";

/** A network of more layers than this is refused: no published one comes near. */
export const layerBudget = 10_000;

/**
 * Architectures that may be followed for each layer of the budget: names and rows around it, and
 * empty ones.
 */
const applications = 20;

/** Where an architecture is written; of a row, where it begins. */
const beginOf = (block: Block): Span => (block.kind === "seq" ? beginOf(block.first) : block.span);

/** Steps of the trace that a message shows at most. */
const shownSteps = 8;

/** The greatest along each axis. */
const greatest = (all: readonly Sides[]): Sides =>
  eachAxis((axis) => Math.max(...all.map((sides) => along(sides, axis))));

/** A layer as a spec writes it: `spectral_norm(conv(3, 64))`. */
const written = ({
  kind,
  options,
  isSpectral,
  equalized,
}: Pick<LayerNode, "kind" | "options" | "isSpectral" | "equalized">): string => {
  const layer = layers.get(kind);
  const text = layer === undefined ? "" : optionsText(layer, options);
  const bare = text === "" ? kind : `${kind}(${text})`;
  const whole = isSpectral === true ? `spectral_norm(${bare})` : bare;
  return equalized === undefined ? whole : `equalized(${whole})`;
};

/** The layers of a network, and the shape of its output. */
export interface Traced {
  readonly nodes: readonly LayerNode[];
  /** Number of the node that gives the output, which may be an input. */
  readonly last: number;
  readonly output: Shape;
  /** Receptive field of one output position, and input pixels from one to the next. */
  readonly field: Sides;
  readonly step: Sides;
}

/** How a trace applies what stands outside of it. */
export interface Around {
  readonly closure: (closure: Closure, values: readonly Value[]) => Value;
  /** A network of the spec; nothing where its own trace found a mistake. */
  readonly network: (net: Net) => Traced | undefined;
}

export class Tracer {
  readonly nodes: LayerNode[] = [];
  private names = new ScopeNames("");
  /** Architectures that were followed, those that hold no layer included. */
  private applied = 0;

  constructor(
    private readonly context: Context,
    /** The shape of each input. */
    private readonly inputs: readonly Shape[],
    private readonly domains: readonly DomainType[],
    private readonly around: Around,
    private readonly budget = layerBudget,
  ) {}

  start(): readonly Activation[] {
    return this.inputs.map((shape, node) => ({
      node,
      shape,
      domain: this.domains[node],
      field: 1,
      step: 1,
    }));
  }

  /** Applies a block to values. Nothing where a mistake was reported. */
  apply(block: Block, values: readonly Activation[]): Activation | undefined {
    if (++this.applied > applications * this.budget) return this.tooMany(block);
    if (block.kind === "seq") {
      const middle = this.apply(block.first, values);
      return middle === undefined ? undefined : this.apply(block.second, [middle]);
    }
    if (block.kind === "named") return this.named(block, values);
    if (block.kind === "lambda") return this.lambda(block, values);
    if (block.kind === "net") return this.network(block, values);
    if (block.kind === "spectral") return this.spectral(block, values);
    if (block.kind === "equalized") return this.equalised(block, values);
    const [x, ...others] = values;
    const takes = block.kind === "layer" ? valuesOf(block.layer) : 1;
    if (x === undefined || values.length !== takes) return this.otherCount(block, values);
    return block.kind === "layer" ? this.layer(block, x, others) : this.applyToOne(block, x);
  }

  /**
   * Reports an architecture that is followed without end: what holds no layer would never fill the
   * network.
   */
  private tooMany(block: Block): undefined {
    this.context.report("GAN409", beginOf(block), "this is put in a row with itself without end", {
      notes: [`It holds more than ${applications * this.budget} parts, most of them empty.`],
    });
  }

  /** Reports values before a block that takes more or fewer. */
  private otherCount(
    block: Extract<Block, { kind: "layer" | "repeat" | "residual" }>,
    values: readonly Activation[],
  ): undefined {
    const { span } = block;
    const shapes = values.map(({ shape }) => showShape(shape)).join(" and ");
    const beside = block.kind === "layer" ? (block.layer.beside ?? []) : [];
    const named = ["x", ...beside].join(", ");
    const takes = beside.length === 0 ? "one value" : `${1 + beside.length} values, (${named})`;
    this.context.report(
      "GAN303",
      span,
      `\`${this.context.quote(span)}\` takes ${takes}, and here ${values.length === 1 ? "is one" : `are ${values.length}`}: ${shapes}`,
      {
        notes: [
          beside.length === 0
            ? "Join them along the channels first: `(x, y) => f(concat(x, y))`."
            : `Apply it to them: \`(${named}) => f(${named})\`.`,
        ],
      },
    );
    return undefined;
  }

  private applyToOne(
    block: Extract<Block, { kind: "repeat" | "residual" }>,
    x: Activation,
  ): Activation | undefined {
    switch (block.kind) {
      case "repeat": {
        let value: Activation | undefined = x;
        for (let i = 0; i < block.times && value !== undefined; i++) {
          const before = this.nodes.length;
          value = this.apply(block.block, [value]);
          // Nothing repeated is nothing, however often.
          if (this.nodes.length === before) break;
        }
        return value;
      }
      case "residual":
        return this.residual(block.branch, x, block.span);
    }
  }

  private named(
    { name, block, span }: Extract<Block, { kind: "named" }>,
    values: readonly Activation[],
  ): Activation | undefined {
    return this.context.within({ span }, () => this.scoped(name, () => this.apply(block, values)));
  }

  private lambda(
    { closure }: Extract<Block, { kind: "lambda" }>,
    values: readonly Activation[],
  ): Activation | undefined {
    const { formals } = closure;
    if (formals.length !== values.length) {
      const takes = formals.length === 1 ? "one value" : `${formals.length} values`;
      const shapes = values.map(({ shape }) => showShape(shape)).join(" and ");
      this.context.report(
        "GAN303",
        closure.span,
        `this function takes ${takes}, and here ${values.length === 1 ? "is one" : `are ${values.length}`}: ${shapes}`,
        { notes: ["A network of several inputs is declared so: `net D : (X, Y) -> Scores`."] },
      );
      return undefined;
    }
    const value = this.around.closure(
      closure,
      values.map((activation) => ({ kind: "activation", activation })),
    );
    if (value.kind === "activation") return value.activation;
    if (value.kind !== "unknown") {
      this.context.report(
        "GAN305",
        closure.body.span,
        "this lambda stands in a network, but does not give a value of it",
      );
    }
    return undefined;
  }

  /** The layers of a network inside of this one, which keep its parameters. */
  private network(
    { net, span }: Extract<Block, { kind: "net" }>,
    values: readonly Activation[],
  ): Activation | undefined {
    const wanted = inputsOf(net.from);
    const labels = [{ span: net.span, text: `\`${net.name}\` is declared here` }];
    const inner = this.around.network(net);
    if (inner === undefined) return undefined;
    if (values.length !== wanted.length) {
      this.context.report(
        "GAN303",
        span,
        `\`${net.name}\` takes ${showDomain(net.from)}, and here ${values.length === 1 ? "is one value" : `are ${values.length} values`}`,
        { labels },
      );
      return undefined;
    }
    for (const [i, domain] of wanted.entries()) {
      const value = values[i];
      if (value === undefined || !this.fits(value, domain, net, span)) return undefined;
    }
    const scope = this.names.next(net.name);
    const before = greatest(values.map(({ field }) => field));
    const step = greatest(values.map((value) => value.step));
    const within = (field: Sides): Sides =>
      eachAxis((axis) => along(before, axis) + (along(field, axis) - 1) * along(step, axis));
    const inputs = values.map(({ node }) => node);
    const ids = [...inputs];
    const here = (id: number): number => ids[id] ?? impossible("a layer reads a later one");
    for (const node of inner.nodes) {
      const id = this.add(
        {
          ...node,
          inputs: node.inputs.map(here),
          field: within(node.field),
          owner:
            node.owner === undefined
              ? { network: net.name, path: node.path, inputs }
              : { ...node.owner, inputs: node.owner.inputs.map(here) },
          within: { network: net.name, path: node.path, inputs },
        },
        `${scope}.${node.path}`,
      );
      if (id === undefined) return undefined;
      ids.push(id);
    }
    return {
      node: ids[inner.last] ?? impossible(`${net.name} gives nothing`),
      shape: inner.output,
      domain: net.to,
      field: within(inner.field),
      step: eachAxis((axis) => along(inner.step, axis) * along(step, axis)),
    };
  }

  /** Whether a value can be what a network inside of this one takes. */
  private fits(value: Activation, wanted: DomainType, net: Net, span: Span): boolean {
    const labels = [{ span: net.span, text: `\`${net.name}\` is declared here` }];
    const { domain, shape } = value;
    if (domain?.kind === "domain" && !sameDomain(domain, wanted)) {
      this.context.report(
        "GAN301",
        span,
        `\`${net.name}\` takes ${showDomain(wanted)}, and here is a value of ${showDomain(domain)}`,
        { labels },
      );
      return false;
    }
    if (wanted.kind !== "domain" || showShape(wanted.shape) === showShape(shape)) return true;
    this.context.report(
      "GAN303",
      span,
      `\`${net.name}\` takes ${wanted.name}, which is ${showShape(wanted.shape)}, and here is a value of ${showShape(shape)}`,
      { labels, notes: this.notes(0) },
    );
    return false;
  }

  scoped<A>(name: string, body: () => A): A {
    const outer = this.names;
    this.names = outer.within(name);
    try {
      return body();
    } finally {
      this.names = outer;
    }
  }

  private push(node: Omit<LayerNode, "id" | "path">, step: Sides): Activation | undefined {
    const isSpectral = this.isSpectral && node.parameters.some(({ name }) => name === "weight");
    const scaled = node.parameters.length > 0 ? { equalized: this.equalizing } : {};
    const whole = isSpectral ? { ...node, isSpectral } : { ...node, ...scaled };
    const id = this.add(whole, this.names.next(node.kind));
    return id === undefined ? undefined : { node: id, shape: node.shape, field: node.field, step };
  }

  /** The number of the new layer, or nothing where there are too many. */
  private add(node: Omit<LayerNode, "id" | "path">, path: string): number | undefined {
    if (this.nodes.length >= this.budget) {
      this.context.report(
        "GAN409",
        node.span,
        `the network grows beyond ${this.budget} layers here`,
      );
      return undefined;
    }
    const id = this.inputs.length + this.nodes.length;
    // Written out: this is where the check of all sizes spends its time.
    const { kind, options, inputs, shape, parameters, owner, within, isSpectral } = node;
    const { equalized, field, span } = node;
    this.nodes.push({
      id,
      path,
      kind,
      options,
      inputs,
      shape,
      parameters,
      owner,
      within,
      isSpectral,
      equalized,
      field,
      span,
    });
    return id;
  }

  private layer(
    { layer, options, span, places }: Extract<Block, { kind: "layer" }>,
    x: Activation,
    others: readonly Activation[],
  ): Activation | undefined {
    const beside = others.map((other) => other.shape);
    const shape = layer.shape(x.shape, options, beside);
    if (isLeft(shape)) {
      const { left: misfit } = shape;
      const [at, hints] =
        typeof misfit === "string" ? [span, []] : [places?.get(misfit.option), [misfit.hint]];
      this.context.report(
        "GAN303",
        at ?? span,
        `\`${written({ kind: layer.name, options })}\` does not fit its input of ${[x.shape, ...beside].map(showShape).join(" and ")}: ${reasonOf(misfit)}`,
        { notes: [...hints, ...this.notes(0)] },
      );
      return undefined;
    }
    const seen = (axis: Axis): number =>
      along(x.field, axis) + (layer.window(options, axis).kernel - 1) * along(x.step, axis);
    return this.push(
      {
        kind: layer.name,
        options,
        inputs: [x.node, ...others.map(({ node }) => node)],
        shape: shape.right,
        parameters: layer.parameters(x.shape, options, beside),
        field:
          layer.seesAll === true
            ? greatest([x, ...others].map((value) => this.whole(value)))
            : greatest([eachAxis(seen), ...others.map(({ field }) => field)]),
        span,
      },
      eachAxis((axis) => {
        const { stride, upsampling } = layer.window(options, axis);
        return (along(x.step, axis) * stride) / upsampling;
      }),
    );
  }

  /** The field of what sees all of a value, at most the network's whole input. */
  private whole({ shape, field, step }: Activation): Sides {
    const side = Math.max(shape[0], shape[1]);
    const most = Math.max(...this.inputs.map(([height, width]) => Math.max(height, width)));
    return eachAxis((axis) => Math.min(most, along(field, axis) + (side - 1) * along(step, axis)));
  }

  /** Whether what is added now has its weights divided by their largest singular value. */
  private isSpectral = false;

  private spectral(
    { block, span }: Extract<Block, { kind: "spectral" }>,
    values: readonly Activation[],
  ): Activation | undefined {
    if (this.equalizing !== undefined) return this.bothScaled(span);
    const [before, outer] = [this.nodes.length, this.isSpectral];
    this.isSpectral = true;
    const value = this.apply(block, values);
    this.isSpectral = outer;
    const isIdle = this.nodes.slice(before).every((node) => node.isSpectral !== true);
    if (value === undefined || !isIdle) return value;
    this.context.report(
      "GAN305",
      span,
      "`spectral_norm` divides the weights of layers, and none of these layers has any",
    );
    return undefined;
  }

  /** How the parameters of what is added now are scaled, where they are. */
  private equalizing: Equalized | undefined;

  private equalised(
    { block, by, span }: Extract<Block, { kind: "equalized" }>,
    values: readonly Activation[],
  ): Activation | undefined {
    if (this.isSpectral) return this.bothScaled(span);
    const [before, outer] = [this.nodes.length, this.equalizing];
    this.equalizing = by;
    const value = this.apply(block, values);
    this.equalizing = outer;
    const isIdle = this.nodes.slice(before).every(({ equalized }) => equalized === undefined);
    if (value === undefined || !isIdle) return value;
    this.context.report(
      "GAN305",
      span,
      "`equalized` scales the weights of layers, and none of these layers has any",
    );
    return undefined;
  }

  /** Reports one of `spectral_norm` and `equalized` within the other. */
  private bothScaled(span: Span): undefined {
    this.context.report(
      "GAN305",
      span,
      "`spectral_norm` takes away what `equalized` multiplies weights by, so that one cannot stand in the other",
    );
    return undefined;
  }

  private residual(branch: Block, x: Activation, span: Span): Activation | undefined {
    const before = this.nodes.length;
    const y = this.apply(branch, [x]);
    if (y === undefined) return undefined;
    if (showShape(x.shape) === showShape(y.shape)) return this.join(addJoin, [x, y], x.shape, span);
    this.context.report(
      "GAN302",
      span,
      `the branch of this residual turns ${showShape(x.shape)} into ${showShape(y.shape)}, so it cannot be added to its input`,
      {
        notes: [
          ...this.notes(before),
          "A 3 x 3 convolution keeps the size after `reflect_pad(1)`, or with `pad: 1`.",
        ],
      },
    );
    return undefined;
  }

  /** A layer that joins values which stand at the same place of the network. */
  join(
    { name }: Join,
    inputs: readonly Activation[],
    shape: Shape,
    span: Span,
  ): Activation | undefined {
    return this.push(
      {
        kind: name,
        options: {},
        inputs: inputs.map((input) => input.node),
        shape,
        parameters: [],
        field: greatest(inputs.map((input) => input.field)),
        span,
      },
      greatest(inputs.map((input) => input.step)),
    );
  }

  /** The shapes on the way, behind the first `from` layers, as a note. */
  notes(from: number): readonly string[] {
    const before = this.nodes[from - 1]?.shape;
    const start = before === undefined ? this.inputs : [before];
    const steps = this.nodes
      .slice(from)
      .map((node) => `${written(node)} → ${showShape(node.shape)}`);
    if (steps.length === 0) return [];
    const hidden = steps.length > shownSteps ? ["…"] : [];
    return [
      `The shapes on the way: ${[start.map(showShape).join(" and "), ...hidden, ...steps.slice(-shownSteps)].join(", ")}.`,
    ];
  }
}
