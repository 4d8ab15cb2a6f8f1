/**
 * A network as a class, layer by layer, as the check of its shapes found it: for architectures that
 * are no rows of blocks.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { joins } from "../../operators/joins.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode, Network } from "../../program/network.js";
import type { Identifiers } from "../written/identifiers.js";
import { inputOf, layerCall, valuesOf } from "./layer-calls.js";
import { atom, binary, call, docstring, number, type Py } from "./python.js";

/** The line that gives a value: of a layer, or of an inner network whose last layer it is. */
interface Line {
  readonly inputs: readonly number[];
  /** The attribute that holds the layer or the network; absent of joins, which hold nothing. */
  readonly attribute?: string;
  /** What makes the layer; absent of an inner network, which is given. */
  readonly made?: Py;
  readonly node: LayerNode;
}

/** `c7s1.conv` as `c7s1_conv`. */
const plain = (path: string): string => path.replaceAll(".", "_");

const isAlike = (shapes: readonly Shape[]): boolean =>
  new Set(shapes.map(([height, width]) => `${height} ${width}`)).size === 1;

/** The layer with its weights scaled, where it asks for that. */
const equalizedOf = ({ equalized }: LayerNode, made: Py): Py => {
  if (equalized === undefined) return made;
  const scales = Object.entries(equalized).flatMap(([name, value]) =>
    value === 1 ? [] : [`${name}=${number(value).text}`],
  );
  return call("equalized", [made, ...scales]);
};

/** @param isPlain whether the values have one height and width */
const joined = ({ kind }: LayerNode, values: readonly Py[], isPlain: boolean): Py => {
  const { symbol } = joins.get(kind) ?? impossible(`${kind} joins nothing`);
  const listed = values.map(({ text }) => text).join(", ");
  if (symbol === undefined)
    return atom(isPlain ? `torch.cat([${listed}], dim=1)` : `join(${listed})`);
  const [first, ...rest] = values;
  return rest.reduce<Py>((sum, value) => binary(symbol, sum, value), first ?? atom("0"));
};

export class Layerwise {
  private readonly lines = new Map<number, Line>();
  private readonly names: Identifiers;
  /** The attribute of each network inside of this one. */
  readonly inner = new Map<string, string>();

  constructor(
    private readonly network: Network,
    names: Identifiers,
  ) {
    this.names = names.inner();
    const needed = [network.last];
    for (let id = needed.pop(); id !== undefined; id = needed.pop()) {
      if (id < network.inputs.length || this.lines.has(id)) continue;
      const line = this.lineOf(id);
      this.lines.set(id, line);
      needed.push(...line.inputs);
    }
  }

  private shapeOf(id: number): Shape {
    const { inputs, layers: nodes } = this.network;
    return inputs[id] ?? nodes[id - inputs.length]?.shape ?? impossible(`nothing gives ${id}`);
  }

  private lineOf(id: number): Line {
    const { inputs, layers: nodes, name } = this.network;
    const node = nodes[id - inputs.length] ?? impossible(`${name} has no layer ${id}`);
    const { within } = node;
    if (within !== undefined) {
      const attribute = this.inner.get(within.network) ?? this.names.fresh(within.network);
      this.inner.set(within.network, attribute);
      return { inputs: within.inputs, attribute, node };
    }
    const layer = layers.get(node.kind);
    if (layer === undefined) return { inputs: node.inputs, node };
    const [first = 0, ...others] = node.inputs;
    const input = inputOf(
      this.shapeOf(first),
      others.map((id) => this.shapeOf(id)),
    );
    const made = layerCall(layer, input, valuesOf(layer, node.options));
    if (isLeft(made)) return impossible(`${node.path}: ${made.left}`);
    const whole = node.isSpectral === true ? call("spectral_norm", [made.right]) : made.right;
    const { inputs: read, path } = node;
    return { inputs: read, attribute: plain(path), made: equalizedOf(node, whole), node };
  }

  private get inOrder(): readonly (readonly [number, Line])[] {
    return [...this.lines].sort(([a], [b]) => a - b);
  }

  /** The statements of `__init__` that make the layers. */
  private init(): readonly string[] {
    const given = [...this.inner.values()];
    const params = given.map((name) => `, ${name}: nn.Module`).join("");
    return [
      `    def __init__(self${params}) -> None:`,
      "        super().__init__()",
      ...(given.length === 0
        ? []
        : [
            "        # In a tuple, which does not count their parameters among this network's own.",
            `        self.inner = (${given.join(", ")},)`,
          ]),
      ...this.inOrder.flatMap(([, { made, attribute }]) =>
        made === undefined ? [] : [`        self.${attribute} = ${made.text}`],
      ),
    ];
  }

  private forward(): readonly string[] {
    const { inputs, last } = this.network;
    const names = this.names.inner();
    const known = new Map<number, string>();
    for (const i of inputs.keys()) known.set(i, names.fresh(i === 0 ? "x" : `x_${i + 1}`));
    const params = inputs.map((_, i) => `, ${known.get(i)}: Tensor`).join("");
    const given = [...this.inner.values()];
    const variable = (id: number): Py =>
      atom(known.get(id) ?? impossible(`${this.network.name} reads layer ${id} too early`));
    const statements = this.inOrder.map(([id, { inputs: read, attribute, made, node }], i) => {
      const values = read.map(variable);
      const name = names.fresh(`y_${i + 1}`);
      known.set(id, name);
      const callee = made === undefined ? attribute : `self.${attribute}`;
      const value =
        attribute === undefined
          ? joined(node, values, isAlike(read.map((one) => this.shapeOf(one))))
          : call(callee ?? "", values);
      return `        ${name}${attribute === undefined ? "" : ": Tensor"} = ${value.text}`;
    });
    return [
      `    def forward(self${params}) -> Tensor:`,
      ...(given.length === 0
        ? []
        : [`        ${given.join(", ")}${given.length === 1 ? "," : ""} = self.inner`]),
      ...statements,
      `        return ${variable(last).text}`,
    ];
  }

  /** The class. */
  text(id: string, doc: readonly string[]): string {
    return [
      `class ${id}(nn.Module):`,
      docstring(doc),
      "",
      ...this.init(),
      "",
      ...this.forward(),
    ].join("\n");
  }
}
