/** Schedules of params that stand in no objective. */
import { domainsIn } from "../values/domains.js";
import { isShare } from "../values/moving.js";
import type { GameLook, Lint } from "./lint.js";

/** An importing file may leave out what an imported recipe has a schedule for. */
const checkSchedules = ({ entry, game, train, report }: GameLook): void => {
  const drawn = game.players.flatMap(({ objective }) => domainsIn(objective));
  // A share's place is the name in the brackets.
  const moved = new Set(drawn.filter(isShare).map(({ span: { start } }) => start));
  for (const field of new Set(train.values())) {
    if (field.name.text !== "schedule" || field.span.file !== entry) continue;
    for (const { text, span } of field.networks ?? [])
      if (!moved.has(span.start))
        report("GAN602", span, `no objective depends on \`${text}\`: this does nothing`);
  }
};

export const idleSchedules: Lint = {
  name: "idle-schedules",
  codes: ["GAN602"],
  unlessErrorsIn: "spec",
  game: checkSchedules,
};
