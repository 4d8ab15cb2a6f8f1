/**
 * Concrete to abstract syntax. Under recovery any child may be absent, so every reading of one has
 * a fallback.
 */
import type { CstElement, CstNode, IToken } from "chevrotain";
import { cover, type Span, span } from "../base/source.js";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import type * as ast from "./ast.js";

export const tokenSpan = (file: string, token: IToken): Span =>
  span(file, token.startOffset, token.startOffset + token.image.length);

const isToken = (element: CstElement): element is IToken => "image" in element;

/** Tokens that recovery made up have no place. */
const isReal = (token: IToken): boolean => Number.isFinite(token.startOffset);

interface Extent {
  readonly start: number;
  readonly end: number;
}

const nowhere: Extent = { start: Infinity, end: -1 };

/** Makes the AST of one file, with the mistakes that only show once the tree is built. */
export class CstReader {
  readonly diagnostics: Diagnostic[] = [];
  /**
   * Each node's once: every node asks for its own, and a tree that is walked for each takes
   * quadratic time.
   */
  private readonly extents = new Map<CstNode, Extent>();

  constructor(private readonly file: string) {}

  private nodes(node: CstNode, key: string): readonly CstNode[] {
    return (node.children[key] ?? []).filter((child): child is CstNode => !isToken(child));
  }

  private node(node: CstNode | undefined, key: string): CstNode | undefined {
    return node === undefined ? undefined : this.nodes(node, key)[0];
  }

  private tokens(node: CstNode, key: string): readonly IToken[] {
    return (node.children[key] ?? []).filter(isToken);
  }

  private has(node: CstNode, key: string): boolean {
    return this.tokens(node, key).length > 0;
  }

  /**
   * Offsets of the first and behind the last real token below a node, in this order only where
   * there is one.
   */
  private extentOf(element: CstElement): Extent {
    if (isToken(element)) {
      const { startOffset, image } = element;
      return isReal(element) ? { start: startOffset, end: startOffset + image.length } : nowhere;
    }
    const known = this.extents.get(element);
    if (known !== undefined) return known;
    let { start, end } = nowhere;
    // By key: a list of the values, made for each node, took half of the time of this.
    for (const key in element.children)
      for (const child of element.children[key] ?? []) {
        const extent = this.extentOf(child);
        if (extent.start < start) start = extent.start;
        if (extent.end > end) end = extent.end;
      }
    const extent = { start, end };
    this.extents.set(element, extent);
    return extent;
  }

  /** From the first to the last real token below a node; `at` where there is none. */
  private spanOf(node: CstNode | undefined, at: Span): Span {
    const { start, end } = node === undefined ? nowhere : this.extentOf(node);
    return end < 0 ? at : span(this.file, start, end);
  }

  private nameOf(token: IToken): ast.Name {
    return { text: token.image, span: tokenSpan(this.file, token) };
  }

  private names(node: CstNode): readonly ast.Name[] {
    return this.tokens(node, "Identifier")
      .filter(isReal)
      .map((token) => this.nameOf(token));
  }

  private name(node: CstNode, at: Span): ast.Name {
    return this.names(node)[0] ?? { text: "", span: at };
  }

  /**
   * A declaration of the file, once: its tree is emptied. Nothing asks for it again, and the trees
   * of thousands of declarations take gigabytes.
   */
  take(declaration: CstNode): readonly ast.Declaration[] {
    const found = this.anyDeclaration(declaration);
    for (const rule of Object.keys(declaration.children)) delete declaration.children[rule];
    this.extents.clear();
    return found;
  }

  /** Those in a file or a module that have not been taken. */
  declarations(node: CstNode): readonly ast.Declaration[] {
    return this.nodes(node, "declaration").flatMap((child) => this.anyDeclaration(child));
  }

  private anyDeclaration(node: CstNode): readonly ast.Declaration[] {
    const [rule, inner] = Object.entries(node.children)[0] ?? [];
    const only = inner?.[0];
    return rule === undefined || only === undefined || isToken(only)
      ? []
      : this.declaration(rule, only);
  }

  private declaration(rule: string, node: CstNode): readonly ast.Declaration[] {
    const at = this.spanOf(node, span(this.file, 0, 0));
    const name = this.name(node, at);
    // A declaration whose very name is missing declares nothing; the parser has said so.
    if (
      name.text === "" &&
      ["param", "domain", "net", "loss", "objective", "module"].includes(rule)
    )
      return [];
    const value = (): ast.Expr => this.expression(this.node(node, "expression"), at);
    switch (rule) {
      case "param": {
        const where = this.node(node, "where");
        const type = this.node(node, "type");
        return [
          {
            kind: "param",
            name,
            ...(type === undefined ? {} : { type: this.type(type, at) }),
            value: this.expression(this.node(node, "value"), at),
            ...(where === undefined ? {} : { where: this.expression(where, at) }),
            span: at,
          },
        ];
      }
      case "domain":
        return [{ kind: "domain", name, value: value(), span: at }];
      case "definition": {
        const binding = this.binding(this.node(node, "binding"), at);
        return binding.name.text === ""
          ? []
          : [{ kind: "let", name: binding.name, binding, span: at }];
      }
      case "net":
        return [
          {
            kind: "net",
            name,
            type: this.type(this.node(node, "type"), at),
            value: value(),
            isFrozen: this.has(node, "Frozen"),
            ...this.weights(node),
            span: at,
          },
        ];
      case "loss":
        return [{ kind: "loss", name, formals: this.formals(node, at), value: value(), span: at }];
      case "objective":
        return [{ kind: "objective", name, value: value(), span: at }];
      case "assertion":
        return [{ kind: "expect", condition: value(), span: at }];
      case "importation":
        return this.importation(node, at);
      case "module":
        return [{ kind: "module", name, body: this.declarations(node), span: at }];
      case "solve":
        return [
          {
            kind: "solve",
            phases: this.nodes(node, "phase").map((p) => this.phase(p, at)),
            span: at,
          },
        ];
      case "train":
        return [
          {
            kind: "train",
            fields: this.nodes(node, "field").map((f) => this.field(f, at)),
            span: at,
          },
        ];
      default:
        throw new Error(`no such declaration rule: ${rule}`);
    }
  }

  private weights(node: CstNode): { readonly weights?: ast.Name } {
    const path = this.tokens(node, "StringLiteral").filter(isReal)[0];
    return path === undefined
      ? {}
      : { weights: { text: path.image.slice(1, -1), span: tokenSpan(this.file, path) } };
  }

  private importation(node: CstNode, at: Span): readonly ast.Declaration[] {
    const path = this.tokens(node, "StringLiteral").filter(isReal)[0];
    const parts = this.names(node);
    const list = this.node(node, "importedNames");
    const names = list === undefined ? {} : { names: this.names(list) };
    if (path !== undefined) {
      const target = { text: path.image.slice(1, -1), span: tokenSpan(this.file, path) };
      return [{ kind: "import", target, form: "path", ...names, span: at }];
    }
    const first = parts[0];
    const last = parts[parts.length - 1];
    if (first === undefined || last === undefined) return [];
    const target = {
      text: parts.map((part) => part.text).join("."),
      span: cover(first.span, last.span),
    };
    return [{ kind: "import", target, form: "library", ...names, span: at }];
  }

  private binding(node: CstNode | undefined, at: Span): ast.Binding {
    if (node === undefined)
      return { name: { text: "", span: at }, value: { kind: "missing", span: at }, span: at };
    const here = this.spanOf(node, at);
    return {
      name: this.name(node, here),
      ...(this.has(node, "LeftParen") ? { formals: this.formals(node, here) } : {}),
      value: this.expression(this.node(node, "expression"), here),
      span: here,
    };
  }

  private formals(node: CstNode, at: Span): readonly ast.Formal[] {
    return this.nodes(node, "formal")
      .map((formal): ast.Formal => {
        const here = this.spanOf(formal, at);
        const type = this.node(formal, "type");
        const value = this.node(formal, "expression");
        const role = this.has(formal, "MinWord") ? "min" : this.has(formal, "MaxWord") ? "max" : "";
        return {
          ...(role === "" ? {} : { role }),
          name: this.name(formal, here),
          ...(type === undefined ? {} : { type: this.type(type, here) }),
          ...(value === undefined ? {} : { defaultValue: this.expression(value, here) }),
          span: here,
        };
      })
      .filter((formal) => formal.name.text !== "");
  }

  private phase(node: CstNode, at: Span): ast.Phase {
    const here = this.spanOf(node, at);
    const times = this.node(node, "times");
    const every = this.node(node, "every");
    return {
      ...(this.has(node, "Repeat") ? { times: this.postfix(times, here) } : {}),
      ...(this.has(node, "EveryWord") ? { every: this.postfix(every, here) } : {}),
      clauses: this.nodes(node, "clause").map((clause) => this.clause(clause, here)),
      span: here,
    };
  }

  private clause(node: CstNode, at: Span): ast.Clause {
    const here = this.spanOf(node, at);
    return {
      quantifiers: this.nodes(node, "quantifier").map((quantifier) => ({
        sense: this.has(quantifier, "MinWord") ? "min" : "max",
        networks: this.names(quantifier),
        span: this.spanOf(quantifier, here),
      })),
      objective: this.expression(this.node(node, "expression"), here),
      span: here,
    };
  }

  private field(node: CstNode, at: Span): ast.Field {
    const here = this.spanOf(node, at);
    const networks = this.node(node, "networks");
    return {
      name: this.name(node, here),
      ...(networks === undefined ? {} : { networks: this.names(networks) }),
      value: this.expression(this.node(node, "expression"), here),
      span: here,
    };
  }

  private type(node: CstNode | undefined, at: Span): ast.TypeExpr {
    const from = this.simpleType(this.node(node, "from"), at);
    const to = this.node(node, "to");
    if (to === undefined) return from;
    const target = this.simpleType(to, at);
    return { kind: "arrow", from, to: target, span: cover(from.span, target.span) };
  }

  private simpleType(node: CstNode | undefined, at: Span): ast.TypeExpr {
    const here = this.spanOf(node, at);
    const name = node === undefined ? undefined : this.names(node)[0];
    if (name !== undefined) return { kind: "named", name: name.text, span: name.span };
    const items =
      node === undefined ? [] : this.nodes(node, "type").map((item) => this.type(item, here));
    const only = items.length === 1 ? items[0] : undefined;
    return only ?? { kind: "product", items, span: here };
  }

  private missing(at: Span): ast.Expr {
    return { kind: "missing", span: at };
  }

  expression(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const here = this.spanOf(node, at);
    const bodyNode = this.node(node, "body");
    if (this.has(node, "Let")) {
      const binding = this.binding(this.node(node, "binding"), here);
      return { kind: "let", binding, body: this.expression(bodyNode, here), span: here };
    }
    const head = this.chain(this.node(node, "head"), here);
    if (!this.has(node, "FatArrow")) return head;
    return {
      kind: "lambda",
      params: this.pattern(head),
      body: this.expression(bodyNode, here),
      span: here,
    };
  }

  private pattern(head: ast.Expr): readonly ast.Name[] {
    const items = head.kind === "tuple" ? head.items : [head];
    return items.flatMap((item): readonly ast.Name[] => {
      if (item.kind === "name") return [{ text: item.name, span: item.span }];
      if (item.kind !== "missing") {
        this.diagnostics.push(
          diagnostic("GAN103", item.span, "expected a name, as in `x => …` or `(x, y) => …`"),
        );
      }
      return [];
    });
  }

  /** The left-associative levels from `or` down to `*`, which have one shape of node. */
  private chain(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    if (node.name === "negation") return this.negation(node, at);
    if (node.name === "factor") return this.factor(node, at);
    const operands = this.nodes(node, "operand").map((operand) => this.chain(operand, at));
    const operators = [...this.tokens(node, "operator")].sort(
      (a, b) => a.startOffset - b.startOffset,
    );
    const first = operands[0];
    if (first === undefined) return this.missing(at);
    return operators.reduce((left, token, i): ast.Expr => {
      const right = operands[i + 1] ?? this.missing(tokenSpan(this.file, token));
      const operator = token.image as ast.BinaryOperator;
      return { kind: "binary", operator, left, right, span: cover(left.span, right.span) };
    }, first);
  }

  private negation(node: CstNode, at: Span): ast.Expr {
    const operand = this.chain(this.node(node, "comparison"), at);
    return this.tokens(node, "Not").reduceRight(
      (inner, token): ast.Expr => ({
        kind: "unary",
        operator: "not",
        operand: inner,
        span: cover(tokenSpan(this.file, token), inner.span),
      }),
      operand,
    );
  }

  private factor(node: CstNode, at: Span): ast.Expr {
    const expectation = this.node(node, "expectation");
    if (expectation !== undefined) return this.expectation(expectation, at);
    const negated = this.node(node, "negatedExpectation");
    if (negated !== undefined) {
      const here = this.spanOf(negated, at);
      const inner = this.node(negated, "expectation");
      const operand = inner === undefined ? this.missing(here) : this.expectation(inner, here);
      return { kind: "unary", operator: "-", operand, span: here };
    }
    return this.relabelled(this.node(node, "relabelled"), at);
  }

  private expectation(node: CstNode, at: Span): ast.Expr {
    const here = this.spanOf(node, at);
    return {
      kind: "expectation",
      binders: this.nodes(node, "binder").map((binder) => {
        const place = this.spanOf(binder, here);
        return {
          names: this.names(binder),
          sampler: this.postfix(this.node(binder, "postfix"), place),
          span: place,
        };
      }),
      body: this.chain(this.node(node, "product"), here),
      span: here,
    };
  }

  private relabelled(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const value = this.signed(this.node(node, "signed"), at);
    return this.nodes(node, "simpleType").reduce((inner, typeNode): ast.Expr => {
      const type = this.simpleType(typeNode, at);
      return { kind: "relabel", value: inner, type, span: cover(inner.span, type.span) };
    }, value);
  }

  private signed(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const inner = this.node(node, "signed");
    if (inner !== undefined) {
      const here = this.spanOf(node, at);
      return { kind: "unary", operator: "-", operand: this.signed(inner, here), span: here };
    }
    return this.power(this.node(node, "power"), at);
  }

  private power(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const left = this.postfix(this.node(node, "postfix"), at);
    const exponent = this.node(node, "signed");
    if (exponent === undefined) return left;
    const right = this.signed(exponent, at);
    return { kind: "binary", operator: "^", left, right, span: cover(left.span, right.span) };
  }

  private postfix(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const suffixes = [...this.nodes(node, "arguments"), ...this.nodes(node, "member")].sort(
      (a, b) => this.spanOf(a, at).start - this.spanOf(b, at).start,
    );
    return suffixes.reduce(
      (object, suffix): ast.Expr => {
        const here = cover(object.span, this.spanOf(suffix, object.span));
        if (suffix.name === "member") {
          return { kind: "member", object, member: this.name(suffix, here), span: here };
        }
        const args = this.nodes(suffix, "argument").map((argument) =>
          this.argument(argument, here),
        );
        return { kind: "call", callee: object, args, span: here };
      },
      this.atom(this.node(node, "atom"), at),
    );
  }

  private argument(node: CstNode, at: Span): ast.Argument {
    const name = this.names(node)[0];
    const here = this.spanOf(node, at);
    const value = this.expression(this.node(node, "expression"), here);
    return { ...(name === undefined ? {} : { name }), value, span: here };
  }

  private atom(node: CstNode | undefined, at: Span): ast.Expr {
    if (node === undefined) return this.missing(at);
    const group = this.node(node, "group");
    if (group !== undefined) return this.group(group, at);
    const token = Object.values(node.children).flat().filter(isToken).find(isReal);
    if (token === undefined) return this.missing(at);
    const here = tokenSpan(this.file, token);
    const text = token.image;
    switch (token.tokenType.name) {
      case "IntLiteral":
        return { kind: "int", value: Number(text.replaceAll("_", "")), text, span: here };
      case "RealLiteral":
        return { kind: "real", value: Number(text.replaceAll("_", "")), text, span: here };
      case "True":
      case "False":
        return { kind: "bool", value: text === "true", span: here };
      default:
        return { kind: "name", name: text, span: here };
    }
  }

  private group(node: CstNode, at: Span): ast.Expr {
    const here = this.spanOf(node, at);
    const items = this.nodes(node, "expression").map((item) => this.expression(item, here));
    const only = items.length === 1 ? items[0] : undefined;
    return only ?? { kind: "tuple", items, span: here };
  }
}
