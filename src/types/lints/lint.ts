/** A lint: one thing that a spec can be told about, and what of the checked spec it looks at. */
import type { Span } from "../../base/source.js";
import type { Code } from "../../diagnostics/catalogue.js";
import type { Details } from "../../diagnostics/diagnostic.js";
import type { Uses } from "../../names/uses.js";
import type { Range } from "../../operators/range.js";
import type { Recipe } from "../../program/recipe.js";
import type { Fields } from "../evaluate/fields.js";
import type { Solve } from "../game/game.js";
import type { Standpoint } from "../game/judges.js";
import type { TermRanges } from "../ranges/term-ranges.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import type { Context } from "../values/context.js";
import type { NamedDomain } from "../values/domains.js";
import type { Phase, Player } from "../values/player.js";
import type { Term } from "../values/term.js";

/** A game without mistakes. */
export interface Game {
  readonly solve: Solve;
  readonly phases: readonly Phase[];
  /** The players of all phases. */
  readonly players: readonly Player[];
  /** Domains that are drawn together, by their names. */
  readonly joint: readonly (readonly string[])[];
  /** How judges are taught and asked. */
  readonly standpoints: readonly Standpoint[];
}

/** Facts about a checked spec. */
export interface Facts {
  /** Places and texts. Findings go to `report`, not here. */
  readonly context: Context;
  /** The file that is checked, which imports the others. */
  readonly entry: string;
  /** Whether params are set from outside. */
  readonly isSet: boolean;
  /** Domains that are declared, and those that are drawn from without a name. */
  readonly domains: readonly NamedDomain[];
  /** Networks without mistakes. */
  readonly networks: readonly CheckedNet[];
  /** By network: the range of each of its nodes, by the node's number. */
  readonly nodeRanges: ReadonlyMap<string, ReadonlyMap<number, Range>>;
  /** Ranges of terms, outside of gradients. */
  readonly ranges: TermRanges;
  /** Whether definitions and game have no errors, whatever the recipe has. */
  readonly isGameSound: boolean;
  readonly game: Game | undefined;
  /** Fields of the recipe, as written. */
  readonly train: Fields;
  readonly recipe: Recipe | undefined;
  readonly uses: Uses;
}

export interface FindingDetails extends Details {
  /** Tells findings of one code at one place apart. */
  readonly about?: string;
  /** Names of the networks that it is about, for lints that it supersedes. */
  readonly networks?: readonly string[];
}

/** @param code one of the lint's own */
export type Report = (code: Code, span: Span, message: string, details?: FindingDetails) => void;

/** The spec, and where findings go. */
export interface Look extends Facts {
  readonly report: Report;
}

export interface GameLook extends Look {
  readonly game: Game;
}

/** Where in an objective a term stands. */
export interface Around {
  /** Ranges of terms there: within a gradient, its point's is known. */
  readonly ranges: TermRanges;
  /** The calls of losses that led there, innermost first. */
  readonly calls: readonly Span[];
}

export interface RecipeLook extends Look {
  readonly recipe: Recipe;
}

export interface TrainingLook extends GameLook, RecipeLook {
  readonly game: Game;
  readonly recipe: Recipe;
}

/** Another lint that has nothing to add where this one has a finding. */
export interface Supersession {
  readonly lint: Lint;
  /**
   * `place`: findings that begin where this one does. `network`: findings about a network of this
   * one.
   */
  readonly at: "place" | "network";
}

/** A visitor is called for each thing of its kind; the driver walks the spec. */
export interface Lint {
  readonly name: string;
  /** The catalogue has what they mean, with an example. */
  readonly codes: readonly Code[];
  /** Lints are independent but for this: their order in the list means nothing. */
  readonly supersedes?: readonly Supersession[];
  /**
   * Errors that keep the lint from looking. `game`: of definitions, of the game, or of lints that
   * look at networks and the game only. `spec`: any.
   */
  readonly unlessErrorsIn?: "game" | "spec";
  readonly network?: (network: CheckedNet, look: Look) => void;
  /** Called where there is a game, as `player` and `term` are. */
  readonly game?: (look: GameLook) => void;
  readonly player?: (player: Player, look: GameLook) => void;
  /** Called for a term before those below it. */
  readonly term?: (term: Term, around: Around, look: GameLook) => void;
  /** Called where the recipe has no mistakes. */
  readonly recipe?: (look: RecipeLook) => void;
  /** Called where there are both a game and a recipe. */
  readonly training?: (look: TrainingLook) => void;
  /** Called once, whatever there is. */
  readonly spec?: (look: Look) => void;
}
