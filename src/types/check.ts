/** Checking a whole program: from resolved names to networks, players and a recipe with every size known. */
import { cover, type Span } from "../base/source.js";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import type { Definition, Resolved } from "../names/resolve.js";
import { Uses } from "../names/uses.js";
import type { Shape } from "../operators/layer.js";
import { parameterName } from "../program/network.js";
import type * as ast from "../syntax/ast.js";
import { asRecipe } from "./evaluate/composition.js";
import { Evaluator } from "./evaluate/evaluate.js";
import { aimsOf } from "./game/aims.js";
import { checkGame, playingNetworks } from "./game/game.js";
import { sightsOf } from "./game/judges.js";
import {
  lints as allLints,
  type Facts,
  type Lint,
  runLints,
  runLintsOfSound,
} from "./lints/index.js";
import { nodeRanges, outputRanges } from "./ranges/network-ranges.js";
import { TermRanges } from "./ranges/term-ranges.js";
import {
  checkSettings,
  checkWhere,
  paramType,
  paramValue,
  type Settings,
} from "./recipe/params.js";

import { checkRecipe } from "./recipe/recipe.js";
import { type Inherited, SizeTrials, type Spec } from "./sizes/size-trials.js";
import type {
  Checked,
  CheckedNet,
  CheckedParam,
  Declared,
  NetDeclaration,
} from "./values/checked.js";
import { Context } from "./values/context.js";
import { domainOfStage, domainsIn, type NamedDomain } from "./values/domains.js";
import type { Phase } from "./values/player.js";
import { drawnDomains, drawsIn } from "./values/term.js";
import {
  describeValue,
  domainName,
  inputsOf,
  intValue,
  type Net,
  showDomain,
  showShape,
  unknown,
  type Value,
} from "./values/value.js";

/** Domains that players draw from without that they are declared, each once. */
const drawnWithoutName = (
  phases: readonly Phase[],
  declared: readonly NamedDomain[],
): readonly NamedDomain[] => {
  const known = new Set(declared.map(({ name }) => name));
  const drawn = phases.flatMap(({ players }) =>
    players.flatMap(({ objective }) => domainsIn(objective)),
  );
  return [...new Map(drawn.map((domain) => [domain.name, domain])).values()].filter(
    ({ name }) => !known.has(name),
  );
};

/** The domains whose images come from folders: those that a player draws, or all where the game is in error. */
const withImages = (
  domains: readonly NamedDomain[],
  phases: readonly Phase[] | undefined,
): readonly NamedDomain[] => {
  const players = phases?.flatMap((phase) => phase.players);
  const drawn = new Set(players?.flatMap(({ objective }) => drawnDomains(objective)));
  return domains.filter(
    ({ name, sampler }) => sampler === "image" && (players === undefined || drawn.has(name)),
  );
};

/** Domains that are drawn together, by their names. */
const jointDraws = (phases: readonly Phase[] | undefined): readonly (readonly string[])[] =>
  (phases ?? []).flatMap(({ players }) =>
    players.flatMap(({ objective }) =>
      drawsIn(objective).flatMap(({ joint }) =>
        joint === undefined ? [] : [joint.map(domainName)],
      ),
    ),
  );

const trainedBy = (phases: readonly Phase[] | undefined): ReadonlySet<string> | undefined =>
  phases && new Set(phases.flatMap(({ players }) => players.flatMap(({ networks }) => networks)));

const visible = new WeakMap<Resolved, ReadonlySet<Definition>>();

const visibleIn = (resolved: Resolved): ReadonlySet<Definition> => {
  const known = visible.get(resolved) ?? new Set(resolved.definitions);
  visible.set(resolved, known);
  return known;
};

class Checker implements Spec {
  readonly context: Context;
  readonly uses: Uses;
  readonly evaluator: Evaluator;
  readonly values = new Map<Definition, Value>();
  private readonly byKind = new Map<Declared["declaration"]["kind"], readonly Declared[]>();
  private settledNets: readonly Net[] | undefined;
  /** What the definitions and networks of another check are taken for that a trial does not change. */
  private inherited: Inherited = { value: () => undefined, network: () => undefined };
  private readonly open: Declared[] = [];
  private readonly misfits = new Set<Definition>();
  readonly traced = new Map<string, CheckedNet>();
  /** Whether params have values that cannot be used: nothing else was looked at. */
  private refused = false;

  constructor(
    readonly resolved: Resolved,
    readonly settings: Settings,
    textOf: (file: string) => string,
    private readonly lints: readonly Lint[],
    budget?: number,
  ) {
    this.context = new Context(resolved, textOf);
    this.uses = new Uses(resolved);
    const globals = {
      valueOf: (definition: Declared, use: Span) => this.valueOf(definition, use),
      networks: () => this.nets(),
      traced: (net: Net) => this.tracedNet(net.name),
      measure: (form: string, net: Net) => this.measure(form, net),
    };
    this.evaluator = new Evaluator(this.context, globals, budget);
  }

  private tracedNet(name: string): CheckedNet | undefined {
    return this.traced.get(name) ?? this.inherited.network(name);
  }

  declared(kind: Declared["declaration"]["kind"]): readonly Declared[] {
    const known = this.byKind.get(kind);
    if (known !== undefined) return known;
    const found = this.resolved.definitions.flatMap((definition) =>
      definition.kind === "declared" && definition.declaration.kind === kind ? [definition] : [],
    );
    this.byKind.set(kind, found);
    return found;
  }

  private nets(): readonly Net[] {
    if (this.settledNets !== undefined) return this.settledNets;
    const nets = this.declared("net").flatMap((definition) => {
      const value = this.valueOf(definition, definition.span);
      return value.kind === "net" ? [value.net] : [];
    });
    // While a definition is being evaluated, one that needs it is not yet what it will be.
    if (this.open.length === 0) this.settledNets = nets;
    return nets;
  }

  valueOf(definition: Declared, use: Span): Value {
    const known = this.values.get(definition) ?? this.inherited.value(definition);
    if (known !== undefined) return known;
    if (this.open.includes(definition)) {
      const circle = [...this.open.slice(this.open.indexOf(definition)), definition].map(
        (d) => d.name,
      );
      return this.context.report(
        "GAN203",
        use,
        `\`${definition.name}\` needs itself: ${circle.join(" → ")}`,
        {
          notes: [
            "The language has no recursion. To repeat an architecture, write `block * times`.",
          ],
        },
      );
    }
    this.open.push(definition);
    const value = this.compute(definition);
    this.open.pop();
    this.values.set(definition, value);
    return value;
  }

  private isVisible(definition: Definition): boolean {
    return visibleIn(this.resolved).has(definition);
  }

  private compute(definition: Declared): Value {
    const { declaration } = definition;
    switch (declaration.kind) {
      case "param": {
        // A setting names what the spec sees; a param that an imported block brings along stays at its default.
        const settings = this.isVisible(definition) ? this.settings : new Map<string, string>();
        return paramValue(this.context, this.evaluator, declaration, settings);
      }
      case "domain":
        return this.domain(declaration);
      case "let":
        return this.evaluator.binding(declaration.binding, new Map());
      case "net":
        return this.net(declaration);
      case "loss":
        return { kind: "loss", declaration };
      case "objective":
        return this.objective(declaration);
    }
  }

  private objective(declaration: Extract<ast.Declaration, { kind: "objective" }>): Value {
    const value = this.evaluator.evaluate(declaration.value, new Map());
    if (value.kind === "unknown") return unknown;
    if (value.kind !== "term" || value.term.type.kind !== "loss") {
      return this.context.report(
        "GAN308",
        declaration.value.span,
        `an objective is a loss, and this is ${describeValue(value)}`,
      );
    }
    const { term } = value;
    return {
      kind: "term",
      term: {
        kind: "objective",
        name: declaration.name.text,
        body: term,
        type: term.type,
        span: declaration.name.span,
      },
    };
  }

  private domain(declaration: Extract<ast.Declaration, { kind: "domain" }>): Value {
    const value = asRecipe(
      this.evaluator,
      this.evaluator.evaluate(declaration.value, new Map()),
      declaration.value,
    );
    if (value.kind === "unknown") return unknown;
    const stage = value.kind === "recipe" && value.of === "domain" ? value.stages[0] : undefined;
    if (stage === undefined) {
      return this.context.report(
        "GAN305",
        declaration.value.span,
        `a domain is made by \`image(height, width, channels)\`, and this is ${describeValue(value)}`,
        {
          notes: [
            "Or by `noise(n)`, `uniform(n, low, high)`, `labels(classes)` or `features(height, width, channels)`.",
          ],
        },
      );
    }
    const { text: name, span } = declaration.name;
    const at = declaration.value.span;
    const domain = domainOfStage(this.context, stage, name, span, at);
    return domain === undefined ? unknown : { kind: "domain", domain };
  }

  private net(declaration: NetDeclaration): Value {
    const { type } = declaration;
    if (type.kind !== "arrow") {
      return this.context.report(
        "GAN309",
        type.span,
        "a network goes from one domain to another: `net G : X -> Y`",
      );
    }
    const from = this.evaluator.domainOf(type.from, new Map());
    const to = this.evaluator.domainOf(type.to, new Map());
    if (from === undefined || to === undefined) return unknown;
    const inputs = inputsOf(from).flatMap((item) => (item.kind === "domain" ? [item.shape] : []));
    if (inputs.length === 0 || inputs.length < inputsOf(from).length) {
      return this.context.report(
        "GAN309",
        type.from.span,
        `a network begins at a domain, or at several, not at ${showDomain(from)}`,
      );
    }
    if (to.kind === "product") {
      return this.context.report(
        "GAN309",
        type.to.span,
        `a network gives one value, not ${to.items.length}`,
        { notes: ["Declare a network for each; they may share what stands before."] },
      );
    }
    const span = declaration.name.span;
    const { isFrozen } = declaration;
    const net: Net = { name: declaration.name.text, from, to, isFrozen, formal: false, span };
    const checked = this.trace(declaration, net, inputs);
    return { kind: "net", net: checked?.net ?? net };
  }

  private trace(
    declaration: NetDeclaration,
    net: Net,
    inputs: readonly Shape[],
  ): CheckedNet | undefined {
    const block = this.evaluator.blockOf(declaration.value);
    if (block === undefined) return undefined;
    const head = cover(declaration.name.span, declaration.type.span);
    const result = this.context.within(head, `in the network \`${net.name}\``, () =>
      this.evaluator.trace(block, inputs, inputsOf(net.from)),
    );
    if (result === undefined) return undefined;
    const { tracer, output } = result;
    if (net.to.kind === "domain" && showShape(net.to.shape) !== showShape(output.shape)) {
      // Two networks of one architecture have one mistake.
      const body = this.resolved.uses.get(declaration.value);
      if (body !== undefined && this.misfits.has(body)) return undefined;
      if (body !== undefined) this.misfits.add(body);
      this.context.report(
        "GAN304",
        declaration.value.span,
        `\`${net.name}\` gives ${showShape(output.shape)}, and ${net.to.name} is ${showShape(net.to.shape)}`,
        {
          labels: [{ span: net.to.span, text: `${net.to.name} is declared here` }],
          notes: tracer.notes(0),
        },
      );
      return undefined;
    }
    const inner = new Set(tracer.nodes.flatMap(({ owner }) => owner?.network ?? []));
    const checked: CheckedNet = {
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
    this.traced.set(net.name, checked);
    return checked;
  }

  private measure(form: string, net: Net): Value {
    const checked = this.tracedNet(net.name);
    if (checked === undefined) return unknown;
    if (form === "receptive_field") return intValue(checked.field);
    if (form === "shape") return { kind: "tuple", items: checked.output.map((n) => intValue(n)) };
    // Those of a network inside count once, however often it stands there.
    const sizes = new Map(
      checked.nodes.flatMap((node) =>
        node.parameters.map(({ name, shape }) => [
          parameterName(net.name, node, name),
          shape.reduce((a, b) => a * b, 1),
        ]),
      ),
    );
    return intValue([...sizes.values()].reduce((a, b) => a + b, 0));
  }

  /** Params' conditions, asked once all params have their values. */
  private wheres(): void {
    const evaluated = [...this.values.keys()];
    for (const definition of evaluated) {
      const declaration = definition.kind === "declared" ? definition.declaration : undefined;
      if (definition.kind !== "declared" || declaration?.kind !== "param") continue;
      if (declaration.where === undefined) continue;
      const { where } = declaration;
      const value = this.valueOf(definition, definition.span);
      const answer = this.evaluator.evaluate(where, new Map());
      const holdsAt = (candidate: number): boolean => {
        this.values.set(definition, intValue(candidate));
        const then = this.evaluator.evaluate(where, new Map());
        this.values.set(definition, value);
        return then.kind === "bool" && then.value === true;
      };
      checkWhere(this.context, declaration, value, answer, holdsAt);
    }
  }

  private expects(): void {
    for (const { condition } of this.resolved.expects) {
      const value = this.evaluator.evaluate(condition, new Map());
      if (value.kind === "unknown") continue;
      if (value.kind !== "bool") {
        this.context.report(
          "GAN305",
          condition.span,
          `\`expect\` takes a condition, not ${describeValue(value)}`,
        );
      } else if (value.value === false) {
        const is = condition.kind === "binary" ? this.show(condition.left) : undefined;
        this.context.report(
          "GAN508",
          condition.span,
          `\`${this.context.quote(condition.span)}\` does not hold${is === undefined ? "" : `: it is ${is}`}`,
        );
      }
    }
  }

  private show(expr: ast.Expr): string | undefined {
    const show = (value: Value): string | undefined => {
      if (value.kind === "number" || value.kind === "bool")
        return value.value?.toLocaleString("en-US").replaceAll(",", "_");
      return value.kind === "tuple" ? `(${value.items.map(show).join(", ")})` : undefined;
    };
    return show(this.evaluator.evaluate(expr, new Map()));
  }

  private forceAll(): void {
    for (const definition of this.resolved.definitions) {
      if (definition.kind !== "declared") continue;
      const value = this.valueOf(definition, definition.span);
      if (value.kind === "loss") this.evaluator.checkLoss(value.declaration);
    }
  }

  /** Networks and domains that imported names need must be imported by name too: data and players are named by them. */
  private hidden(): void {
    const needed = [...this.values].flatMap(([definition, value]) =>
      definition.kind === "declared" &&
      !this.isVisible(definition) &&
      (value.kind === "net" || value.kind === "domain")
        ? [definition]
        : [],
    );
    const [first] = needed;
    if (first === undefined) return;
    const names = needed.map(({ name }) => name).join(", ");
    this.context.report(
      "GAN207",
      first.span,
      `what is imported from here needs ${names}, not imported ${needed.length === 1 ? "itself" : "themselves"}`,
      { notes: ["Add to the names in the brackets of the import, or import the whole file."] },
    );
  }

  private place(entry: Span): Span {
    return this.resolved.trainSpan ?? this.resolved.solve?.span ?? entry;
  }

  /** Everything but `expect`s, which are about the defaults. */
  check(entry: Span): Checked | undefined {
    checkSettings(this.context, this.resolved.definitions, this.settings, entry.file);
    // A refused size would be refused once more by every layer that it does not fit.
    this.checkParams();
    if (this.refused) return undefined;
    this.forceAll();
    this.wheres();
    this.hidden();
    const { solve, train } = this.resolved;
    const declared = this.declared("domain").flatMap((definition) => {
      const value = this.valueOf(definition, definition.span);
      return value.kind === "domain" && value.domain.kind === "domain" ? [value.domain] : [];
    });
    if (solve === undefined) {
      this.context.report(
        "GAN506",
        entry,
        "this spec has no `solve`, so there is nothing to train",
        {
          notes: ["For example: `solve { min[G] max[D] L }`."],
        },
      );
    }
    const phases = solve === undefined ? undefined : checkGame(this.evaluator, solve, entry.file);
    const isGameSound = !hasErrors(this.context.diagnostics);
    const images = { domains: withImages(declared, phases), joint: jointDraws(phases) };
    // Without a game, what is missing is more than the recipe.
    const recipe =
      solve === undefined && train.size === 0
        ? undefined
        : checkRecipe(this.evaluator, train, {
            place: this.place(entry),
            entry: entry.file,
            images,
            trained: trainedBy(phases),
          });
    const networks = [...this.traced.values()];
    const domains = [...declared, ...drawnWithoutName(phases ?? [], declared)];
    const nodes = new Map(networks.map((network) => [network.net.name, nodeRanges(network)]));
    const ranges = new TermRanges(networks, outputRanges(networks, nodes));
    const players = phases?.flatMap((phase) => phase.players) ?? [];
    const standpoints = sightsOf(players, ranges);
    const facts: Facts = {
      context: this.context,
      entry: entry.file,
      isSet: this.settings.size > 0,
      domains,
      networks,
      nodeRanges: nodes,
      ranges,
      isGameSound,
      game:
        solve === undefined || phases === undefined
          ? undefined
          : { solve, phases, players, joint: images.joint, standpoints },
      train,
      recipe,
      uses: this.uses,
    };
    runLints(this.lints, facts);
    if (!hasErrors(this.context.diagnostics))
      new SizeTrials(this, { solve, train, images }).check();
    if (!hasErrors(this.context.diagnostics)) runLintsOfSound(this.lints, facts);
    if (phases === undefined || recipe === undefined || hasErrors(this.context.diagnostics))
      return undefined;
    return {
      resolved: this.resolved,
      params: this.params(),
      domains,
      networks: this.playing(phases),
      phases,
      recipe,
      aims: aimsOf(players, standpoints, ranges),
      valueOf: (definition) => this.valueOf(definition, definition.span),
      kinds: this.evaluator.kinds,
      genericLoss: (declaration) => this.evaluator.genericLoss(declaration),
      formalTypes: (declaration) => this.context.formalTypes(declaration).types,
    };
  }

  /** An importing file may leave players of the imported game out: an ablation is a difference. */
  private playing(phases: readonly Phase[]): readonly CheckedNet[] {
    const names = playingNetworks(phases.flatMap(({ players }) => players));
    const declared = this.declared("net");
    const plays = ({ name }: Declared): boolean => names.has(name);
    // What a network is made of belongs to it, even without parameters that would tell.
    const inside = new Set(declared.filter(plays).flatMap((net) => [...this.uses.behind(net)]));
    return declared.flatMap((definition) => {
      const checked = this.traced.get(definition.name);
      if (checked === undefined) return [];
      const isPart = inside.has(definition) && checked.net.learns === false;
      return plays(definition) || isPart ? [checked] : [];
    });
  }

  /** The spec with other settings, which takes what they do not change from elsewhere. */
  another(settings: Settings, inherited: Inherited, layers: number): Spec {
    const other = new Checker(this.resolved, settings, this.context.textOf, this.lints, layers);
    other.inherited = inherited;
    return other;
  }

  checkExpects(): void {
    if (!this.refused) this.expects();
  }

  /** What `check` found wrong with the params. */
  checkParams(): void {
    for (const definition of this.declared("param")) this.valueOf(definition, definition.span);
    this.wheres();
    this.refused = hasErrors(this.context.diagnostics);
  }

  private params(): readonly CheckedParam[] {
    return this.declared("param").flatMap((definition) => {
      const value = this.valueOf(definition, definition.span);
      const known = value.kind === "number" || value.kind === "bool" ? value.value : undefined;
      const { declaration } = definition;
      if (declaration.kind !== "param" || known === undefined) return [];
      const type = paramType(declaration, value);
      return type === undefined ? [] : [{ declaration, type, value: known }];
    });
  }
}

export interface CheckResult {
  readonly checked: Checked | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** `expect`s hold at the params' defaults, whatever is set from outside. */
export const check = (
  resolved: Resolved,
  settings: Settings,
  entry: Span,
  textOf: (file: string) => string,
  lints: readonly Lint[] = allLints,
): CheckResult => {
  const checker = new Checker(resolved, settings, textOf, lints);
  const checked = checker.check(entry);
  if (settings.size === 0) {
    checker.checkExpects();
    return {
      checked: hasErrors(checker.context.diagnostics) ? undefined : checked,
      diagnostics: checker.context.diagnostics,
    };
  }
  const plain = new Checker(resolved, new Map(), textOf, lints);
  plain.checkParams();
  plain.checkExpects();
  // Of what is wrong at the defaults, only what `expect`s say is about them.
  const expected = plain.context.diagnostics.filter(
    ({ span }) =>
      resolved.expects.some(
        ({ condition: { span: of } }) =>
          of.file === span.file && of.start <= span.start && span.end <= of.end,
      ) &&
      !checker.context.diagnostics.some(
        (other) => other.span.file === span.file && other.span.start === span.start,
      ),
  );
  const diagnostics = [...checker.context.diagnostics, ...expected];
  return { checked: hasErrors(diagnostics) ? undefined : checked, diagnostics };
};
