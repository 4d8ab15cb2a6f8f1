/**
 * Draws a model as a game: the draws, what networks make of them, the losses, and each player's
 * objective.
 */

import { impossible } from "../../base/impossible.js";
import { areaText } from "../../base/sides.js";
import { byDomain, type Forward, formulaKey, forwardOf } from "../../program/forward.js";
import type { Domain, Model, Network, Player, Summand } from "../../program/model.js";
import { writtenDomain } from "../../program/nameless.js";
import { lowerFirst } from "../../program/naming.js";
import { lossesIn } from "../../program/plan.js";
import { children, type Term } from "../../program/term.js";
import { forwardText } from "../../program/text.js";
import {
  counted,
  rangeText,
  shapesText,
  shapeText,
  signatureText,
  thousands,
  wrapped,
} from "../text/words.js";
import { stretches, stretchText } from "./fold.js";
import type { Arrow, Box, Key, Picture } from "./picture.js";
import type { PlaceOf } from "./places.js";

/** Characters in a line of a formula, and the number of lines shown. */
const FORMULA = { width: 50, lines: 6 } as const;

/** Ranks from top to bottom. */
const RANK = { domain: 0, value: 1, term: 2, player: 3, network: 4 } as const;

const domainId = (name: string): string => `domain ${name}`;
const valueId = (forward: Forward): string => `value ${forward.key}`;
const termId = (summand: Summand): string => `term ${formulaKey(summand.term)}`;
const playerId = (player: Player): string => `player ${player.name}`;
const networkId = (name: string): string => `network ${name}`;

/** Collects the values that a formula reads, each once. */
const leaves = (term: Term): readonly Forward[] => {
  const found = new Map<string, Forward>();
  const visit = (t: Term): void => {
    const forward = forwardOf(t, byDomain);
    if (forward === undefined) children(t).forEach(visit);
    else found.set(forward.key, forward);
  };
  visit(term);
  return [...found.values()];
};

class Game {
  readonly boxes = new Map<string, Box>();
  readonly arrows = new Map<string, Arrow>();

  constructor(
    private readonly model: Model,
    private readonly placeOf: PlaceOf,
    private readonly textOf: (file: string) => string | undefined,
  ) {}

  arrow(arrow: Arrow): void {
    this.arrows.set(`${arrow.from}\n${arrow.to}\n${arrow.kind}`, arrow);
  }

  domain({ name, shape, range, span }: Domain): void {
    const of = writtenDomain(name);
    this.boxes.set(domainId(name), {
      id: domainId(name),
      kind: "data",
      rank: RANK.domain,
      title: of === name ? `${lowerFirst(name)} ~ ${name}` : of,
      notes: [shapeText(shape), rangeText(range)],
      tip: this.placeOf(span),
    });
  }

  /** Adds the boxes of a value and of all its sources, and returns its id. */
  value(forward: Forward): string {
    if (forward.kind === "draw") return domainId(forward.domain ?? impossible("a draw of nothing"));
    const id = valueId(forward);
    if (this.boxes.has(id)) return id;
    const sources = forward.inputs.map((input) => this.value(input));
    this.boxes.set(id, forward.kind === "replay" ? this.replay(forward) : this.applied(forward));
    const kind = forward.kind === "replay" ? "constant" : "value";
    for (const from of sources) this.arrow({ from, to: id, kind });
    return id;
  }

  private replay(forward: Forward): Box {
    const size = forward.size ?? 0;
    const note = size === 0 ? "as it is, no gradient" : `one of the last ${size}, no gradient`;
    return {
      id: valueId(forward),
      kind: "history",
      rank: RANK.value,
      title: forwardText(forward),
      notes: [note],
    };
  }

  private applied(forward: Forward): Box {
    const network = this.network(forward.network ?? "");
    return {
      id: valueId(forward),
      kind: "forward",
      rank: RANK.value,
      hue: this.model.networks.indexOf(network),
      title: forwardText(forward),
      notes: [`${network.to} ${shapeText(network.output)}`],
      tip: this.placeOf(network.span),
    };
  }

  private network(name: string): Network {
    return (
      this.model.networks.find((network) => network.name === name) ??
      impossible(`${name} is no network`)
    );
  }

  /**
   * Adds a player's term, which players may share. An arrow from a term that moves none of the
   * player's networks is a constant.
   */
  summand(player: Player, summand: Summand): void {
    const id = termId(summand);
    if (!this.boxes.has(id)) {
      this.boxes.set(id, {
        id,
        kind: "loss",
        rank: RANK.term,
        title: summand.text,
        notes: this.formulas(summand.term),
        tip: this.placeOf(summand.term.span),
      });
      for (const leaf of leaves(summand.term))
        this.arrow({ from: this.value(leaf), to: id, kind: "value" });
    }
    const moves = summand.reaches.some((name) => player.networks.includes(name));
    this.arrow({ from: id, to: playerId(player), kind: moves ? "gradient" : "constant" });
  }

  /** Returns the formulas of a term's losses, as declared. */
  private formulas(term: Term): readonly string[] {
    const bodies = new Set(lossesIn(term).map(({ formula }) => formula));
    const lines = [...bodies].flatMap(({ file, start, end }) =>
      wrapped((this.textOf(file) ?? "").slice(start, end).trim(), FORMULA.width),
    );
    return lines.length <= FORMULA.lines ? lines : [...lines.slice(0, FORMULA.lines - 1), "…"];
  }

  player(player: Player): void {
    this.boxes.set(playerId(player), {
      id: playerId(player),
      kind: "player",
      rank: RANK.player,
      title: `${player.sense}[${player.networks.join(", ")}]`,
      notes: [player.sense === "min" ? "descends the sum" : "climbs the sum"],
      tip: this.placeOf(player.span),
    });
    for (const network of player.networks)
      this.arrow({ from: playerId(player), to: networkId(network), kind: "trains" });
  }

  trained(network: Network, hue: number): void {
    const { name, size, receptiveField, span } = network;
    const layers = stretches(network).map(stretchText).join(" >> ");
    this.boxes.set(networkId(name), {
      id: networkId(name),
      kind: "network",
      rank: RANK.network,
      hue,
      title: signatureText(network),
      notes: [
        shapesText(network),
        `${thousands(size)} parameters`,
        `${counted(network.layers.length, "layer")}, sees ${areaText(receptiveField)} pixels`,
        ...wrapped(layers, FORMULA.width),
      ],
      tip: this.placeOf(span),
    });
  }
}

const legend: readonly Key[] = [
  { box: "data", meaning: "drawn from a domain" },
  { box: "forward", meaning: "a network applied; each network has its colour" },
  { box: "history", meaning: "images of earlier steps" },
  { box: "loss", meaning: "a term of an objective" },
  { box: "player", meaning: "a player" },
  { box: "network", meaning: "a network" },
  { arrow: "value", meaning: "reads" },
  { arrow: "gradient", meaning: "gives the player its gradient" },
  { arrow: "constant", meaning: "no gradient" },
  { arrow: "trains", meaning: "trains" },
];

/**
 * Builds the picture of a model's game. `textOf` returns the texts of its files, from which
 * formulas are quoted.
 */
export const modelPicture = (
  model: Model,
  placeOf: PlaceOf,
  textOf: (file: string) => string | undefined,
): Picture => {
  const game = new Game(model, placeOf, textOf);
  model.domains.forEach((domain) => {
    game.domain(domain);
  });
  for (const player of model.players)
    for (const summand of player.summands) game.summand(player, summand);
  model.players.forEach((player) => {
    game.player(player);
  });
  model.networks.forEach((network, i) => {
    game.trained(network, i);
  });
  const boxes = [...game.boxes.values()];
  const arrows = [...game.arrows.values()];
  const params = model.params.map(({ name, value }) => `${name} = ${value}`).join(", ");
  return {
    title: model.name,
    notes: params === "" ? [] : wrapped(params, 100),
    legend,
    boxes,
    arrows,
  };
};
