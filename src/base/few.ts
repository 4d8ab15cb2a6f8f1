/** Lists of names in messages, which stay readable however many there are. */

/** More than a person looks through. */
const mostListed = 24;

/** "G, F, D": all of them, or the first and how many more there are. */
export const few = (names: readonly string[], most = mostListed): string =>
  names.length <= most
    ? names.join(", ")
    : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
