/**
 * Pictures in a terminal: by kitty's graphics protocol, by iTerm2's inline images, or as sixels.
 */

export const pictureWays = ["auto", "kitty", "iterm", "sixel", "none"] as const;
export type PictureWay = (typeof pictureWays)[number];
export type Protocol = Exclude<PictureWay, "auto" | "none">;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the protocol that the terminal supports according to its environment; undefined if
 * unknown. Terminal multiplexers do not pass pictures on unless configured to.
 */
export const protocolOf = (env: Environment): Protocol | undefined => {
  const { TERM = "", TERM_PROGRAM = "", LC_TERMINAL, KITTY_WINDOW_ID, KONSOLE_VERSION } = env;
  if (env.TMUX || env.STY || /^(?:screen|tmux|dumb)/.test(TERM)) return undefined;
  if (TERM_PROGRAM === "iTerm.app" || LC_TERMINAL === "iTerm2") return "iterm";
  if (["WezTerm", "mintty", "rio"].includes(TERM_PROGRAM)) return "iterm";
  if (KITTY_WINDOW_ID || KONSOLE_VERSION || TERM_PROGRAM === "ghostty") return "kitty";
  if (/kitty|ghostty/.test(TERM)) return "kitty";
  return /^(?:foot|mlterm|yaft|contour)|sixel/.test(TERM) ? "sixel" : undefined;
};

/** Returns the requested protocol; for `auto`, that of the environment. */
export const chosenProtocol = (way: PictureWay, env: Environment): Protocol | undefined => {
  if (way === "none") return undefined;
  return way === "auto" ? protocolOf(env) : way;
};

export interface TerminalPicture {
  readonly png: Uint8Array;
  /** Four bytes a pixel. */
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Most characters of a chunk for kitty. */
const kittyChunk = 4096;

/**
 * Writes a picture by https://sw.kovidgoyal.net/kitty/graphics-protocol: transmit and show, without
 * an answer.
 */
const kitty = ({ png }: TerminalPicture): string => {
  const data = base64(png);
  const chunks = Array.from({ length: Math.ceil(data.length / kittyChunk) }, (_, i) =>
    data.slice(i * kittyChunk, (i + 1) * kittyChunk),
  );
  return chunks
    .map((chunk, i) => {
      const first = i === 0 ? "a=T,f=100,q=2," : "";
      return `\u001b_G${first}m=${i === chunks.length - 1 ? 0 : 1};${chunk}\u001b\\`;
    })
    .join("");
};

/** Writes a picture by https://iterm2.com/documentation-images.html */
const iterm = ({ png, width, height }: TerminalPicture): string =>
  `\u001b]1337;File=inline=1;size=${png.length};width=${width}px;height=${height}px:${base64(png)}\u0007`;

const sixels = async ({ rgba, width, height }: TerminalPicture): Promise<string> => {
  const { image2sixel } = await import("sixel");
  return image2sixel(rgba, width, height, 256);
};

/**
 * Returns the escape sequence for a picture in that protocol. A terminal that supports it shows no
 * text.
 */
export const pictureText = async (
  protocol: Protocol,
  picture: TerminalPicture,
): Promise<string> => {
  switch (protocol) {
    case "kitty":
      return kitty(picture);
    case "iterm":
      return iterm(picture);
    case "sixel":
      return sixels(picture);
  }
};
