/**
 * A spec at other values of its params: the networks that depend on them, and where shapes meet
 * outside of networks or images are brought to size, the game and the augmentation.
 */
import type { Code } from "../../diagnostics/catalogue.js";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.js";
import type { Declared } from "../../names/parts.js";
import type { Resolved } from "../../names/resolved.js";
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { Definitions } from "../definitions/definitions.js";
import type { ParamDeclaration } from "../definitions/params.js";
import { topScope } from "../evaluate/evaluator.js";
import type { Fields } from "../evaluate/fields.js";
import { augmentations, type Images } from "../recipe/augment.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { inputsOf } from "../values/domain-type.js";
import { dividesByZero } from "../values/numbers.js";
import { intValue, showShape } from "../values/value.js";
import { checkPair, checkSizes, type Decided, type SizeParam, type Trial } from "./sizes.js";

/** The game and the images, which are tried beside the networks. */
export interface GameAndImages {
  readonly solve: Resolved["solve"];
  readonly train: Fields;
  readonly images: Images;
}

/** Codes of errors that another size may bring about. */
const shapeErrors: ReadonlySet<Code> = new Set(["GAN302", "GAN303", "GAN304", "GAN306", "GAN509"]);

/** An Int param with its value, and what of that which depends on it is looked at. */
interface Subject {
  readonly param: Declared;
  readonly declaration: ParamDeclaration;
  readonly value: number;
  readonly networks: readonly Declared[];
  /** Objectives that may fit at one of its values and not at another. */
  readonly objectives: readonly ast.Expr[];
  /** Whether it is the augmentation that is looked at, which takes no time. */
  readonly inImages: boolean;
}

/**
 * Classes of values at which augmentations are looked at: what they divide by is often large, and
 * follows the size.
 */
const imageClasses = 4;

/** An objective or a condition, and all definitions that it needs. */
interface Needing {
  readonly expr: ast.Expr;
  readonly needs: ReadonlySet<Definition>;
}

interface Tried extends Decided {
  readonly subject: Subject;
}

type Values = ReadonlyMap<Subject, number>;

export class SizeTrials {
  private knownObjectives: readonly Needing[] | undefined;
  private knownImages: ReadonlySet<Definition> | undefined;
  private knownConditions: readonly Needing[] | undefined;
  private knownTies: ReadonlyMap<Definition, ReadonlySet<Definition>> | undefined;
  private readonly knownAdmitted = new Map<Declared, (value: number) => boolean>();

  constructor(
    private readonly spec: Definitions,
    private readonly around: GameAndImages,
  ) {}

  /** Reports the nearest value of a param, or of two, that is admitted and does not fit. */
  check(): void {
    const tried: Tried[] = [];
    for (const subject of this.subjects()) {
      const decided = checkSizes(this.spec.context, this.sizeParam(subject), this.traced(subject));
      if (decided === undefined) return;
      tried.push({ ...decided, subject });
    }
    for (const [i, one] of tried.entries())
      for (const other of tried.slice(i + 1)) if (!this.checkPair(one, other)) return;
  }

  private subjects(): readonly Subject[] {
    const { spec } = this;
    return spec.declared("param").flatMap((param) => {
      const value = spec.valueOf(param);
      const { declaration } = param;
      if (declaration.kind !== "param" || value.kind !== "number" || !value.int) return [];
      const networks = spec
        .declared("net")
        .filter((net) => spec.traced.has(net.name) && spec.uses.behind(net).has(param));
      const objectives = spec.context.asksShapes
        ? this.objectives()
            .filter(({ needs }) => needs.has(param))
            .map(({ expr }) => expr)
        : [];
      if (value.value === undefined) return [];
      const subject = { param, declaration, value: value.value };
      return [
        // What a `where` ties to another param may move with it alone.
        ...(networks.length > 0 || objectives.length > 0 || this.tiedTo(param).size > 0
          ? [{ ...subject, networks, objectives, inImages: false }]
          : []),
        ...(this.imageUses().has(param)
          ? [{ ...subject, networks: [], objectives: [], inImages: true }]
          : []),
      ];
    });
  }

  private objectives(): readonly Needing[] {
    const { solve } = this.around;
    this.knownObjectives ??= (solve?.phases ?? []).flatMap(({ clauses }) =>
      clauses.map(({ objective: expr }) => ({ expr, needs: this.spec.uses.of([expr]) })),
    );
    return this.knownObjectives;
  }

  /** Augmentations, and the domains whose images go through them. */
  private imageExprs(): readonly ast.Expr[] {
    const names = new Set(this.around.images.domains.map(({ name }) => name));
    const domains = this.spec
      .declared("domain")
      .flatMap(({ name, declaration }) =>
        names.has(name) && declaration.kind === "domain" ? [declaration.value] : [],
      );
    const stages = [...new Set(this.around.train.values())].flatMap(({ name, value }) =>
      name.text === "augment" ? [value] : [],
    );
    return stages.length === 0 ? [] : [...domains, ...stages];
  }

  private imageUses(): ReadonlySet<Definition> {
    this.knownImages ??= this.spec.uses.of(this.imageExprs());
    return this.knownImages;
  }

  private traced({ networks }: Subject): readonly CheckedNet[] {
    return networks.flatMap(({ name }) => this.spec.traced.get(name) ?? []);
  }

  /**
   * Whether all conditions hold with one param at another value; asked for networks and for images
   * alike.
   */
  private admitsAlone(param: Declared): (value: number) => boolean {
    const known = this.knownAdmitted.get(param) ?? this.admits([param]);
    this.knownAdmitted.set(param, known);
    return known;
  }

  private sizeParam(subject: Subject): SizeParam {
    const { param, networks, objectives, inImages, declaration, value } = subject;
    const { uses } = this.spec;
    return {
      declaration,
      value,
      classes: inImages ? imageClasses : undefined,
      admits: this.admitsAlone(param),
      trial: (v) => this.trial(new Map([[subject, v]])),
      divisors: [
        ...networks.flatMap((net) => uses.divisors(param, net)),
        ...(objectives.length > 0 ? uses.divisorsIn(param, objectives) : []),
        ...(inImages ? uses.divisorsIn(param, this.imageExprs()) : []),
      ],
    };
  }

  /** All `where`s, with what each needs. */
  private conditions(): readonly Needing[] {
    const { spec } = this;
    this.knownConditions ??= spec.declared("param").flatMap(({ declaration }) => {
      const expr = declaration.kind === "param" ? declaration.where : undefined;
      return expr === undefined ? [] : [{ expr, needs: spec.uses.of([expr]) }];
    });
    return this.knownConditions;
  }

  /** Whether the conditions of all params hold with these at other values. */
  private admits(params: readonly Declared[]): (...values: readonly number[]) => boolean {
    const { spec } = this;
    const touches = (needs: ReadonlySet<Definition>): boolean => params.some((p) => needs.has(p));
    const wheres = this.conditions().filter(({ needs }) => touches(needs));
    const answers = new Map<string, boolean>();
    return (...values) => {
      const key = values.join();
      const known = answers.get(key);
      if (known !== undefined) return known;
      const assumed = params.map((param, i) => [param, intValue(values[i])] as const);
      const { evaluator } = spec.assuming(new Map(assumed));
      const holds = wheres.every(({ expr }) => {
        const answer = evaluator.evaluate(expr, topScope);
        return answer.kind === "bool" && answer.value === true;
      });
      answers.set(key, holds);
      return holds;
    };
  }

  /** Tries params at other values. Only definitions that depend on them are evaluated anew. */
  private trial(given: Values): Trial {
    const { spec } = this;
    const subjects = [...given.keys()];
    const dependent = [...new Set(subjects.flatMap(({ networks }) => networks))];
    const names = new Set(dependent.map(({ name }) => name));
    const layers = [...spec.traced.values()].map(({ nodes }) => nodes.length);
    const settings = [...given].map(([{ param }, value]) => [param, String(value)] as const);
    const other = spec.withSettings(new Map(settings), names, 3 * Math.max(0, ...layers) + 100);
    this.evaluateNetworks(other, dependent);
    const isSound = !hasErrors(other.context.diagnostics);
    const objectives = new Set(subjects.flatMap((subject) => subject.objectives));
    if (isSound) for (const objective of objectives) other.evaluator.evaluate(objective, topScope);
    if (isSound && subjects.some(({ inImages }) => inImages)) this.augment(other);
    const wrong = other.context.diagnostics.filter(({ severity }) => severity === "error");
    const failures = wrong.filter((diagnostic) => isMisfit(diagnostic, given));
    return {
      failures,
      refused: wrong.length > failures.length,
      networks: dependent.flatMap(({ name }) => other.traced.get(name) ?? []),
    };
  }

  private evaluateNetworks(other: Definitions, dependent: readonly Declared[]): void {
    const seen = new Set<string>();
    for (const definition of dependent) {
      const key = architecture(other, definition);
      if (key !== undefined && seen.has(key)) continue;
      if (key !== undefined) seen.add(key);
      other.valueOf(definition);
    }
  }

  private augment(other: Definitions): void {
    const { images, train } = this.around;
    const names = new Set(images.domains.map(({ name }) => name));
    const domains = other.declared("domain").flatMap((definition) => {
      const value = names.has(definition.name) && other.valueOf(definition);
      return value && value.kind === "domain" && value.domain.kind === "domain"
        ? [value.domain]
        : [];
    });
    augmentations(other.evaluator, train, { ...images, domains });
  }

  /**
   * Two params at once, where both move sides of one kind, or one of them only numbers of the game;
   * false where something was reported.
   */
  private checkPair(one: Tried, other: Tried): boolean {
    const [a, b] = [one.subject, other.subject];
    if (a.param === b.param || !this.doMeet(one, other)) return true;
    const at = (v: number, w: number): Values =>
      new Map([
        [a, v],
        [b, w],
      ]);
    return checkPair(this.spec.context, [one, other], {
      admits: this.admits([a.param, b.param]),
      trial: (v, w) => this.trial(at(v, w)),
    });
  }

  /** The params that some `where` mentions beside this one. */
  private tiedTo(param: Declared): ReadonlySet<Definition> {
    this.knownTies ??= this.ties();
    return this.knownTies.get(param) ?? new Set();
  }

  private ties(): ReadonlyMap<Definition, ReadonlySet<Definition>> {
    const found = new Map<Definition, Set<Definition>>();
    for (const { needs } of this.conditions()) {
      const params = [...needs].filter(
        (d) => d.kind === "declared" && d.declaration.kind === "param",
      );
      for (const one of params)
        for (const other of params)
          if (one !== other) found.set(one, (found.get(one) ?? new Set()).add(other));
    }
    return found;
  }

  private doMeet(one: Tried, other: Tried): boolean {
    const [a, b] = [one.subject, other.subject];
    const shares = <A>(these: readonly A[], those: readonly A[]): boolean =>
      these.some((item) => those.includes(item));
    if (a.inImages || b.inImages) return a.inImages && b.inImages;
    if (this.tiedTo(a.param).has(b.param)) return true;
    const isNumber = one.moves.size === 0 || other.moves.size === 0;
    const moveAlike = shares([...one.moves], [...other.moves]);
    return (
      (moveAlike && shares(a.networks, b.networks)) ||
      ((moveAlike || isNumber) && shares(a.objectives, b.objectives))
    );
  }
}

/**
 * Whether values that params may have are refused by this; too large a one is not what a `where` is
 * about.
 */
const isMisfit = ({ code, message }: Diagnostic, given: Values): boolean =>
  shapeErrors.has(code) ||
  message === dividesByZero ||
  // That there are no images of 0 x 0 pixels need not be said, nor layers of -1 channels where
  // nothing is said at all.
  (code === "GAN403" &&
    [...given].every(([{ declaration }, value]) => declaration.where !== undefined && value > 0));

/**
 * Equal for networks of one architecture between domains of the same shapes: checking one of them
 * checks both.
 */
const architecture = (
  { resolved, evaluator }: Definitions,
  { declaration }: Declared,
): string | undefined => {
  if (declaration.kind !== "net" || declaration.type.kind !== "arrow") return undefined;
  const body = resolved.uses.get(declaration.value);
  if (body?.kind !== "declared") return undefined;
  const { from, to } = declaration.type;
  const shapes = [from, to].map((type) => {
    const domain = evaluator.domainOf(type, new Map());
    return domain === undefined
      ? []
      : inputsOf(domain).map((item) =>
          item.kind === "domain" ? showShape(item.shape) : item.kind,
        );
  });
  return `${body.span.file} ${body.span.start} ${shapes.join(" ")}`;
};
