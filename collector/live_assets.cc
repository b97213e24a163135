// SPDX-License-Identifier: Apache-2.0
#include "collector/live_assets.h"

#include "base/base64.h"
#include "base/hash.h"
#include "sla/render/report_style.h"

namespace nines::collector {
namespace {

std::string source_of(std::string_view text) {
  return "'sha256-" + to_base64(sha256(as_bytes(text))) + "'";
}

}  // namespace

const std::string_view kLiveStyle = R"(
main { max-width: 72rem; padding-top: 1rem; }
header { position: relative; }
header nav { position: absolute; top: 0; right: 0; }
a { color: var(--excluded); }
h2 { border-top: 1px solid var(--line); padding-top: 1.4rem; }
h2 small { color: var(--soft); font-weight: 400; }
td small, th small { display: block; color: var(--soft); font-weight: 400; white-space: normal; }
td.t { white-space: normal; }
td, th { overflow-wrap: break-word; }
.whole th { font-weight: 700; }
.part th { padding-left: 1rem; font-weight: 400; }
.state { font-weight: 700; white-space: nowrap; }
.state.up { color: var(--met); } .state.down { color: var(--breached); }
.state.unknown { color: var(--doubtful); } .state.idle { color: var(--idle); }
svg.rest { width: 100%; min-width: 6rem; height: 0.55rem; margin-top: 0.25rem;
  border: 1px solid var(--soft); }
.keep { fill: var(--up); } .gone { fill: var(--down); }
.scroll + p { margin-top: -0.4rem; }
dl.head { margin: 0.4rem 0; }
dl.head dt { margin-top: 0.4rem; }
dl.head dd { font-weight: 400; }
#stale { position: sticky; top: 0; z-index: 1; margin: 0; padding: 0.6rem 1.25rem; }
#stale[hidden] { display: none; }
#stale p { margin: 0; }
noscript p { max-width: 72rem; margin: 0.5rem auto 0; padding: 0 1.25rem; color: var(--soft); }
@media screen and (max-width: 46rem) {
  main { padding: 0.8rem 0.9rem 2rem; }
  .scroll { overflow: visible; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, caption { display: block; }
  tr { display: block; border: 1px solid var(--line); background: var(--card);
    padding: 0.4rem 0.7rem; margin: 0.5rem 0; }
  tr th, tr td, td.n { display: flex; justify-content: space-between; gap: 1rem;
    text-align: right; padding: 0.12rem 0; white-space: normal; }
  .n + .t { padding-left: 0; }
  tr th { text-align: left; display: block; font-size: 1rem; }
  .part th { padding-left: 0; }
  td::before { content: attr(data-label); color: var(--soft); text-align: left; flex: none;
    max-width: 45%; }
  td div { min-width: 0; overflow-wrap: anywhere; }
  td:has(div:empty) { display: none; }
}
@media print {
  #stale { position: static; border: 1px solid; }
  header nav, noscript { display: none; }
  a { color: inherit; text-decoration: none; }
  section { break-inside: auto; }
}
)";

// Without '<' and '&' (sla/render/html.h). Times are measured by performance.now(), which nobody
// sets; the wall clock counts beside it where a sleeping machine held that one still.
const std::string_view kLiveScript = R"js(
(function () {
  "use strict";
  var STALE_MS = 120000, SILENT_MS = 45000, EVERY_MS = 15000, PATIENCE_MS = 10000;
  var box = document.getElementById("stale"), since = document.getElementById("since");
  var title = document.title, busy = false;
  // Of what is shown: when it was taken, how old it was then, and when we learned that.
  var shown = facts(document.getElementById("live"));
  shown.mono = 0;
  shown.wall = Date.now() - performance.now();

  function facts(main) {
    return { asOf: main.dataset.asOf, age: Number(main.dataset.ageMs),
      mono: performance.now(), wall: Date.now() };
  }

  function two(number) { return (number > 9 ? "" : "0") + number; }

  function clock(asOf) {
    if (!asOf) return "";
    var at = new Date(asOf.slice(0, 19) + "Z"), east = -at.getTimezoneOffset();
    var minutes = Math.abs(east);
    var day = at.toDateString() === new Date().toDateString() ? "" :
      at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + " ";
    return day + two(at.getHours()) + ":" + two(at.getMinutes()) + ":" + two(at.getSeconds()) +
      " (UTC" + (0 > east ? "-" : "+") + two(Math.floor(minutes / 60)) + ":" +
      two(minutes % 60) + ")";
  }

  function tick() {
    var passed = Math.max(performance.now() - shown.mono, Date.now() - shown.wall);
    var stale = passed > SILENT_MS || shown.age + passed > STALE_MS;
    document.title = (stale ? "\u26a0 " : "") + title;
    if (stale) {
      var text = clock(shown.asOf);
      if (since.textContent !== text) since.textContent = text;
    }
    box.hidden = !stale;
  }

  function ask(path) {
    var limit = new AbortController();
    var timer = setTimeout(function () { limit.abort(); }, PATIENCE_MS);
    return fetch(path + location.search, { cache: "no-store", signal: limit.signal })
      .then(function (answer) {
        return answer.ok ? answer.text() : Promise.reject("status " + answer.status);
      })
      .finally(function () { clearTimeout(timer); });
  }

  // The text is the collector's own page; only its main part is taken, and no script in it runs.
  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var fresh = page.getElementById("live"), old = document.getElementById("live");
    if (!fresh) return false;
    var links = Array.from(old.getElementsByTagName("a"));
    var at = links.indexOf(document.activeElement);
    old.replaceWith(fresh);
    title = page.title;
    var link = fresh.getElementsByTagName("a")[at];
    if (link) link.focus({ preventScroll: true });
    shown = facts(fresh);
    return true;
  }

  function poll() {
    if (busy) return;
    busy = true;
    var mono = performance.now(), wall = Date.now();
    ask("/v1/live")
      .then(function (text) {
        var live = JSON.parse(text);
        if (live.as_of !== shown.asOf) {
          return ask("/").then(function (page) {
            if (!show(page)) return;
            shown.mono = mono;
            shown.wall = wall;
          });
        }
        shown.age = live.age_ms;
        shown.mono = mono;
        shown.wall = wall;
      })
      .catch(function () {})
      .then(function () { busy = false; tick(); });
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden) poll(); });
  setInterval(tick, 1000);
  setInterval(poll, EVERY_MS);
  tick();
}());
)js";

const std::string& live_style() {
  static const std::string style = std::string(sla::kReportStyle) + std::string(kLiveStyle);
  return style;
}

const std::string& live_policy() {
  static const std::string policy = "default-src 'none'; style-src " + source_of(live_style()) +
                                    "; script-src " + source_of(kLiveScript) +
                                    "; img-src data:; connect-src 'self'; base-uri 'none'; "
                                    "form-action 'none'; frame-ancestors 'none'";
  return policy;
}

}  // namespace nines::collector
