/** What pip's failures mean, in sentences. */
import { type Missing, missing } from "../tensorflow/missing.js";
import { lastWords, type Ran } from "../tensorflow/tools.js";

const GO_ON = "What has been downloaded stays: run the same command again.";

/** What pip's output shows, what that means, and what to do. */
const causes: readonly (readonly [shows: RegExp, reason: string, remedy: string])[] = [
  [
    /No space left on device|Errno 28|not enough space on the disk/i,
    "The disk is full.",
    `Free some space, or name another folder in the variable GANC_CACHE. ${GO_ON}`,
  ],
  [
    /DO NOT MATCH THE HASHES|hashes? .*mismatch/i,
    "The package index served another file than the one that ganc expects: its SHA-256 differs.",
    "Do not use it. Check which package index pip is configured for: python3 -m pip config list",
  ],
  [
    /NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ReadTimeout|timed out|Connection (?:refused|reset|aborted|broken)|ProxyError|SSLError|Network is unreachable|IncompleteRead/i,
    "It does not reach its package index: the network is down, or its index, proxy or certificates are wrong.",
    `python3 -m pip config list shows what it asks. ${GO_ON}`,
  ],
  [
    /No matching distribution found/i,
    "The package index has no file for this machine and this Python.",
    "Check which package index pip is configured for: python3 -m pip config list",
  ],
];

/** Explains a failure of pip; `doing` completes "pip could not". */
export const pipFailure = (ran: Ran, doing: string): Missing => {
  const said = `${ran.stderr}\n${ran.stdout}`;
  const known = causes.find(([shows]) => shows.test(said));
  const cause = known === undefined ? "" : ` ${known[1]}`;
  const reason = `pip could not ${doing}.${cause} It said:\n${lastWords(ran)}`;
  return missing(reason, known?.[2] ?? GO_ON);
};
