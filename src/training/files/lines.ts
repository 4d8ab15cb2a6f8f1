/**
 * Reads the lines of a text file of any length one by one: a log may be longer than a string can
 * be.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { openRegular, readingFault } from "../../data/files/regular-file.js";

export interface Line {
  /** Text without its line break; empty if the line is too long. */
  readonly text: string;
  /** Byte offsets in the file; `end` includes the line break. */
  readonly begin: number;
  readonly end: number;
  /** Whether it has a line break; the last line of a file may not. */
  readonly isWhole: boolean;
}

const chunkBytes = 2 ** 20;

/** Most bytes of a line; a longer one is damage. */
const longest = 2 ** 24;

const lineFeed = 10;

/**
 * Calls `each` with every line and returns the size of the file in bytes. The left side completes a
 * sentence that begins with the file's name.
 */
export const readLines = async (
  path: string,
  each: (line: Line) => void,
): Promise<Either<string, number>> => {
  const opened = await openRegular(path);
  if (isLeft(opened)) return opened;
  const { handle } = opened.right;
  const chunk = Buffer.alloc(chunkBytes);
  let begun: Buffer[] = [];
  let [begin, at] = [0, 0];
  const give = (last: Buffer, end: number, isWhole: boolean): void => {
    const isShort = end - begin <= longest;
    const text = isShort ? Buffer.concat([...begun, last]).toString("utf8") : "";
    each({ text, begin, end, isWhole });
    begun = [];
    begin = end;
  };
  try {
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at);
      if (bytesRead === 0) break;
      const read = chunk.subarray(0, bytesRead);
      let from = 0;
      for (let to = read.indexOf(lineFeed); to >= 0; to = read.indexOf(lineFeed, from)) {
        give(read.subarray(from, to), at + to + 1, true);
        from = to + 1;
      }
      at += bytesRead;
      // The rest of a line that is too long is dropped.
      if (at - begin <= longest) begun.push(Buffer.from(read.subarray(from)));
      else begun = [];
    }
    if (at > begin) give(Buffer.alloc(0), at, false);
    return right(at);
  } catch (thrown) {
    return left(readingFault(thrown));
  } finally {
    await handle.close().catch(() => undefined);
  }
};
