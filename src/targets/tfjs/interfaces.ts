/** The types of a step's networks and draws, and the domains that these are of. */

import { impossible } from "../../base/impossible.js";
import { writtenDomain } from "../../program/nameless.js";
import type { Draw } from "../../program/plan.js";
import { layout, object } from "./layout.js";
import { comment, type Module } from "./module.js";
import { keyOf } from "./names.js";
import type { Plans } from "./plans.js";

const networks = ({ model }: Module): string =>
  [
    comment(["The networks, by the names of the spec."]),
    "export interface Networks {",
    ...model.networks.map((n) => `  readonly ${n.name}: tf.LayersModel;`),
    "}",
  ].join("\n");

const propertyOf = (plans: Plans, { key }: Draw): string => {
  const draw = plans.all.flatMap((plan) => plan.draws).find((f) => f.key === key);
  return plans.property(draw ?? impossible(`nothing is drawn as ${key}`));
};

const draws = ({ model }: Module, plans: Plans): string => {
  const fields = plans.step.draws.flatMap((draw) => {
    const { shape = [], kind } = model.domains.find(({ name }) => name === draw.domain) ?? {};
    const others = (draw.joint ?? []).filter((key) => key !== draw.key);
    const together = others.length === 0 ? "" : `, together with ${others.join(" and ")}`;
    return [
      comment(
        kind === "scheduled"
          ? [`[n, ${shape.join(", ")}], the epoch's share for every sample`]
          : [`[n, ${shape.join(", ")}], drawn from ${writtenDomain(draw.domain)}${together}`],
        "  ",
      ),
      `  readonly ${propertyOf(plans, draw)}: tf.Tensor4D;`,
    ];
  });
  const shared = `every expectation of a ${plans.isPhased ? "run" : "step"} shares it.`;
  return [
    comment([`One draw of every domain: ${shared}`]),
    "export interface Draws {",
    ...fields,
    "}",
  ].join("\n");
};

const domains = (plans: Plans): string => {
  const { draws: drawn } = plans.step;
  const several = drawn.some(({ slot }) => slot > 0) ? ", and which of several it is" : "";
  const names = drawn.map(
    (draw) => `${keyOf(propertyOf(plans, draw))}: ${JSON.stringify(draw.key)}`,
  );
  return [
    comment([`The domain that each draw is of${several}.`]),
    `export const domains = ${layout(object(names), { column: 23 })} as const;`,
  ].join("\n");
};

export const interfaces = (module: Module, plans: Plans): readonly string[] => [
  networks(module),
  draws(module, plans),
  domains(plans),
];
