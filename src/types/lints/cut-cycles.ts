/** Cycles that are cut: the first half is free to do anything that the second undoes. */
import { listed, trains } from "../game/judges.js";
import { type Net, sameDomain } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { children, type Term } from "../values/term.js";
import type { GameLook, Lint } from "./lint.js";

/** A way from a draw through networks back to its own domain. */
interface Cycle {
  readonly term: Term;
  readonly nets: readonly Net[];
  /** Networks below a cut, which no gradient of the cycle reaches. */
  readonly cut: readonly Net[];
}

const cyclesIn = (term: Term): readonly Cycle[] => {
  const below = children(term).flatMap(cyclesIn);
  if (term.kind !== "apply") return below;
  const [nets, cut]: [Net[], Net[]] = [[], []];
  let isCut = false;
  let inner: Term = term;
  while (inner.kind === "apply" || inner.kind === "replay") {
    if (inner.kind === "replay") {
      isCut = true;
      inner = inner.input;
      continue;
    }
    (isCut ? cut : nets).push(inner.net);
    const [only, ...others]: readonly Term[] = inner.inputs;
    if (only === undefined || others.length > 0) return below;
    inner = only;
  }
  const returns = inner.kind === "draw" && sameDomain(term.net.to, inner.domain);
  return returns ? [{ term, nets, cut }, ...below] : below;
};

/** A cycle whose first half is cut off trains the second to undo what the first is free to do. */
const checkCuts = (player: Player, { report }: GameLook): void => {
  const cycles = cyclesIn(player.objective);
  for (const { term, nets, cut } of cycles) {
    const untrained = cut.filter((net) => trains(player, net));
    const whole = cycles.some(
      (other) =>
        other.cut.length === 0 &&
        untrained.every((net) => other.nets.some((n) => n.name === net.name)),
    );
    if (untrained.length === 0 || whole) continue;
    report(
      "GAN601",
      term.span,
      `this cycle trains ${listed(nets)}, and ${listed(untrained)} not: no gradient gets there`,
      {
        labels: [{ span: player.span, text: "this player trains both" }],
        notes: ["`replay` and `stop` let no gradient through; in a cycle they have no place."],
      },
    );
  }
};

export const cutCycles: Lint = { name: "cut-cycles", codes: ["GAN601"], player: checkCuts };
