/**
 * Random architectures over all entries of the table of layers: as text of a spec, and with their
 * shapes by a reckoning of its own, which knows nothing of the checker's rules.
 */
import { layers } from "../../src/operators/layers.js";
import type { Option } from "../../src/operators/signature.js";
import { layerCall, layerCases, rectangular, type Shape } from "../support/layers.js";

export type { Shape } from "../support/layers.js";

export interface Random {
  readonly text: string;
  /** Of what it gives; nothing where it does not fit. */
  readonly shape: (input: Shape) => Shape | undefined;
}

/** A whole number from 0 to `count` - 1. */
export type Below = (count: number) => number;

const most: Readonly<Record<string, number>> = {
  pad: 3,
  output_pad: 2,
  factor: 2,
  stride: 3,
  dilation: 3,
};

const optionValue = (option: Option, below: Below): number => {
  const { name, type, least = 0 } = option;
  // Most counts of channels and filters divide into few groups only.
  if (name === "groups") return [1, 1, 1, 2, 4][below(5)] ?? 1;
  // Most counts of channels are no multiples of most others.
  if (name === "heads") return 1 + below(2);
  if (name === "top" || name === "left" || name === "first") return below(2);
  if (type === "Int") return least + below((most[name] ?? 5) - least + 1);
  if (name === "epsilon") return 1e-3;
  return type === "Real" ? 0.1 + below(4) / 10 : below(2);
};

const layer = (below: Below, without: ReadonlySet<string>): Random => {
  const all = [...layers.values()].filter(({ name }) => !without.has(name));
  const { name, options, beside = [] } = all[below(all.length)] ?? impossible();
  const given = rectangular(
    Object.fromEntries(
      options.map((option) => {
        const value = optionValue(option, below);
        const isRectangular = option.perAxis === true && below(4) === 0;
        return [
          option.name,
          isRectangular ? ([value, optionValue(option, below)] as const) : value,
        ];
      }),
    ),
  );
  // A window of pooling goes by its own size unless said otherwise: here it is always said.
  const call = layerCall(name, given);
  const values = beside.map(() => "global_avg_pool(u)");
  return {
    text: beside.length === 0 ? call : `(u => ${call}(${["u", ...values].join(", ")}))`,
    shape: (input) => (layerCases[name] ?? impossible()).shape(input, given),
  };
};

const impossible = (): never => {
  throw new Error("a layer without a case: see test/operators/layers.test.ts");
};

const equal = (a: Shape | undefined, b: Shape): boolean => a?.join() === b.join();

const none: ReadonlySet<string> = new Set();

/** An architecture that spends at most `budget` layers, none of them of those names. */
export const architecture = (below: Below, budget: number, without = none): Random => {
  if (budget <= 1) return layer(below, without);
  const part = (share: number): Random =>
    architecture(below, Math.max(1, Math.floor(share)), without);
  switch (below(7)) {
    case 0: {
      const branch = part(budget / 2);
      return {
        text: `residual(${branch.text})`,
        shape: (input) => (equal(branch.shape(input), input) ? input : undefined),
      };
    }
    case 1: {
      const [block, times] = [part(budget / 2), below(3)];
      return {
        text: `(${block.text}) * ${times}`,
        shape: (input) => {
          let at: Shape | undefined = input;
          for (let i = 0; i < times && at !== undefined; i++) at = block.shape(at);
          return at;
        },
      };
    }
    case 2: {
      const [a, b] = [part(budget / 2), part(budget / 2)];
      return {
        text: `(v => concat((${a.text})(v), (${b.text})(v)))`,
        shape: (input) => {
          const [x, y] = [a.shape(input), b.shape(input)];
          if (x === undefined || y === undefined) return undefined;
          // One pixel is repeated over the others'.
          const [h, w] = x[0] * x[1] === 1 ? y : x;
          const fits = [x, y].every((s) => s[0] * s[1] === 1 || (s[0] === h && s[1] === w));
          return fits ? [h, w, x[2] + y[2]] : undefined;
        },
      };
    }
    default: {
      const first = part(budget / 2);
      const second = part(budget / 2);
      return {
        text: `${first.text} >> ${second.text}`,
        shape: (input) => {
          const middle = first.shape(input);
          return middle === undefined ? undefined : second.shape(middle);
        },
      };
    }
  }
};
