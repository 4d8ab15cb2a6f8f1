/** What holds of the front end's answer, whatever the text. */
import type { Span } from "../../src/base/source.js";
import { analyse } from "../../src/compiler/frontend.js";
import { applyEdits, type Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { asJson, asWorkflowCommands } from "../../src/diagnostics/machine.js";
import { renderDiagnostics } from "../../src/diagnostics/render.js";
import type { Sources } from "../../src/names/source-set.js";
import { sources } from "../support/specs.js";

/** Beside the project's specs, so that imports lead there. */
const entry = "specs/fuzz.gan";

const placesOf = ({ span, labels, fix }: Diagnostic): readonly Span[] => [
  span,
  ...labels.map((label) => label.span),
  ...(fix?.edits ?? []).map((edit) => edit.span),
];

const checkPlaces = (diagnostic: Diagnostic, read: Sources["read"]): void => {
  for (const { file, start, end } of placesOf(diagnostic)) {
    const length = read(file)?.length ?? 0;
    if (!(start >= 0 && start <= end && end <= length))
      throw new Error(
        `${diagnostic.code} lies at ${start} to ${end} of ${file}, which has ${length} characters`,
      );
  }
};

/**
 * The errors that a text gives; none where there is a model.
 * @throws Error where the answer is none, lies outside of its file or cannot be shown; what the
 *   front end throws
 */
export const errorsOf = (text: string): readonly Diagnostic[] => {
  const { read, libraries } = sources({ [entry]: text });
  const { diagnostics, result } = analyse(entry, { read, libraries });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if ((result === undefined) !== errors.length > 0)
    throw new Error(`${errors.length} errors, and ${result === undefined ? "no" : "a"} model`);
  for (const one of diagnostics) {
    checkPlaces(one, read);
    for (const edit of [one.fix, one.suggestion]) applyEdits(entry, text, edit?.edits ?? []);
  }
  renderDiagnostics(diagnostics, { colour: false, textOf: read });
  asJson(diagnostics, read);
  asWorkflowCommands(diagnostics, read);
  return errors;
};
