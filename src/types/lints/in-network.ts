/** The network that a finding is in. */
import { cover } from "../../base/source.js";
import type { Label } from "../../diagnostics/diagnostic.js";
import type { CheckedNet } from "../shapes/checked-net.js";

/** A label for the head of a network's declaration. */
export const inNetwork = ({ net, declaration }: CheckedNet): Label => ({
  span: cover(declaration.name.span, declaration.type.span),
  text: `in the network \`${net.name}\``,
});
