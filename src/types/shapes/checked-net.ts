/** A network without mistakes, and what it is made of. */
import type { Shape } from "../../operators/layer.js";
import type * as ast from "../../syntax/ast.js";
import type { Net } from "../values/domain-type.js";
import type { Block } from "../values/value.js";
import type { Traced } from "./trace.js";

export type NetDeclaration = Extract<ast.Declaration, { kind: "net" }>;

export interface CheckedNet extends Traced {
  readonly net: Net;
  readonly declaration: NetDeclaration;
  readonly block: Block;
  readonly inputs: readonly Shape[];
}
