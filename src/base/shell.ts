/** Words of a shell. */

/** Quotes a word for a POSIX shell, where it needs quotes. */
export const quote = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
