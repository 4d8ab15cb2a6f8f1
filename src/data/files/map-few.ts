/** Maps all elements with at most `atOnce` calls of `make` in flight, and keeps their order. */
export const mapFew = async <A, B>(
  all: readonly A[],
  atOnce: number,
  make: (one: A) => Promise<B>,
): Promise<B[]> => {
  const made: B[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < all.length; i = next++) made[i] = await make(all[i] as A);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work));
  return made;
};
