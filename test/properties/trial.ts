/**
 * How random specs are counted, seeded and told of: `GANC_RANDOM=2000` tries more, `GANC_SEED=7`
 * others, `GANC_ONLY=12` one.
 */

export const seed = Number(process.env.GANC_SEED ?? 20170330);

/** Of a test's time, in ms: whoever asks for thousands waits for them. */
export const limit = 3_600_000;

const only = process.env.GANC_ONLY;

/**
 * The numbers of the specs to try: the first `usual` ones, or as many of `GANC_RANDOM` as this
 * test's share.
 */
export const trials = (usual: number, share = 1): readonly number[] => {
  if (only !== undefined) return [Number(only)];
  const wanted = process.env.GANC_RANDOM;
  const count = wanted === undefined ? usual : Math.ceil(Number(wanted) * share);
  return Array.from({ length: count }, (_, i) => i);
};

/** Says of a failure which spec it was. */
export const told = (index: number, text: string, problem: string): string =>
  `${problem}\n\nGANC_SEED=${seed} GANC_ONLY=${index}:\n\n${text}\n`;

/** @throws Error that tells of the spec, where there are problems */
export const holds = (index: number, text: string, problems: readonly string[]): void => {
  if (problems.length > 0) throw new Error(told(index, text, problems.join("\n")));
};

/** What throws tells of the spec too. */
export const within = async <A>(index: number, text: string, act: () => Promise<A>): Promise<A> => {
  try {
    return await act();
  } catch (error) {
    throw new Error(told(index, text, String(error)), { cause: error });
  }
};
