/** Writes the page that translates pictures: served by a run, or complete with a network in it. */

export interface TranslatorPage {
  readonly title: string;
  /** Paragraphs below the title. */
  readonly words: readonly string[];
  /** Names of the classes to translate to; usually none. */
  readonly classes: readonly string[];
  /** The bundled script; a module if it holds an engine. */
  readonly script: string;
  readonly isModule: boolean;
  /** Data of the page as text, by the ids of their elements. */
  readonly data: Readonly<Record<string, string>>;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Escapes text in a script, so that nothing in it closes the element. */
const inScript = (text: string): string =>
  text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");

const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--card:#f5f7fa;--line:#8a94a0;--accent:#1d5fa8;--warning:#8a1f11}
@media(prefers-color-scheme:dark){:root{--ink:#eceff3;--paper:#14171b;--card:#1d2127;--line:#7d8794;--accent:#7db6f2;--warning:#ff9d8f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.4rem;margin:0 0 .3rem}
p{margin:.3rem 0}
#drop{display:block;margin:1rem 0;padding:2rem 1rem;text-align:center;border:2px dashed var(--line);border-radius:.6rem;background:var(--card);cursor:pointer}
#drop.over,#drop:focus-within{border-color:var(--accent)}
#drop input{position:absolute;opacity:0;width:1px;height:1px}
article{margin:1rem 0;padding:.8rem;border-radius:.6rem;background:var(--card)}
article h2{font-size:1rem;margin:0 0 .5rem;overflow-wrap:anywhere}
.wipe{position:relative;display:inline-block;max-width:100%;line-height:0}
.wipe img{max-width:100%;max-height:75vh}
.wipe img+img{position:absolute;inset:0;width:100%;height:100%;clip-path:inset(0 0 0 var(--at,50%))}
input[type=range]{width:100%;accent-color:var(--accent)}
a,button,select{font:inherit;color:var(--accent)}
.failed,.warned{color:var(--warning)}
`;

const classChoice = (classes: readonly string[]): string =>
  classes.length === 0
    ? ""
    : `<p><label>Translate to <select id="class">${classes
        .map((name, i) => `<option value="${i}">${escaped(name)}</option>`)
        .join("")}</select></label></p>`;

/** Writes one HTML document that makes no network requests except its script's. */
export const translatorPage = ({
  title,
  words,
  classes,
  script,
  isModule,
  data,
}: TranslatorPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${words.map((line) => `<p>${escaped(line)}</p>`).join("\n")}
${classChoice(classes)}
<label id="drop" for="files">Drop pictures here, or press to choose some.<input id="files" type="file" accept="image/*" multiple></label>
<p id="state" role="status" aria-live="polite"></p>
<main id="results"></main>
${Object.entries(data)
  .map(([id, text]) => `<script type="text/plain" id="${id}">${inScript(text)}</script>`)
  .join("\n")}
<script${isModule ? ' type="module"' : ""}>${inScript(script)}</script>
</body>
</html>
`;
