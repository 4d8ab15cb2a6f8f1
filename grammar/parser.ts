/**
 * The grammar of `.gan` as a chevrotain parser with recovery: text to concrete syntax tree. A rule
 * here is a rule of the EBNF, which is made from it.
 */
import type { CstNode, TokenType } from "chevrotain";
import { CstParser } from "./chevrotain.js";
import { messages } from "./messages.js";
import * as t from "./tokens.js";

export class GanParser extends CstParser {
  /** Reads each declaration of the file as soon as it is parsed. */
  take: (declaration: CstNode) => void = () => undefined;

  constructor() {
    super(t.allTokens, {
      recoveryEnabled: true,
      maxLookahead: 2,
      errorMessageProvider: messages,
      nodeLocationTracking: "none",
    });
    this.performSelfAnalysis();
  }

  spec = this.RULE("spec", () => {
    this.MANY(() => {
      const declaration = this.SUBRULE(this.declaration);
      this.ACTION(() => this.take(declaration));
    });
  });

  declaration = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.param) },
      { ALT: () => this.SUBRULE(this.domain) },
      { ALT: () => this.SUBRULE(this.definition) },
      { ALT: () => this.SUBRULE(this.net) },
      { ALT: () => this.SUBRULE(this.loss) },
      { ALT: () => this.SUBRULE(this.objective) },
      { ALT: () => this.SUBRULE(this.assertion) },
      { ALT: () => this.SUBRULE(this.importation) },
      { ALT: () => this.SUBRULE(this.module) },
      { ALT: () => this.SUBRULE(this.solve) },
      { ALT: () => this.SUBRULE(this.train) },
    ]);
  });

  param = this.RULE("param", () => {
    this.CONSUME(t.ParamWord);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression, { LABEL: "value" });
    this.OPTION2(() => {
      this.CONSUME(t.WhereWord);
      this.SUBRULE2(this.expression, { LABEL: "where" });
    });
  });

  domain = this.RULE("domain", () => {
    this.CONSUME(t.DomainWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  definition = this.RULE("definition", () => {
    this.CONSUME(t.LetWord);
    this.SUBRULE(this.binding);
  });

  binding = this.RULE("binding", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.LeftParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.formal) });
      this.CONSUME(t.RightParen);
    });
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  /** `min G : a -> b`: the loss is for G to lower. */
  formal = this.RULE("formal", () => {
    this.OPTION3(() =>
      this.OR([{ ALT: () => this.CONSUME(t.MinWord) }, { ALT: () => this.CONSUME(t.MaxWord) }]),
    );
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.OPTION2(() => {
      this.CONSUME(t.Assign);
      this.SUBRULE(this.expression);
    });
  });

  net = this.RULE("net", () => {
    this.OPTION(() => this.CONSUME(t.FrozenWord));
    this.CONSUME(t.NetWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
    this.OPTION2(() => {
      this.CONSUME(t.FromWord);
      this.CONSUME(t.StringLiteral);
    });
  });

  loss = this.RULE("loss", () => {
    this.CONSUME(t.LossWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.formal) });
    this.CONSUME(t.RightParen);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  objective = this.RULE("objective", () => {
    this.CONSUME(t.ObjectiveWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  assertion = this.RULE("assertion", () => {
    this.CONSUME(t.ExpectWord);
    this.SUBRULE(this.expression);
  });

  importation = this.RULE("importation", () => {
    this.CONSUME(t.ImportWord);
    this.OR([
      { ALT: () => this.CONSUME(t.StringLiteral) },
      {
        ALT: () => this.AT_LEAST_ONE_SEP({ SEP: t.Dot, DEF: () => this.CONSUME(t.Identifier) }),
      },
    ]);
    this.OPTION(() => this.SUBRULE(this.importedNames));
  });

  importedNames = this.RULE("importedNames", () => {
    this.CONSUME(t.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
    this.CONSUME(t.RightParen);
  });

  module = this.RULE("module", () => {
    this.CONSUME(t.ModuleWord);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.declaration));
    this.CONSUME(t.RightBrace);
  });

  solve = this.RULE("solve", () => {
    this.CONSUME(t.SolveWord);
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.ThenWord, DEF: () => this.SUBRULE(this.phase) });
    this.CONSUME(t.RightBrace);
  });

  phase = this.RULE("phase", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.RepeatWord);
          this.SUBRULE(this.postfix, { LABEL: "times" });
          this.CONSUME(t.LeftBrace);
          this.AT_LEAST_ONE(() => this.SUBRULE(this.clause));
          this.CONSUME(t.RightBrace);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.EveryWord);
          this.SUBRULE2(this.postfix, { LABEL: "every" });
          this.CONSUME2(t.LeftBrace);
          this.AT_LEAST_ONE2(() => this.SUBRULE2(this.clause));
          this.CONSUME2(t.RightBrace);
        },
      },
      { ALT: () => this.AT_LEAST_ONE3(() => this.SUBRULE3(this.clause)) },
    ]);
  });

  clause = this.RULE("clause", () => {
    this.AT_LEAST_ONE(() => this.SUBRULE(this.quantifier));
    this.SUBRULE(this.expression);
  });

  quantifier = this.RULE("quantifier", () => {
    this.OR([{ ALT: () => this.CONSUME(t.MinWord) }, { ALT: () => this.CONSUME(t.MaxWord) }]);
    this.CONSUME(t.LeftBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
    this.CONSUME(t.RightBracket);
  });

  train = this.RULE("train", () => {
    this.CONSUME(t.TrainWord);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.field));
    this.CONSUME(t.RightBrace);
  });

  field = this.RULE("field", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.fieldNetworks, { LABEL: "networks" }));
    this.CONSUME(t.Colon);
    this.SUBRULE(this.expression);
  });

  /** The networks that a field is about; all of them without. */
  fieldNetworks = this.RULE("fieldNetworks", () => {
    this.CONSUME(t.LeftBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
    this.CONSUME(t.RightBracket);
  });

  type = this.RULE("type", () => {
    this.SUBRULE(this.simpleType, { LABEL: "from" });
    this.OPTION(() => {
      this.CONSUME(t.Arrow);
      this.SUBRULE2(this.simpleType, { LABEL: "to" });
    });
  });

  simpleType = this.RULE("simpleType", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Identifier) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.type) });
          this.CONSUME(t.RightParen);
        },
      },
    ]);
  });

  expression = this.RULE("expression", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LetWord);
          this.SUBRULE(this.binding);
          this.CONSUME(t.InWord);
          this.SUBRULE(this.expression, { LABEL: "body" });
        },
      },
      {
        ALT: () => {
          this.SUBRULE(this.disjunction, { LABEL: "head" });
          this.OPTION(() => {
            this.CONSUME(t.FatArrow);
            this.SUBRULE2(this.expression, { LABEL: "body" });
          });
        },
      },
    ]);
  });

  disjunction = this.RULE("disjunction", () => {
    this.SUBRULE(this.conjunction, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.OrWord, { LABEL: "operator" });
      this.SUBRULE2(this.conjunction, { LABEL: "operand" });
    });
  });

  conjunction = this.RULE("conjunction", () => {
    this.SUBRULE(this.negation, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.AndWord, { LABEL: "operator" });
      this.SUBRULE2(this.negation, { LABEL: "operand" });
    });
  });

  negation = this.RULE("negation", () => {
    this.MANY(() => this.CONSUME(t.NotWord));
    this.SUBRULE(this.comparison);
  });

  comparison = this.RULE("comparison", () => {
    this.SUBRULE(this.pipeline, { LABEL: "operand" });
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Equal, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Unequal, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.AtMost, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.AtLeast, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Less, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Greater, { LABEL: "operator" }) },
      ]);
      this.SUBRULE2(this.pipeline, { LABEL: "operand" });
    });
  });

  pipeline = this.RULE("pipeline", () => {
    this.SUBRULE(this.sum, { LABEL: "operand" });
    this.MANY(() => {
      this.CONSUME(t.Compose, { LABEL: "operator" });
      this.SUBRULE2(this.sum, { LABEL: "operand" });
    });
  });

  sum = this.RULE("sum", () => {
    this.SUBRULE(this.product, { LABEL: "operand" });
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Plus, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Minus, { LABEL: "operator" }) },
      ]);
      this.SUBRULE2(this.product, { LABEL: "operand" });
    });
  });

  product = this.RULE("product", () => {
    this.SUBRULE(this.factor, { LABEL: "operand" });
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Times, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.FloorDivide, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Divide, { LABEL: "operator" }) },
        { ALT: () => this.CONSUME(t.Modulo, { LABEL: "operator" }) },
      ]);
      this.SUBRULE2(this.factor, { LABEL: "operand" });
    });
  });

  factor = this.RULE("factor", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.expectation) },
      { ALT: () => this.SUBRULE(this.negatedExpectation) },
      { ALT: () => this.SUBRULE(this.relabelled) },
    ]);
  });

  negatedExpectation = this.RULE("negatedExpectation", () => {
    this.CONSUME(t.Minus);
    this.SUBRULE(this.expectation);
  });

  expectation = this.RULE("expectation", () => {
    this.CONSUME(t.Expectation);
    this.CONSUME(t.LeftBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.binder) });
    this.CONSUME(t.RightBracket);
    this.SUBRULE(this.product);
  });

  binder = this.RULE("binder", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Identifier) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME2(t.Identifier) });
          this.CONSUME(t.RightParen);
        },
      },
    ]);
    this.CONSUME(t.Tilde);
    this.SUBRULE(this.postfix);
  });

  relabelled = this.RULE("relabelled", () => {
    this.SUBRULE(this.signed);
    this.MANY(() => {
      this.CONSUME(t.AsWord);
      this.SUBRULE(this.simpleType);
    });
  });

  signed = this.RULE("signed", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Minus);
          this.SUBRULE(this.signed);
        },
      },
      { ALT: () => this.SUBRULE(this.power) },
    ]);
  });

  power = this.RULE("power", () => {
    this.SUBRULE(this.postfix);
    this.OPTION(() => {
      this.CONSUME(t.Power);
      this.SUBRULE(this.signed);
    });
  });

  postfix = this.RULE("postfix", () => {
    this.SUBRULE(this.atom);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.arguments) },
        { ALT: () => this.SUBRULE(this.member) },
      ]);
    });
  });

  arguments = this.RULE("arguments", () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.argument) });
    this.CONSUME(t.RightParen);
  });

  argument = this.RULE("argument", () => {
    this.OPTION(() => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.expression);
  });

  member = this.RULE("member", () => {
    this.CONSUME(t.Dot);
    this.CONSUME(t.Identifier);
  });

  atom = this.RULE("atom", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.IntLiteral) },
      { ALT: () => this.CONSUME(t.RealLiteral) },
      { ALT: () => this.CONSUME(t.TrueWord) },
      { ALT: () => this.CONSUME(t.FalseWord) },
      { ALT: () => this.CONSUME(t.Identifier) },
      { ALT: () => this.SUBRULE(this.group) },
    ]);
  });

  /** Brackets round one expression, or the product of several. */
  group = this.RULE("group", () => {
    this.CONSUME(t.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(t.RightParen);
  });

  /**
   * Recovery may invent a closing bracket or a separator, never a name or a number: those carry
   * meaning.
   */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    const invented = [t.RightParen, t.RightBrace, t.RightBracket, t.Comma, t.Colon, t.Assign];
    return invented.includes(type);
  }
}
