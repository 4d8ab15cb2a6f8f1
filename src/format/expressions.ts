/**
 * Expressions and types as documents. Brackets stand where the grammar needs them and where the
 * author put them.
 */
import { impossible } from "../base/impossible.js";
import type {
  Argument,
  BinaryOperator,
  Binder,
  Binding,
  Expr,
  Formal,
  Name,
  TypeExpr,
} from "../syntax/ast.js";
import { align, type Doc, fillLine, group, hardline, indent, line, softline } from "./doc.js";
import { commentDocs, type Text } from "./text.js";

/**
 * Binding strength of each form, as the grammar nests its rules. An operand that binds less gets
 * brackets.
 */
const level = {
  expression: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  pipeline: 5,
  sum: 6,
  product: 7,
  factor: 8,
  relabelled: 9,
  signed: 10,
  power: 11,
  postfix: 12,
  atom: 13,
} as const;

const operatorLevel: Readonly<Record<BinaryOperator, number>> = {
  or: level.or,
  and: level.and,
  "==": level.comparison,
  "!=": level.comparison,
  "<=": level.comparison,
  ">=": level.comparison,
  "<": level.comparison,
  ">": level.comparison,
  ">>": level.pipeline,
  "+": level.sum,
  "-": level.sum,
  "*": level.product,
  "/": level.product,
  "//": level.product,
  "%": level.product,
  "^": level.power,
};

const levelOf = (expr: Expr): number => {
  switch (expr.kind) {
    case "int":
    case "real":
    case "bool":
    case "name":
    case "tuple":
      return level.atom;
    case "call":
    case "member":
      return level.postfix;
    case "unary":
      if (expr.operator === "not") return level.not;
      // `-E[x ~ X] v` goes as far as the expectation does.
      return expr.operand.kind === "expectation" ? level.factor : level.signed;
    case "binary":
      return operatorLevel[expr.operator];
    case "lambda":
    case "let":
      return level.expression;
    case "expectation":
      return level.factor;
    case "relabel":
      return level.relabelled;
    case "missing":
      return impossible("a text with syntax errors is not formatted");
  }
};

export const nameList = (names: readonly Name[]): string =>
  names.map(({ text }) => text).join(", ");

export const typeText = (type: TypeExpr): string => {
  switch (type.kind) {
    case "named":
      return type.name;
    case "product":
      return `(${type.items.map(typeText).join(", ")})`;
    case "arrow":
      return `${simpleTypeText(type.from)} -> ${simpleTypeText(type.to)}`;
  }
};

export const simpleTypeText = (type: TypeExpr): string =>
  type.kind === "arrow" ? `(${typeText(type)})` : typeText(type);

export class Expressions {
  constructor(private readonly text: Text) {}

  /** With the comments before it. */
  of(expr: Expr): Doc {
    return [...commentDocs(this.text.take(expr.span.start)), this.form(expr)];
  }

  /** Writes an operand of a postfix, in brackets where the grammar needs them. */
  postfix(expr: Expr): Doc {
    return this.operand(expr, level.postfix);
  }

  private form(expr: Expr): Doc {
    switch (expr.kind) {
      case "int":
      case "real":
        return expr.text;
      case "bool":
        return String(expr.value);
      case "name":
        return expr.name;
      case "call":
        return [this.operand(expr.callee, level.postfix), this.arguments(expr.args)];
      case "member":
        return [this.operand(expr.object, level.postfix), ".", expr.member.text];
      case "unary":
        return this.unary(expr.operator, expr.operand);
      case "binary":
        return this.binary(expr);
      case "lambda":
        return this.lambda(expr);
      case "let":
        return this.lets(expr);
      case "tuple":
        return this.list("(", expr.items, ")", (item) => this.of(item));
      case "expectation":
        return group([
          "E[",
          this.separated(expr.binders, (binder) => this.binder(binder)),
          "]",
          ...commentDocs(this.text.take(expr.body.span.start)),
          " ",
          this.operand(expr.body, level.product),
        ]);
      case "relabel":
        return [this.operand(expr.value, level.signed), " as ", simpleTypeText(expr.type)];
      case "missing":
        return impossible("a text with syntax errors is not formatted");
    }
  }

  /**
   * Writes an operand, in brackets where it binds less than it must or where the author wrote
   * brackets.
   */
  private operand(expr: Expr, least: number, isClosed = false): Doc {
    const isCompound =
      expr.kind === "binary" || expr.kind === "expectation" || expr.kind === "relabel";
    const keeps = isCompound && this.text.isGrouped(expr);
    const needs = levelOf(expr) < least || (isClosed && this.isOpen(expr));
    return needs || keeps ? ["(", align(this.of(expr)), ")"] : this.of(expr);
  }

  /** Whether it ends in an expectation, which would take further factors for its own. */
  private isOpen(expr: Expr): boolean {
    if (expr.kind === "expectation") return true;
    if (expr.kind === "unary")
      return expr.operand.kind === "expectation" && !this.text.isGrouped(expr.operand);
    return (
      expr.kind === "binary" &&
      operatorLevel[expr.operator] === level.product &&
      !this.text.isGrouped(expr.right) &&
      this.isOpen(expr.right)
    );
  }

  private unary(operator: "-" | "not", operand: Expr): Doc {
    if (operator === "not") return ["not ", this.operand(operand, level.not)];
    if (operand.kind === "expectation") return ["-", this.operand(operand, level.factor)];
    // `--` would begin a comment.
    return ["-", this.operand(operand, operand.kind === "unary" ? level.power : level.signed)];
  }

  private binary(expr: Extract<Expr, { kind: "binary" }>): Doc {
    const { operator, left, right } = expr;
    if (operator === "^")
      return [this.operand(left, level.postfix), " ^ ", this.operand(right, level.signed)];
    const own = operatorLevel[operator];
    if (own === level.comparison) return this.comparison(expr);
    return this.chain(expr, own);
  }

  private comparison({ operator, left, right }: Extract<Expr, { kind: "binary" }>): Doc {
    const first = this.operand(left, level.pipeline);
    const comments = commentDocs(this.text.take(right.span.start));
    const space = this.breakBetween(left.span.end, right.span.start);
    const second = this.operand(right, level.pipeline);
    return group([first, ...comments, indent([space, `${operator} `, second])]);
  }

  /** Operators of one level from left to right. `>>` ends its line, the others begin theirs. */
  private chain(expr: Extract<Expr, { kind: "binary" }>, own: number): Doc {
    const links: Extract<Expr, { kind: "binary" }>[] = [];
    let first: Expr = expr;
    while (first.kind === "binary" && operatorLevel[first.operator] === own) {
      const isLink = first === expr || !(this.text.isGrouped(first) || this.closes(first, own));
      if (!isLink) break;
      links.unshift(first);
      first = first.left;
    }
    const parts: Doc[] = [this.operand(first, own, own === level.product)];
    for (const { operator, left, right } of links) {
      const comments = commentDocs(this.text.take(right.span.start));
      const space = this.breakBetween(left.span.end, right.span.start);
      const operand = this.operand(right, own + 1, own === level.product && right !== expr.right);
      parts.push(
        own === level.pipeline
          ? [` ${operator}`, ...comments, space, operand]
          : [...comments, space, `${operator} `, operand],
      );
    }
    return group(parts);
  }

  /**
   * Whether a link of a product ends in an expectation, so that it needs brackets before a further
   * factor.
   */
  private closes(expr: Expr, own: number): boolean {
    return own === level.product && this.isOpen(expr);
  }

  /** The author's end of a line stays one. */
  private breakBetween(from: number, to: number, otherwise = fillLine): Doc {
    return this.text.linesBetween(from, to) > 0 ? hardline : otherwise;
  }

  private lambda({ params, body }: Extract<Expr, { kind: "lambda" }>): Doc {
    const [only] = params;
    const head = params.length === 1 && only !== undefined ? only.text : `(${nameList(params)})`;
    const from = params.at(-1)?.span.end ?? body.span.start;
    const comments = commentDocs(this.text.take(body.span.start));
    const space = this.breakBetween(from, body.span.start, line);
    return group([`${head} =>`, ...comments, indent([space, this.of(body)])]);
  }

  /** `let … in` after `let … in`, each on its line where the whole does not fit on one. */
  private lets(expr: Extract<Expr, { kind: "let" }>): Doc {
    const parts: Doc[] = [];
    let rest: Expr = expr;
    while (rest.kind === "let") {
      const { binding, body }: Extract<Expr, { kind: "let" }> = rest;
      parts.push(
        ...commentDocs(this.text.take(rest.span.start)),
        this.binding(binding),
        " in",
        ...commentDocs(this.text.take(body.span.start)),
        this.breakBetween(binding.span.end, body.span.start, line),
      );
      rest = body;
    }
    return group([...parts, this.of(rest)]);
  }

  private binding(binding: Binding): Doc {
    const { name, formals, value } = binding;
    const head = this.bindingHead(binding);
    const comments = commentDocs(this.text.take(value.span.start));
    const from = formals?.at(-1)?.span.end ?? name.span.end;
    const space = this.breakBetween(from, value.span.start);
    return group(["let ", head, " =", ...comments, indent([space, this.of(value)])]);
  }

  bindingHead({ name, formals }: Pick<Binding, "name" | "formals">): Doc {
    return formals === undefined ? name.text : [name.text, this.formals(formals)];
  }

  formals(formals: readonly Formal[]): Doc {
    return ["(", align(this.separated(formals, (formal) => this.formal(formal))), ")"];
  }

  private formal({ role, name, type, defaultValue, span }: Formal): Doc {
    return [
      ...commentDocs(this.text.take(span.start)),
      ...(role === undefined ? [] : [`${role} `]),
      name.text,
      ...(type === undefined ? [] : [` : ${typeText(type)}`]),
      ...(defaultValue === undefined ? [] : [" = ", this.of(defaultValue)]),
    ];
  }

  private binder({ names, sampler, span }: Binder): Doc {
    const [only] = names;
    const pattern = names.length === 1 && only !== undefined ? only.text : `(${nameList(names)})`;
    return [
      ...commentDocs(this.text.take(span.start)),
      `${pattern} ~ `,
      this.operand(sampler, level.postfix),
    ];
  }

  private arguments(args: readonly Argument[]): Doc {
    return this.list("(", args, ")", (argument) => this.argument(argument));
  }

  private argument({ name, value, span }: Argument): Doc {
    const comments = commentDocs(this.text.take(span.start));
    if (name === undefined) return [...comments, this.of(value)];
    return [...comments, `${name.text}: `, align(this.of(value))];
  }

  /**
   * Writes a list in brackets. Where it does not fit on the line, each item gets its own line, two
   * columns further in.
   */
  private list<T extends Argument | Expr>(
    open: string,
    items: readonly T[],
    close: string,
    of: (item: T) => Doc,
  ): Doc {
    if (items.length === 0) return open + close;
    return group([open, indent([softline, this.separated(items, of)]), close]);
  }

  /** With commas between; the author's ends of lines stay. */
  private separated<T extends Argument | Expr | Formal | Binder>(
    items: readonly T[],
    of: (item: T) => Doc,
  ): Doc {
    const parts = items.map((item, i): Doc => {
      const next = items[i + 1];
      const doc = of(item);
      if (next === undefined) return doc;
      const comments = commentDocs(this.text.take(next.span.start));
      return [doc, ",", ...comments, this.breakBetween(item.span.end, next.span.start)];
    });
    return group(parts);
  }
}
