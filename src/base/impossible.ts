/** For states that earlier stages of the compiler rule out: reaching one is a defect of ganc. */
export const impossible = (what: string): never => {
  throw new Error(`internal error of ganc: ${what}`);
};
