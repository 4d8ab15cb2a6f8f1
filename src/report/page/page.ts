/**
 * Writes the report of a run as one HTML document that contains everything it needs. Its policy
 * forbids all requests.
 */

import { createHash } from "node:crypto";
import { recordOf } from "../../base/record.js";
import { formatMoment } from "../../base/times.js";
import type { RunContents } from "./contents.js";
import { curvesIn, curvesPart } from "./curves.js";
import { dataPart, measuresPart, monitorsPart } from "./facts.js";
import { type Html, html, jsonScript, raw } from "./html.js";
import {
  drawingsPart,
  environmentPart,
  overviewPart,
  type PagePart,
  picturesPart,
  specPart,
} from "./parts.js";
import { type Payload, payloadId } from "./payload.js";
import { pageStyle } from "./style.js";

const parts: readonly ((contents: RunContents) => PagePart | undefined)[] = [
  overviewPart,
  monitorsPart,
  measuresPart,
  picturesPart,
  curvesPart,
  drawingsPart,
  specPart,
  dataPart,
  environmentPart,
];

/** Returns the page's content policy: its own script, pictures as data, styles in the page. */
const policy = (script: string): string => {
  const digest = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    "img-src data:",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${digest}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
};

const payload = (contents: RunContents): Payload => ({
  curves: curvesIn(contents),
  sheets: recordOf(contents.galleries.map(({ id, sheets }) => [id, sheets])),
});

const section = ({ id, title, body }: PagePart): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>`;

/**
 * Writes the whole page.
 * @param script the bundled script of the page
 */
export const renderPage = (contents: RunContents, script: string): string => {
  const { name, place, made, isTraining } = contents;
  const shown = parts.flatMap((part) => part(contents) ?? []);
  const links = shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ganc">
<title>${name}: report of a run</title>
<link rel="icon" href="data:,">
<style>${raw(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#overview">To the report</a>
<header>
<h1>${name}</h1>
<p>${place}, as of ${formatMoment(made)}${isTraining ? html` <strong class="badge">training</strong> load the page again to see what is new` : ""}</p>
<nav aria-label="Parts of the report"><ul>${links}</ul></nav>
</header>
<main>
${shown.map(section)}
</main>
<footer><p>Made by ganc.</p></footer>
${jsonScript(payloadId, payload(contents))}
<script>${raw(script)}</script>
</body>
</html>
`;
  return page.text;
};
