// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_style.h"

namespace nines::sla {

// Classes of pictures: u up, d down, k unmeasured (kg, ki its ground and ink), e excluded, h out of
// hours, f still to come, n not in force.
const std::string_view kReportStyle = R"(
:root {
  --ink: #1a1d21; --soft: #59616b; --page: #ffffff; --card: #f5f6f8; --line: #d9dde3;
  --up: #3f8f63; --down: #b3201f; --unknown: #6b6f76; --unknown-ground: #ececef;
  --excluded: #2f62a8; --excluded-ground: #dfe9f6; --hours: #b9c0ca; --future: #ccd2da;
  --band: #e4a6a0; --curve: #7d1a1a;
  --met: #1f6b42; --breached: #a31b1b; --doubtful: #7a5200; --idle: #59616b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e7e9ec; --soft: #a3abb6; --page: #15181c; --card: #1f2328; --line: #3a4048;
    --up: #5fb287; --down: #ff6b62; --unknown: #a5abb4; --unknown-ground: #2e3238;
    --excluded: #86b1ec; --excluded-ground: #22334b; --hours: #555d68; --future: #454c56;
    --band: #6d3836; --curve: #ff9a92;
    --met: #74cf9f; --breached: #ff857d; --doubtful: #e8b95a; --idle: #a3abb6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.1rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 0.4rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.4rem; }
p { margin: 0.3rem 0; }
header p, figcaption, .note, caption { color: var(--soft); }
.kind { text-transform: uppercase; letter-spacing: 0.08em; font-size: 0.8rem; }
:lang(zh) .kind { letter-spacing: 0.2em; }
.banner {
  display: flex; gap: 1rem; align-items: center; margin: 1.1rem 0; padding: 0.8rem 1.1rem;
  background: var(--card); border: 1px solid var(--line); border-left: 0.5rem solid currentColor;
}
.banner .sign { font-size: 2.2rem; line-height: 1; font-weight: 700; }
.banner b { font-size: 1.35rem; }
.banner p { color: var(--ink); }
.met { color: var(--met); } .breached { color: var(--breached); }
.indeterminate, .no_data { color: var(--doubtful); } .not_applicable { color: var(--idle); }
.badge { font-weight: 700; white-space: nowrap; }
.line { padding: 0.5rem 0.8rem; background: var(--card); border: 1px solid var(--line); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.4rem 0 0.8rem; font-size: 0.9rem; }
caption { text-align: left; font-size: 0.85rem; padding-bottom: 0.2rem; }
th, td { text-align: left; vertical-align: top; padding: 0.28rem 0.6rem 0.28rem 0; }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--line); color: var(--soft); }
tbody tr, tfoot tr { border-bottom: 1px solid var(--line); }
tfoot th, tfoot td { border-top: 2px solid var(--line); font-weight: 600; }
th.n, td.n { text-align: right; white-space: nowrap; }
.n + .t { padding-left: 0.9rem; }
h2 + .whole caption, h3 + .scroll caption, svg.seconds + .scroll caption { position: absolute;
  width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th:last-child, td:last-child { padding-right: 0; }
td time, td.t { white-space: nowrap; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: 0.85em;
  overflow-wrap: anywhere; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr));
  gap: 0.6rem; margin: 0.8rem 0; }
dl.figures div { border: 1px solid var(--line); padding: 0.4rem 0.7rem; }
dt { color: var(--soft); font-size: 0.8rem; line-height: 1.3; }
dd { margin: 0.1rem 0 0; font-weight: 600; }
figure { margin: 0.6rem 0; }
figcaption { font-size: 0.82rem; margin-top: 0.2rem; }
svg { display: block; width: 100%; height: auto; }
svg.seconds { height: 1.5rem; border: 1px solid var(--line); margin: 0.5rem 0; }
svg.patterns { position: absolute; width: 0; height: 0; }
svg.swatch { display: inline-block; width: 1.1rem; height: 0.8rem; margin-right: 0.5rem;
  vertical-align: baseline; }
svg text { font-size: 9px; fill: var(--soft); }
text.r { text-anchor: end; } text.m { text-anchor: middle; }
.u { fill: var(--up); } .d { fill: var(--down); }
.k { fill: url(#hatch); stroke: var(--unknown); stroke-width: 0.4; }
.e { fill: url(#dots); stroke: var(--excluded); stroke-width: 0.4; }
.h { fill: var(--hours); } .f { fill: var(--future); }
.n { fill: none; stroke: var(--hours); stroke-width: 0.5; stroke-dasharray: 2 2; }
.kg { fill: var(--unknown-ground); } .ki { fill: none; stroke: var(--unknown); }
.eg { fill: var(--excluded-ground); } .ei { fill: var(--excluded); }
.pale { opacity: 0.45; stroke: none; }
.grid { fill: none; stroke: var(--line); stroke-width: 0.6; }
.zero { fill: none; stroke: var(--ink); stroke-width: 1; }
.ideal { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 5 4; }
.band { fill: var(--band); stroke: var(--band); stroke-width: 0.6; opacity: 0.75; }
.left { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; }
.end { fill: var(--curve); }
.bar { fill: var(--excluded); }
ul.warnings { padding-left: 1.2rem; }
@page { size: A4; margin: 15mm 14mm 17mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #59616b; } }
@media print {
  body { font-size: 9.5pt; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 17pt; } h2 { font-size: 13pt; margin-top: 1.2rem; } h3 { font-size: 10.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, h3, caption, thead { break-after: avoid; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, figure, .banner, .line, dl.figures, dl.figures div { break-inside: avoid; }
  .whole { break-inside: avoid; }
  dl.figures { grid-template-columns: repeat(4, 1fr); gap: 1.5mm; }
  dl.figures div { padding: 1mm 2mm; }
  .plot svg { width: 90%; }
  .objective + .objective { break-before: page; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  p { orphans: 3; widows: 3; }
}
)";

}  // namespace nines::sla
