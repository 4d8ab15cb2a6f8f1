/** Numbers as messages write them. */

const names = ["million", "billion", "trillion"] as const;

/** `64 billion`; beyond trillions `10^18`. */
export const inWords = (count: number): string => {
  if (count < 1e6) return String(count);
  if (count >= 1e15) return `10^${Math.floor(Math.log10(count))}`;
  const power = Math.floor(Math.log10(count) / 3);
  return `${Number((count / 1000 ** power).toPrecision(3))} ${names[power - 2]}`;
};
