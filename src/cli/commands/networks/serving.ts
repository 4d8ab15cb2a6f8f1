/**
 * A small server for one page and one user. It listens only on this machine, and answers only its
 * own page, not requests that another site's page may send here.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";

export interface Answer {
  /** A PNG file. */
  readonly png: Uint8Array;
  /** A remark for the user. */
  readonly words?: string | undefined;
}

export interface Served {
  /** Writes the page with the token that its script sends. */
  readonly page: (token: string) => string;
  /** Translates an encoded picture. The left side says in words for the user why it cannot. */
  readonly translate: (bytes: Buffer, only: number) => Promise<Either<string, Answer>>;
  /** Most bytes of a picture. */
  readonly mostBytes: number;
}

export interface Listening {
  readonly address: string;
  close(): Promise<void>;
}

const host = "127.0.0.1";

const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy":
    "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
): void => {
  response.writeHead(status, { ...headers, "content-type": type });
  response.end(body);
};

const refuse = (response: ServerResponse, status: number, words: string): void =>
  send(response, status, "text/plain; charset=utf-8", words);

/**
 * Reads the whole body. Undefined if it is longer than allowed, or declares to be; then the rest is
 * not read.
 */
const bodyOf = async (request: IncomingMessage, most: number): Promise<Buffer | undefined> => {
  if (Number(request.headers["content-length"] ?? 0) > most) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/**
 * Tells whether the page itself sent a request, by its host, its origin, and the token of this
 * server.
 */
const isOwn = (
  { headers: sent }: IncomingMessage,
  port: number,
  token: string | undefined,
): boolean => {
  const hosts = [`${host}:${port}`, `localhost:${port}`];
  const { origin } = sent;
  return (
    hosts.includes(sent.host ?? "") &&
    (origin === undefined || hosts.some((one) => origin === `http://${one}`)) &&
    (token === undefined || sent["x-ganc"] === token)
  );
};

class Serving {
  private readonly token = randomBytes(24).toString("hex");
  /** Queue that translates one picture after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly served: Served) {}

  private queued<A>(work: () => Promise<A>): Promise<A> {
    const next = this.last.then(work, work);
    this.last = next.catch(() => undefined);
    return next;
  }

  private async translate(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const { mostBytes, translate } = this.served;
    const body = await bodyOf(request, mostBytes);
    if (body === undefined) {
      response.setHeader("connection", "close");
      refuse(response, 413, `The file is larger than ${mostBytes / 2 ** 20} MiB.`);
      return;
    }
    const only = Number(url.searchParams.get("class") ?? 0);
    if (!Number.isSafeInteger(only) || only < 0)
      return refuse(response, 400, "There is no such class.");
    const made = await this.queued(() => translate(body, only));
    if (isLeft(made)) refuse(response, 422, made.left);
    else {
      const { png, words } = made.right;
      if (words !== undefined) response.setHeader("x-ganc-words", encodeURIComponent(words));
      send(response, 200, "image/png", png);
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    const url = URL.canParse(request.url ?? "", `http://${host}`)
      ? new URL(request.url ?? "", `http://${host}`)
      : undefined;
    const { method } = request;
    if (!isOwn(request, port, method === "POST" ? this.token : undefined))
      return refuse(response, 403, "Another page sent this request.");
    if (method === "GET" && url?.pathname === "/")
      return send(response, 200, "text/html; charset=utf-8", this.served.page(this.token));
    if (method === "POST" && url?.pathname === "/translate")
      return this.translate(request, response, url);
    refuse(response, 404, "There is nothing here.");
  }
}

const listen = (server: Server, port: number): Promise<Either<string, number>> =>
  new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve(
        left(
          error.code === "EADDRINUSE"
            ? `port ${port} is in use: leave out --port to take a free one`
            : error.message,
        ),
      ),
    );
    server.listen(port, host, () => resolve(right((server.address() as AddressInfo).port)));
  });

/** Listens on `port`, or on a free one if it is 0. The left side says why it cannot. */
export const serve = async (served: Served, port = 0): Promise<Either<string, Listening>> => {
  const serving = new Serving(served);
  let own = port;
  const server = createServer({ requestTimeout: 120_000 }, (request, response) => {
    serving.answer(request, response, own).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "ganc failed here.");
    });
  });
  const listening = await listen(server, port);
  if (isLeft(listening)) return listening;
  own = listening.right;
  return right({
    address: `http://${host}:${own}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
};
