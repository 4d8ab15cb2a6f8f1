/** Mistakes of known classes, each one edit of a random game that is sound. */
import type { Dice } from "../fuzz/dice.js";
import { type Domain, isDrawn, type Net } from "./random-declarations.js";
import { type Game, gameText, type Phase, type Player } from "./random-games.js";

export interface Mistake {
  readonly name: string;
  /** Of the diagnostic that refuses it. */
  readonly code: string;
  /** The spec with the mistake; nothing where the game has no place for it. */
  readonly make: (game: Game, dice: Dice) => string | undefined;
}

const withPlayers = (game: Game, of: (player: Player) => Player, chosen: Player): Game => ({
  ...game,
  phases: game.phases.map((phase) => ({
    ...phase,
    players: phase.players.map((player) => (player === chosen ? of(player) : player)),
  })),
});

const playersOf = ({ phases }: Game): readonly Player[] => phases.flatMap(({ players }) => players);

/** One player's objective with a term more. */
const withTerm = (game: Game, dice: Dice, term: string): string => {
  const chosen = dice.of(playersOf(game));
  const more = (player: Player): Player => ({
    ...player,
    objective: `${player.objective} + ${term}`,
  });
  return gameText(withPlayers(game, more, chosen));
};

/** A declaration more. */
const withLine = (game: Game, line: string): string =>
  gameText({ ...game, others: [...game.others, line] });

/** Some network with another text behind its `=`. */
const withBody = (
  game: Game,
  dice: Dice,
  fits: (net: Net) => boolean,
  body: (net: Net) => string,
): string | undefined => {
  const fitting = game.nets.filter(fits);
  if (fitting.length === 0) return undefined;
  const chosen = dice.of(fitting);
  const nets = game.nets.map((net) => (net === chosen ? { ...net, body: body(net) } : net));
  return gameText({ ...game, nets });
};

const imageOf = (game: Game): Domain =>
  game.domains.find(({ kind }) => kind === "image") ?? (game.domains[0] as Domain);

/** A network of its own, and a player that trains it together with what it trained. */
const withNet = (game: Game, dice: Dice, net: string, name: string, term?: string): string => {
  const chosen = dice.of(playersOf(game));
  const own = { name } as Net;
  const joined = (player: Player): Player => ({
    ...player,
    nets: [...player.nets, own],
    objective: term === undefined ? player.objective : `${player.objective} + ${term}`,
  });
  const text = withPlayers({ ...game, others: [...game.others, net] }, joined, chosen);
  return gameText(text);
};

/** A term about a drawn image, which is called q. */
const ofImage = (game: Game, body: string): string => `E[q ~ ${imageOf(game).name}] ${body}`;

const single = ({ from }: Net): boolean => from.length === 1;

const mistake = (name: string, code: string, make: Mistake["make"]): Mistake => ({
  name,
  code,
  make,
});

const domains: readonly Mistake[] = [
  mistake("a network of another domain", "GAN301", (game, dice) => {
    const pairs = game.nets
      .filter(single)
      .flatMap((net) =>
        game.domains.flatMap((domain) =>
          isDrawn(domain) && domain !== net.from[0] ? [[net, domain] as const] : [],
        ),
      );
    if (pairs.length === 0) return undefined;
    const [net, domain] = dice.of(pairs);
    return withTerm(game, dice, `E[q ~ ${domain.name}] mean(${net.name}(q))`);
  }),
  mistake("a distance between two domains", "GAN301", (game, dice) => {
    const drawn = game.domains.filter(
      (domain) => isDrawn(domain) && domain.shape.join() !== "1,1,1",
    );
    const [first, second] = [dice.of(drawn), dice.of(drawn)];
    if (first === second) return undefined;
    return withTerm(game, dice, `E[q ~ ${first.name}, r ~ ${second.name}] l1(q, r)`);
  }),
  mistake("arithmetic given to a network", "GAN301", (game, dice) => {
    const nets = game.nets.filter((net) => single(net) && net.from.every(isDrawn));
    if (nets.length === 0) return undefined;
    const { name, from } = dice.of(nets);
    return withTerm(game, dice, `E[q ~ ${from[0]?.name}] mean(${name}(2 * q))`);
  }),
  mistake("a draw of features", "GAN311", (game, dice) =>
    withTerm({ ...game, domains: [...game.domains, made] }, dice, "E[q ~ Made] mean(q)"),
  ),
  mistake("a pair with itself", "GAN505", (game, dice) => {
    const { name } = imageOf(game);
    return withTerm(game, dice, `E[(q, r) ~ pairs(${name}, ${name})] l1(q, r)`);
  }),
  mistake("variables that two networks bind differently", "GAN310", (game, dice) => {
    const makers = game.nets.filter((net) => single(net) && net.to !== undefined);
    const apart = makers.flatMap((net) =>
      makers.flatMap((other) => (other.from[0] !== net.to ? [[net, other] as const] : [])),
    );
    if (apart.length === 0) return undefined;
    const [net, other] = dice.of(apart);
    const loss = "loss back(Ga : a -> b, Gb : b -> c) = E[q ~ uniform(1)] mean(q)";
    const text = { ...game, others: [...game.others, loss] };
    return withTerm(text, dice, `back(${net.name}, ${other.name})`);
  }),
  mistake("a value that cannot count as of that range", "GAN306", (game, dice) => {
    const [h, w, c] = imageOf(game).shape;
    const narrow = `domain Narrow = image(${h}, ${w}, ${c}, low: 0.2, high: 0.9)`;
    const text = { ...game, others: [...game.others, narrow] };
    return withTerm(text, dice, ofImage(game, "mean(q as Narrow)"));
  }),
];

const made: Domain = {
  name: "Made",
  kind: "features",
  shape: [2, 2, 1],
  range: [-Infinity, Infinity],
  text: "features(2, 2, 1)",
};

const isPlainImage = ({ to, body }: Net): boolean =>
  to?.kind === "image" && /conv\(1, \d+\) >> (tanh|sigmoid)$/.test(body);

const networks: readonly Mistake[] = [
  mistake("a channel too many", "GAN304", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body, shape }) =>
      body.replace(/conv\(1, \d+\)( >> \w+)$/, `conv(1, ${shape[2] + 1})$1`),
    ),
  ),
  mistake("an image without its last layer", "GAN313", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) => body.replace(/ >> \w+$/, "")),
  ),
  mistake("the other activation at the end", "GAN313", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.endsWith("tanh") ? body.replace(/tanh$/, "sigmoid") : body.replace(/sigmoid$/, "tanh"),
    ),
  ),
  mistake("a branch that shrinks", "GAN302", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body, shape: [, , c] }) =>
      body.replace(/ >> \w+$/, (last) => ` >> residual(conv(2, ${c}))${last}`),
    ),
  ),
  mistake("a window wider than the image", "GAN303", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.replace(/conv\(1, (\d+)\)( >> \w+)$/, "conv(99, $1)$2"),
    ),
  ),
  mistake("two sigmoids", "GAN314", (game, dice) =>
    withBody(
      game,
      dice,
      ({ to, body }) => to === undefined && !/^\(?v1\b/.test(body),
      ({ body }) => `${body} >> sigmoid >> sigmoid`,
    ),
  ),
  mistake("an option of another library", "GAN401", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.replace(/conv\(1, (\d+)\)( >> \w+)$/, "conv(1, $1, strides: 1)$2"),
    ),
  ),
  mistake("half a channel", "GAN402", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.replace(/conv\(1, (\d+)\)( >> \w+)$/, "conv(1, $1 / 1)$2"),
    ),
  ),
  mistake("a stride of 0", "GAN403", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.replace(/conv\(1, (\d+)\)( >> \w+)$/, "conv(1, $1, stride: 0)$2"),
    ),
  ),
  mistake("a layer without its channels", "GAN404", (game, dice) =>
    withBody(game, dice, isPlainImage, ({ body }) =>
      body.replace(/conv\(1, (\d+)\)( >> \w+)$/, "conv(1)$2"),
    ),
  ),
  mistake("a layer that nobody knows", "GAN201", (game, dice) =>
    withBody(
      game,
      dice,
      () => true,
      ({ body }) => `${body} >> nonesuch`,
    ),
  ),
  mistake("a type that is none", "GAN309", (game) =>
    withLine(game, `param other : ${imageOf(game).name} = 1`),
  ),
  mistake("a domain that is not declared", "GAN201", (game) =>
    withLine(game, "net Other : Nowhere -> Scores = conv(1, 1)"),
  ),
];

const inLosses: readonly Mistake[] = [
  mistake("a name that is not bound", "GAN201", (game, dice) =>
    withTerm(game, dice, ofImage(game, "mean(qq)")),
  ),
  mistake("a name drawn twice", "GAN202", (game, dice) => {
    const { name } = imageOf(game);
    return withTerm(game, dice, `E[q ~ ${name}, q ~ ${name}] mean(q)`);
  }),
  mistake("a draw that nothing depends on", "GAN505", (game, dice) => {
    const { name } = imageOf(game);
    return withTerm(game, dice, `E[q ~ ${name}, r ~ ${name}] mean(q)`);
  }),
  mistake("an expectation of an expectation", "GAN505", (game, dice) =>
    withTerm(game, dice, ofImage(game, `(${ofImage(game, "mean(q)").replaceAll("q", "r")})`)),
  ),
  mistake("an expectation of what is drawn outside of it", "GAN505", (game, dice) => {
    const inner = ofImage(game, "(mean(r) * mean(q))").replace("q ~", "r ~");
    return withTerm(game, dice, ofImage(game, `(mean(q) - ${inner})`));
  }),
  mistake("a logarithm of what may be negative", "GAN312", (game, dice) =>
    withTerm(game, dice, ofImage(game, "log(q - 2)")),
  ),
  mistake("a root of what may be negative", "GAN312", (game, dice) =>
    withTerm(game, dice, ofImage(game, "sqrt(q - 0.5)")),
  ),
  mistake("a division by what may be 0", "GAN316", (game, dice) =>
    withTerm(game, dice, ofImage(game, "(1 / (q - 0.5))")),
  ),
  mistake("values of two shapes", "GAN306", (game, dice) => {
    const [h, w] = imageOf(game).shape;
    return withTerm(game, dice, ofImage(game, `l1(positions(2 * q, ${h * w - 1}), 2 * q)`));
  }),
  mistake("more places than there are", "GAN306", (game, dice) =>
    withTerm(game, dice, ofImage(game, "mean(positions(q, 100))")),
  ),
  mistake("a function of too many values", "GAN405", (game, dice) =>
    withTerm(game, dice, ofImage(game, "mean(q, q)")),
  ),
  mistake("a function without its second value", "GAN404", (game, dice) =>
    withTerm(game, dice, ofImage(game, "l1(q)")),
  ),
  mistake("a number that is called", "GAN307", (game, dice) =>
    withTerm(game, dice, ofImage(game, "half(q)")),
  ),
  mistake("a network where a value stands", "GAN305", (game, dice) =>
    withTerm(game, dice, ofImage(game, `l1(q, ${dice.of(game.nets).name})`)),
  ),
  mistake("a history of half an image", "GAN402", (game, dice) =>
    withTerm(game, dice, ofImage(game, "mean(replay(q, 0.5))")),
  ),
  mistake("a history of a formula", "GAN305", (game, dice) =>
    withTerm(game, dice, ofImage(game, "mean(replay(2 * q, 3))")),
  ),
];

/** A network of one's own on images. */
const idle = (game: Game, frozen = ""): string =>
  `${frozen}net Idle : ${imageOf(game).name} -> Scores = conv(1, 1)`;

const players: readonly Mistake[] = [
  mistake("a network that no term has", "GAN501", (game, dice) =>
    withNet(game, dice, idle(game), "Idle"),
  ),
  mistake("a network behind a factor of 0", "GAN501", (game, dice) =>
    withNet(game, dice, idle(game), "Idle", `0 * ${ofImage(game, "mean(Idle(q))")}`),
  ),
  mistake("a network all of whose gradients are cut", "GAN504", (game, dice) =>
    withNet(game, dice, idle(game), "Idle", ofImage(game, "mean(stop(Idle(q)))")),
  ),
  mistake("a network that nobody trains", "GAN502", (game, dice) => {
    const declared = { ...game, others: [...game.others, idle(game)] };
    return withTerm(declared, dice, ofImage(game, "mean(Idle(q))"));
  }),
  mistake("a frozen network that is trained", "GAN522", (game, dice) =>
    withNet(game, dice, idle(game, "frozen "), "Idle", ofImage(game, "mean(Idle(q))")),
  ),
  mistake("a network of two players at once", "GAN503", (game) => {
    const phase = game.phases.find((each) => each.players.length > 1);
    const [first, second] = phase?.players ?? [];
    if (first === undefined || second === undefined) return undefined;
    const both = (player: Player): Player => ({
      ...player,
      nets: [...player.nets, ...first.nets],
      objective: `${player.objective} + ${first.objective}`,
    });
    return gameText(withPlayers(game, both, second));
  }),
  mistake("a network that learns nothing of its own", "GAN521", (game, dice) => {
    const parts = game.nets.filter(({ learns }) => !learns);
    if (parts.length === 0) return undefined;
    const { name } = dice.of(parts);
    const chosen = dice.of(playersOf(game));
    const joined = (player: Player): Player => ({
      ...player,
      nets: [...player.nets, { name } as Net],
    });
    return gameText(withPlayers(game, joined, chosen));
  }),
  mistake("a player on the wrong side", "GAN511", (game, dice) => {
    const { name } = imageOf(game);
    const loss = `loss up(max N : a -> Scores) = E[q ~ a] mean(N(q))`;
    const net = `net Idle : ${name} -> Scores = conv(1, 1)`;
    const sign = dice.of(["up(Idle)", "2 * up(Idle)", "-(0 - 1) * up(Idle)", "up(Idle) / 3"]);
    const phase: Phase = {
      times: undefined,
      players: [{ sense: "min", nets: [{ name: "Idle" } as Net], objective: sign }],
    };
    return gameText({
      ...game,
      others: [...game.others, loss, net],
      phases: [...game.phases, phase],
    });
  }),
  mistake("min and max swapped", "GAN511", (game) => {
    const text = gameText(game);
    // Who uses losses that give it a role directly is on its side, and after the swap on the other.
    const roles = [...text.matchAll(/^loss (\w+)\((.*?)\) =$/gm)].filter(([, , formals]) =>
      /\b(min|max) \w+ :/.test(formals ?? ""),
    );
    for (const player of playersOf(game)) {
      const used = roles.some(([, name]) => new RegExp(`\\b${name}\\(`).test(player.objective));
      if (!used || !game.hasRoles) continue;
      const swapped = withPlayers(
        game,
        (one) => ({ ...one, sense: one.sense === "min" ? "max" : "min" }),
        player,
      );
      if (trainsRole(game, player, text)) return gameText(swapped);
    }
    return undefined;
  }),
];

/** Whether a network that the player trains is what a role of one of its losses stands for. */
const trainsRole = ({ nets }: Game, { nets: own, objective }: Player, text: string): boolean => {
  const calls = [...objective.matchAll(/\b(\w+)\(((?:\w+: )?\w+(?:, (?:\w+: )?\w+)*)/g)];
  return calls.some(([, name, args]) => {
    const formals = new RegExp(`^loss ${name}\\((.*)\\) =$`, "m")
      .exec(text)?.[1]
      ?.split(/, (?=(?:min |max )?\w+ : )/);
    return (formals ?? []).some((formal, place) => {
      const [, , called] = /^(min|max) (\w+) :/.exec(formal) ?? [];
      if (called === undefined) return false;
      const given = (args ?? "").split(", ");
      const named = given
        .find((argument) => argument.startsWith(`${called}: `))
        ?.slice(called.length + 2);
      const positional = given[place]?.includes(":") === true ? undefined : given[place];
      const net = nets.find((each) => each.name === (named ?? positional));
      return net !== undefined && [net, ...net.inner].some((each) => own.includes(each));
    });
  });
};

const declarations: readonly Mistake[] = [
  mistake("a name declared twice", "GAN202", (game) =>
    withLine(game, `let ${imageOf(game).name} = relu`),
  ),
  mistake("definitions that need each other", "GAN203", (game) =>
    withLine(game, "let one = two >> relu\nlet two = one >> relu"),
  ),
  mistake("an import that is not there", "GAN204", (game) =>
    withLine(game, 'import "./nowhere.gan"'),
  ),
  mistake("an import of what is not declared", "GAN206", (game) =>
    withLine(game, "import std.losses (nonesuch)"),
  ),
  mistake("a param that its where refuses", "GAN406", (game) =>
    withLine(game, "param three : Int = 3 where three % 2 == 0"),
  ),
  mistake("a division by 0", "GAN408", (game) => withLine(game, "expect 1 / (1 - 1) == 2")),
  mistake("a fact that does not hold", "GAN508", (game, dice) =>
    withLine(game, `expect params(${dice.of(game.nets).name}) == 1_000_003`),
  ),
  mistake("no game", "GAN506", (game) => gameText(game).replace(/^solve \{[\s\S]*?^\}$/m, "")),
  mistake("no optimizer", "GAN507", (game) =>
    gameText({ ...game, recipe: game.recipe.filter((field) => !field.startsWith("optimizer")) }),
  ),
  mistake("a batch of none", "GAN403", (game) =>
    gameText({
      ...game,
      recipe: [...game.recipe.filter((field) => !field.startsWith("batch")), "batch: 0"],
    }),
  ),
  mistake("an augmentation to another size", "GAN509", (game, dice) => {
    const others = game.recipe.filter((field) => !field.startsWith("augment"));
    const resized = { ...game, recipe: [...others, "augment: resize(13)"] };
    // Only what is drawn goes through it.
    return withTerm(resized, dice, ofImage(game, "mean(q)"));
  }),
  mistake("a phase that runs no time", "GAN403", (game) =>
    gameText({ ...game, phases: game.phases.map((phase) => ({ ...phase, times: "(twice - 2)" })) }),
  ),
];

export const mistakes: readonly Mistake[] = [
  ...domains,
  ...networks,
  ...inLosses,
  ...players,
  ...declarations,
];
