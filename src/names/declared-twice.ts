/** Names that are declared more than once. */
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import type { Definition } from "./scope.js";

export const declaredTwice = (name: ast.Name, first: Definition): Diagnostic =>
  diagnostic("GAN202", name.span, `\`${name.text}\` is declared twice`, {
    labels:
      first.kind === "builtin"
        ? []
        : [{ span: first.span, text: `\`${name.text}\` is declared here first` }],
    notes: [
      "Every name of a spec, imported ones included, means one thing: give one of them another name.",
    ],
  });
