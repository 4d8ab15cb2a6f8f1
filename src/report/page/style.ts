/**
 * The look of a report: light, or dark if the reader's system is. Text has a contrast of at least
 * 4.5 to 1.
 */

interface Colours {
  readonly paper: string;
  /** Background of cards on the paper. */
  readonly card: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  /** Colour of links, curves and focus. */
  readonly accent: string;
  /** Colour of the curve before smoothing. */
  readonly pale: string;
  readonly band: string;
  readonly warning: string;
  readonly warningPaper: string;
  /** Colours of a spec's tokens. */
  readonly word: string;
  readonly number: string;
  readonly text: string;
  readonly declared: string;
}

const light: Colours = {
  paper: "#ffffff",
  card: "#f5f7fa",
  ink: "#1b1f24",
  faint: "#4a525c",
  line: "#d3d9e0",
  accent: "#1d5fa8",
  pale: "#8db8e2",
  band: "#1d5fa826",
  warning: "#8a4b08",
  warningPaper: "#fdf3e1",
  word: "#8a1c7c",
  number: "#0b6e4f",
  text: "#8a4b08",
  declared: "#1d5fa8",
};

const dark: Colours = {
  paper: "#14171b",
  card: "#1d2127",
  ink: "#eceff3",
  faint: "#b6bfca",
  line: "#3a424c",
  accent: "#7db6f2",
  pale: "#456e9b",
  band: "#7db6f22b",
  warning: "#f0b868",
  warningPaper: "#33270f",
  word: "#e39be0",
  number: "#7bd3ae",
  text: "#f0b868",
  declared: "#8fc0f5",
};

const variables = (colours: Colours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

export const pageStyle = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*,*::before,*::after{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0}
header p{margin:.25rem 0 .75rem;color:var(--faint)}
h2{font-size:1.4rem;line-height:1.3;margin:0 0 .75rem}
h3{font-size:1.08rem;margin:1.5rem 0 .5rem}
section{padding:1.75rem 0;border-top:1px solid var(--line)}
footer{padding-bottom:2rem;color:var(--faint)}
a{color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:0;padding:.5rem 0}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem;z-index:9}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.badge{background:var(--accent);color:var(--paper);border-radius:.8rem;padding:.05rem .6rem;font-size:.85rem}
.trouble{background:var(--warningPaper);border-left:4px solid var(--warning);padding:.5rem .75rem;margin:.5rem 0}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.5rem 1.5rem;margin:0}
.facts .wide{grid-column:1/-1}
.facts dt{color:var(--faint);font-size:.88rem}
.facts dd{margin:0;white-space:pre-line}
.controls{display:flex;flex-wrap:wrap;gap:.5rem 1.4rem;align-items:center;margin:.75rem 0}
label{display:inline-flex;flex-wrap:wrap;align-items:center;gap:.2rem .5rem}
input[type=range]{accent-color:var(--accent);min-width:9rem;height:1.6rem}
input[type=checkbox]{accent-color:var(--accent);width:1.1rem;height:1.1rem}
select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--faint);border-radius:.35rem;padding:.15rem .5rem;max-width:100%}
button{cursor:pointer}
output{font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1rem}
.chart{margin:0;padding:.6rem .6rem .2rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;min-width:0}
.chart figcaption{font-size:.9rem;min-height:2.9em;display:flex;flex-direction:column}
.chart .name{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-weight:600;font-size:.84rem}
.chart output{color:var(--faint)}
.chart .plot{min-height:190px}
.chart .u-select{background:var(--band)}
.time{display:flex;margin:.5rem 0}
.time input{flex:1 1 14rem}
.looking{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-start}
.looking>.scroll{flex:0 1 auto;max-width:100%}
.scroll{overflow:auto;max-width:100%}
.sheet{display:block;max-width:none;height:auto;border:1px solid var(--line);border-radius:.35rem;background:#fff}
.wipe{flex:0 1 auto;min-width:min(100%,17rem)}
.wipe canvas{display:block;max-width:100%;border:1px solid var(--line);border-radius:.35rem;touch-action:pan-y;cursor:ew-resize}
.over{display:flex;margin-top:.4rem}
.over input{flex:1 1 10rem}
details{margin:.6rem 0}
summary{cursor:pointer;font-weight:600;padding:.2rem 0}
.drawing{border:1px solid var(--line);border-radius:.5rem;max-height:85vh}
.formula{padding:.35rem 0;font-size:1.05rem}
.code{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;margin:.4rem 0;font:.86rem/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:normal;tab-size:2}
.code .word{color:var(--word)}
.code .remark{color:var(--faint);font-style:italic}
.code .number{color:var(--number)}
.code .text{color:var(--text)}
.code .declared{color:var(--declared);font-weight:600}
.code .sign{color:var(--faint)}
.words,.thumbs{list-style:none;margin:.75rem 0;padding:0}
.words p{margin:.15rem 0}
.thumbs{display:flex;flex-wrap:wrap;gap:.4rem}
.thumbs img{display:block;border:1px solid var(--line);border-radius:.25rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.figure,th.figure{text-align:right}
@media (max-width:30rem){h1{font-size:1.5rem}.controls{gap:.5rem 1rem}}
@media print{nav,.controls,.skip{display:none}}
`.trim();
