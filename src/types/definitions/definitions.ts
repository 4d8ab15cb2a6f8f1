/** The values of a spec's definitions, each evaluated when it is first asked for. */
import type { Span } from "../../base/source.js";
import type { Declared } from "../../names/parts.js";
import type { Resolved } from "../../names/resolved.js";
import type { Definition } from "../../names/scope.js";
import { Uses } from "../../names/uses.js";
import { topScope } from "../evaluate/evaluator.js";
import { SpecEvaluator } from "../evaluate/spec-evaluator.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { Context } from "../values/context.js";
import type { Net } from "../values/domain-type.js";
import type { Share } from "../values/moving.js";
import { unknown, type Value } from "../values/value.js";
import { domainOf, objectiveOf } from "./declared.js";
import { declaredNet, measured } from "./networks.js";
import { paramValue, type Settings } from "./params.js";
import { shareOf } from "./scheduled.js";

type Kind = Declared["declaration"]["kind"];

/** Values that a what-if question takes from the spec that it is about. */
interface Known {
  readonly value: (definition: Declared) => Value | undefined;
  readonly network: (name: string) => CheckedNet | undefined;
  readonly uses: Uses;
}

export class Definitions {
  readonly context: Context;
  readonly uses: Uses;
  readonly evaluator: SpecEvaluator;
  /** Networks without mistakes, by name. */
  readonly traced = new Map<string, CheckedNet>();
  private readonly values = new Map<Declared, Value>();
  private readonly byKind = new Map<Kind, readonly Declared[]>();
  private readonly visible: ReadonlySet<Definition>;
  /** Of params that were asked for, the shares that they go through. */
  private readonly shares = new Map<Declared, Share | undefined>();
  private settledNets: readonly Net[] | undefined;
  /** Those that are being evaluated, outermost first. */
  private readonly open: Declared[] = [];
  /** Architectures that were found not to give what a domain holds. */
  private readonly misfits = new Set<Definition>();

  /**
   * @param settings values of params from outside
   * @param layers that a network may have
   */
  constructor(
    readonly resolved: Resolved,
    readonly settings: Settings,
    private readonly textOf: (file: string) => string,
    private readonly known?: Known,
    layers?: number,
  ) {
    this.context = new Context(resolved, textOf);
    this.uses = known?.uses ?? new Uses(resolved);
    this.visible = visibleIn(resolved);
    const globals = {
      valueOf: (definition: Declared, use: Span) => this.valueOf(definition, use),
      networks: () => this.networks(),
      shareOf: (definition: Declared) => this.shareOf(definition),
      traced: (net: Net) => this.tracedNet(net.name),
      measure: (form: string, net: Net) => {
        const checked = this.tracedNet(net.name);
        return checked === undefined ? unknown : measured(form, checked);
      },
    };
    this.evaluator = new SpecEvaluator(this.context, globals, layers);
  }

  /**
   * The spec where definitions have other values. What needs them is evaluated anew, all else is
   * taken from here. What is wrong there is reported there.
   */
  assuming(values: ReadonlyMap<Definition, Value>): Definitions {
    const changed = [...values.keys()];
    return this.over(
      this.settings,
      (definition) => values.get(definition) ?? this.unchanged(definition, changed),
      (name) => this.traced.get(name),
    );
  }

  /**
   * The spec with other settings of params. What needs them is evaluated anew, all else is taken
   * from here.
   *
   * @param networks that are evaluated anew
   * @param layers that a network may have
   */
  withSettings(
    settings: ReadonlyMap<Declared, string>,
    networks: ReadonlySet<string>,
    layers: number,
  ): Definitions {
    const changed = [...settings.keys()];
    const named = [...settings].map(([{ name }, text]) => [name, text] as const);
    return this.over(
      new Map([...this.settings, ...named]),
      (definition) =>
        changed.includes(definition) ? undefined : this.unchanged(definition, changed),
      (name) => (networks.has(name) ? undefined : this.traced.get(name)),
      layers,
    );
  }

  private over(
    settings: Settings,
    value: Known["value"],
    network: Known["network"],
    layers?: number,
  ): Definitions {
    const known = { value, network, uses: this.uses };
    return new Definitions(this.resolved, settings, this.textOf, known, layers);
  }

  private unchanged(definition: Declared, changed: readonly Definition[]): Value | undefined {
    const behind = this.uses.behind(definition);
    return changed.some((other) => behind.has(other)) ? undefined : this.valueIfKnown(definition);
  }

  private valueIfKnown(definition: Declared): Value | undefined {
    return this.values.get(definition) ?? this.known?.value(definition);
  }

  /** Definitions that have been evaluated. */
  evaluated(): readonly (readonly [Declared, Value])[] {
    return [...this.values];
  }

  declared(kind: Kind): readonly Declared[] {
    const known = this.byKind.get(kind);
    if (known !== undefined) return known;
    const found = this.resolved.definitions.flatMap((definition) =>
      definition.kind === "declared" && definition.declaration.kind === kind ? [definition] : [],
    );
    this.byKind.set(kind, found);
    return found;
  }

  private tracedNet(name: string): CheckedNet | undefined {
    return this.traced.get(name) ?? this.known?.network(name);
  }

  private networks(): readonly Net[] {
    if (this.settledNets !== undefined) return this.settledNets;
    const nets = this.declared("net").flatMap((definition) => {
      const value = this.valueOf(definition, definition.span);
      return value.kind === "net" ? [value.net] : [];
    });
    // While a definition is being evaluated, one that needs it is not yet what it will be.
    if (this.open.length === 0) this.settledNets = nets;
    return nets;
  }

  /** @param use where to report that the definition needs itself */
  valueOf(definition: Declared, use: Span = definition.span): Value {
    const known = this.valueIfKnown(definition);
    if (known !== undefined) return known;
    if (this.open.includes(definition)) return this.refuseCircle(definition, use);
    this.open.push(definition);
    const value = this.compute(definition);
    this.open.pop();
    this.values.set(definition, value);
    return value;
  }

  /** The shares that a param goes through; nothing where it follows no schedule. */
  private shareOf(param: Declared): Share | undefined {
    if (!this.shares.has(param)) {
      // A schedule may be written of its own param, which it takes as it is.
      this.shares.set(param, undefined);
      this.shares.set(param, shareOf(this.evaluator, param, this.valueOf(param)));
    }
    return this.shares.get(param);
  }

  private refuseCircle(definition: Declared, use: Span): Value {
    const circle = [...this.open.slice(this.open.indexOf(definition)), definition];
    return this.context.report(
      "GAN203",
      use,
      `\`${definition.name}\` needs itself: ${circle.map(({ name }) => name).join(" → ")}`,
      {
        notes: ["The language has no recursion. To repeat an architecture, write `block * times`."],
      },
    );
  }

  /** Whether the entry file declares or imports it. */
  isVisible(definition: Definition): boolean {
    return this.visible.has(definition);
  }

  private compute(definition: Declared): Value {
    const { declaration } = definition;
    switch (declaration.kind) {
      case "param": {
        // A setting names what the spec sees; a param that an imported block brings along stays at
        // its default.
        const settings = this.isVisible(definition) ? this.settings : new Map<string, string>();
        return paramValue(this.context, this.evaluator, declaration, settings);
      }
      case "domain":
        return domainOf(this.evaluator, declaration);
      case "let":
        return this.evaluator.binding(declaration.binding, topScope);
      case "net": {
        const { value, checked } = declaredNet(this.evaluator, declaration, this.misfits);
        if (checked !== undefined) this.traced.set(checked.net.name, checked);
        return value;
      }
      case "loss":
        return { kind: "loss", declaration };
      case "objective":
        return objectiveOf(this.evaluator, declaration);
    }
  }
}

const visible = new WeakMap<Resolved, ReadonlySet<Definition>>();

const visibleIn = (resolved: Resolved): ReadonlySet<Definition> => {
  const known = visible.get(resolved) ?? new Set(resolved.definitions);
  visible.set(resolved, known);
  return known;
};
