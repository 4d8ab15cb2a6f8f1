/**
 * Games that nobody plays against, and judges that draw the scores of real and of made values
 * alike.
 */
import type { Label } from "../../diagnostics/diagnostic.js";
import { type Contest, contestsOf, type Drawn, isUnopposed, without } from "../game/contests.js";
import type { Sight } from "../game/judges.js";
import type { Pull } from "../ranges/pulls.js";
import type { Term } from "../values/term.js";
import { endless } from "./endless.js";
import type { GameLook, Lint, Report } from "./lint.js";

const isAlike = ({ made, real }: Contest): boolean =>
  made.every(({ reach }) => real.every((other) => other.reach === reach));

/** `D(G(x))`, by the names of the networks: those of a loss's own formals say less. */
const written = (term: Term): string => {
  switch (term.kind) {
    case "apply":
      return `${term.net.name}(${term.inputs.map(written).join(", ")})`;
    case "draw":
      return term.name;
    case "replay":
    case "relabel":
      return written(term.input);
    default:
      return "…";
  }
};

const rounded = (pull: Pull): string => String(Number(pull.toPrecision(3)));

const does = (pull: Pull, what: string, plural = false): string => {
  const s = plural ? "" : "s";
  if (pull === Infinity) return `raise${s} ${what}`;
  return pull === -Infinity ? `lower${s} ${what}` : `draw${s} ${what} towards ${rounded(pull)}`;
};

const isSame = (a: Sight, b: Sight): boolean =>
  a.application.span.file === b.application.span.file &&
  a.application.span.start === b.application.span.start;

const labelOf = ({ application }: Sight, text: string): Label => ({ span: application.span, text });

/** How the maker's player would play. */
const remedy = (
  { maker, judge, isLone }: Contest,
  asked: Drawn,
  end: Drawn,
  other: Drawn,
): string => {
  if (isLone)
    return `One player trains both; \`${maker}\` needs one of its own, against \`${judge}\`.`;
  const way = other.reach > end.reach ? Infinity : -Infinity;
  const pull = Number.isFinite(asked.pull) ? other.pull : way;
  const score = `\`${written(asked.application)}\``;
  return `\`${maker}\` learns to look made. It plays against \`${judge}\` where it ${does(pull, score)}.`;
};

/** @param further those of the same player of which the same holds */
const reportUnopposed = (contest: Contest, further: readonly Contest[], report: Report): void => {
  const { judge, maker, player, made, real, isLone } = contest;
  const asked = contest.asked[0] as Drawn;
  const end = without(made, real)[0] ?? (made[0] as Drawn);
  const other = real.find(({ reach }) => reach !== end.reach) as Drawn;
  const score = `\`${written(asked.application)}\``;
  const both = ({ pull }: Drawn): string => `both ${does(pull, "this", true)}`;
  const places = isSame(asked, end)
    ? [labelOf(asked, both(asked))]
    : [
        labelOf(asked, isLone ? both(asked) : `\`${maker}\` ${does(asked.pull, "this")}`),
        labelOf(end, isLone ? both(end) : `\`${judge}\` ${does(end.pull, "this")}`),
      ];
  const others = further.map((one) => `\`${one.maker}\` and \`${one.judge}\``);
  report(
    "GAN612",
    player.span,
    isLone || asked.reach === end.reach
      ? `\`${maker}\` and \`${judge}\` both ${does(asked.pull, score, true)}: nobody plays against`
      : `\`${maker}\` ${does(asked.pull, score)}, away from what \`${judge}\` takes for real`,
    {
      labels: [
        ...places,
        labelOf(other, `\`${judge}\` ${does(other.pull, "this")}, which is real`),
      ],
      notes: [
        remedy(contest, asked, end, other),
        ...(others.length > 0 ? [`It is the same with ${others.join(", ")}.`] : []),
      ],
    },
  );
};

const reportAlike = ({ judge, made, real }: Contest, report: Report): void => {
  const [first, other] = [made[0] as Drawn, real[0] as Drawn];
  report(
    "GAN614",
    first.player.span,
    `\`${judge}\` ${does(first.pull, "its scores")}, of real and of made values alike`,
    {
      about: judge,
      labels: [
        labelOf(other, "this is of what is real"),
        labelOf(first, "this is of what is made"),
      ],
      notes: ["It learns to answer the same to everything. Let it draw the two apart."],
    },
  );
};

const checkContests = ({ game, report }: GameLook): void => {
  const contests = game.standpoints.flatMap((one) => contestsOf(one, game.players));
  const unopposed = contests.filter(isUnopposed);
  for (const player of new Set(unopposed.map((contest) => contest.player))) {
    const [first, ...others] = unopposed.filter((contest) => contest.player === player);
    if (first !== undefined) reportUnopposed(first, others, report);
  }
  for (const contest of contests)
    if (!contest.isLone && isAlike(contest)) reportAlike(contest, report);
};

export const unopposed: Lint = {
  name: "unopposed",
  codes: ["GAN612", "GAN614"],
  supersedes: [{ lint: endless, at: "place" }],
  // Of a term that is in error nobody knows where it draws what.
  unlessErrorsIn: "game",
  game: checkContests,
};
