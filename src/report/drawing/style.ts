/** Colours of drawings, light and dark. Text has a contrast of 7 to 1 on every fill. */
import type { ArrowKind, BoxKind } from "./picture.js";

interface Colours {
  readonly paper: string;
  readonly ink: string;
  /** Colour of secondary text. */
  readonly faint: string;
  readonly boxes: Readonly<Record<BoxKind, Look>>;
  /** Colours of networks, in turn. */
  readonly hues: readonly Look[];
  readonly arrows: Readonly<Record<ArrowKind, string>>;
}

interface Look {
  readonly fill: string;
  readonly stroke: string;
}

const look = (fill: string, stroke: string): Look => ({ fill, stroke });

const light: Colours = {
  paper: "#ffffff",
  ink: "#1b1f24",
  faint: "#4a525c",
  boxes: {
    data: look("#fff4d6", "#b8860b"),
    network: look("#eef1f5", "#6b7683"),
    forward: look("#eef1f5", "#6b7683"),
    backward: look("#ffffff", "#6b7683"),
    update: look("#f3f4f6", "#6b7683"),
    history: look("#fbeee0", "#a8703a"),
    loss: look("#fde8e8", "#c0504d"),
    player: look("#ece8fb", "#6f5bb5"),
    layer: look("#eef3fa", "#5b7fae"),
    join: look("#e9f5ec", "#4f9464"),
    group: look("#f8f9fb", "#9aa4b0"),
  },
  hues: [
    look("#e3eefb", "#2f6fb7"),
    look("#e2f4ea", "#2e8b57"),
    look("#fbe9dc", "#c0672b"),
    look("#f4e6f5", "#96479c"),
    look("#e0f3f5", "#23808d"),
    look("#f5f0d8", "#8a7a1d"),
  ],
  arrows: {
    value: "#4a525c",
    kept: "#a3acb7",
    gradient: "#c0504d",
    constant: "#a3acb7",
    trains: "#6f5bb5",
  },
};

const dark: Colours = {
  paper: "#14171b",
  ink: "#eceff3",
  faint: "#b6bfca",
  boxes: {
    data: look("#3a3013", "#d7a93c"),
    network: look("#262b32", "#8b96a4"),
    forward: look("#262b32", "#8b96a4"),
    backward: look("#14171b", "#8b96a4"),
    update: look("#20242a", "#8b96a4"),
    history: look("#382818", "#c98f57"),
    loss: look("#3c1d1d", "#e07a77"),
    player: look("#292346", "#a394e8"),
    layer: look("#1c2836", "#7fa5d6"),
    join: look("#1b2f21", "#74bd8a"),
    group: look("#1a1e23", "#5f6a77"),
  },
  hues: [
    look("#17293f", "#6aa7ec"),
    look("#17301f", "#62c08a"),
    look("#3a2414", "#eb9a62"),
    look("#331b36", "#d38bd9"),
    look("#123034", "#5cc3d1"),
    look("#322d10", "#cdbb52"),
  ],
  arrows: {
    value: "#b6bfca",
    kept: "#5f6a77",
    gradient: "#e07a77",
    constant: "#5f6a77",
    trains: "#a394e8",
  },
};

export const hueCount = light.hues.length;

const rule = (selector: string, declarations: string): string => `${selector}{${declarations}}`;

const colourRules = ({ paper, ink, faint, boxes, hues, arrows }: Colours): readonly string[] => [
  rule(".paper", `fill:${paper}`),
  rule("text", `fill:${ink}`),
  rule(".faint", `fill:${faint}`),
  rule(".halo", `stroke:${paper}`),
  rule(".ground", `stroke:${boxes.group.fill}`),
  ...Object.entries(boxes).map(([kind, { fill, stroke }]) =>
    rule(`.${kind}`, `fill:${fill};stroke:${stroke}`),
  ),
  ...hues.map(({ fill, stroke }, i) => rule(`.hue${i}`, `fill:${fill};stroke:${stroke}`)),
  ...hues.map(({ stroke }, i) => rule(`.backward.hue${i}`, `fill:${paper};stroke:${stroke}`)),
  ...Object.entries(arrows).flatMap(([kind, colour]) => [
    rule(`.${kind}`, `stroke:${colour}`),
    rule(`.tip.${kind}`, `fill:${colour}`),
  ]),
];

const shapeRules = [
  rule(
    "text",
    'font-family:"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace;font-size:12px',
  ),
  rule(".title", "font-size:13px;font-weight:bold"),
  rule(".head", "font-size:18px;font-weight:bold"),
  rule(".box", "stroke-width:1.3"),
  rule(".backward", "stroke-dasharray:5 3"),
  rule(".history", "stroke-dasharray:2 2"),
  rule(".network,.update", "stroke-width:2"),
  rule(".arrow", "fill:none;stroke-width:1.3"),
  rule(".kept,.constant", "stroke-dasharray:4 3"),
  rule(".tip", "stroke:none"),
  rule(".halo,.ground", "stroke-width:4;paint-order:stroke;stroke-linejoin:round"),
];

/** The style sheet: light, or dark if the reader's system is. */
export const styleSheet = [
  ...shapeRules,
  ...colourRules(light),
  `@media (prefers-color-scheme:dark){${colourRules(dark).join("")}}`,
].join("\n");
