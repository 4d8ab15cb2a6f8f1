import { describe, type TrainingError } from "../../training/files/errors.js";
import { complain, type Terminal } from "./terminal.js";

/** An error of a run; the compiler's diagnostics are finished reports, which say of themselves that they are errors. */
export const reportFailure = (terminal: Terminal, error: TrainingError): void => {
  if (error.kind === "spec") terminal.err.write(`${describe(error)}\n`);
  else complain(terminal, describe(error));
};
