/** Numbers that move from epoch to epoch, as losses see them. */
import type * as ast from "../../syntax/ast.js";
import type { DomainType } from "./domain-type.js";
import type { Term } from "./term.js";

/** The shares that a param goes through: ganc draws that of the epoch at hand for each sample. */
export type Share = Extract<DomainType, { kind: "domain" }>;

/**
 * Returns a scheduled param where it stands in a loss: the expectation of its value times a share
 * that is the same for all samples.
 *
 * @param expr the param's name as it is used
 * @param depth number of expectations around it
 */
export const movingNumber = (
  domain: Share,
  expr: ast.Expr,
  value: number | undefined,
  depth: number,
): Term => {
  const { span } = expr;
  const draw: Term = {
    kind: "draw",
    name: domain.name,
    domain,
    slot: 0,
    depth,
    type: { kind: "sample", domain, shape: domain.shape },
    span,
  };
  const constant: Term = { kind: "constant", expr, value, type: { kind: "loss" }, span };
  const body: Term = {
    kind: "arithmetic",
    operator: "*",
    left: constant,
    right: draw,
    type: { kind: "tensor", shape: domain.shape },
    span,
  };
  return { kind: "mean", binders: [], body, type: { kind: "loss" }, span };
};

/** Whether a term is a scheduled param. */
export const isMoving = (term: Term): boolean => {
  const body = term.kind === "mean" ? term.body : undefined;
  const draw = body?.kind === "arithmetic" ? body.right : undefined;
  return draw?.kind === "draw" && isShare(draw.domain);
};

/** Whether a domain is the shares that a param goes through. */
export const isShare = (domain: DomainType): boolean =>
  domain.kind === "domain" && domain.sampler === "scheduled";

/** Tells where a scheduled param may stand, for who put it elsewhere. */
export const whereItMoves =
  "What moves from epoch to epoch is a factor of losses: `lambda * l(…)`.";
