/** What a spec may say and this target cannot write: a diagnostic instead of code that would be wrong. */
import type { Span } from "../../base/source.js";
import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.js";

export class Refusal extends Error {
  readonly diagnostic: Diagnostic;

  constructor(span: Span, what: string) {
    super(`${what} cannot be compiled yet`);
    this.diagnostic = diagnostic("GAN510", span, this.message);
  }
}

/** @throws Refusal */
export const refuse = (span: Span, what: string): never => {
  throw new Refusal(span, what);
};
