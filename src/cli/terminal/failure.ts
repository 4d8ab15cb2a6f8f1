import { describe, type TrainingError } from "../../training/files/errors.js";
import { complain, type Terminal } from "./terminal.js";

/**
 * Reports an error of a run. The compiler's diagnostics are complete reports that already say that
 * they are errors.
 */
export const reportFailure = (terminal: Terminal, error: TrainingError): void => {
  if (error.kind === "spec") terminal.err.write(`${describe(error)}\n`);
  else complain(terminal, describe(error));
};
