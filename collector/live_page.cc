// SPDX-License-Identifier: Apache-2.0
#include "collector/live_page.h"

#include <algorithm>

#include "collector/live_assets.h"
#include "collector/live_sections.h"
#include "collector/live_words.h"
#include "net/url.h"
#include "sla/render/report_sentences.h"

namespace nines::collector {
namespace {

namespace words = live_words;

using sla::Html;
using sla::Verdict;

// The zone of all agreements, where they have one; else UTC.
sla::Zone zone_of(const Visible& visible) {
  if (visible.agreements.empty()) return {};
  const auto& first = visible.agreements.front()->zone;
  const bool one = std::all_of(visible.agreements.begin(), visible.agreements.end(),
                               [&](const auto* each) { return each->zone.name() == first.name(); });
  return one ? first : sla::Zone();
}

struct Tally {
  std::size_t all = 0, of_worst = 0;
  Verdict worst = Verdict::not_applicable;
};

Tally tally_of(const Visible& visible) {
  Tally out;
  constexpr Verdict kBestFirst[] = {Verdict::not_applicable, Verdict::met, Verdict::no_data,
                                    Verdict::indeterminate, Verdict::breached};
  const auto rank = [&](Verdict verdict) {
    return std::find(std::begin(kBestFirst), std::end(kBestFirst), verdict) - kBestFirst;
  };
  for (const auto* agreement : visible.agreements) {
    if (!agreement->judged || !agreement->judged->report) continue;
    for (const auto& each : agreement->judged->report->objectives) {
      ++out.all;
      if (rank(each.verdict) > rank(out.worst)) out.of_worst = 0, out.worst = each.verdict;
      if (each.verdict == out.worst) ++out.of_worst;
    }
  }
  return out;
}

std::string sentence_of(const sla::Page& page, const Tally& tally) {
  const auto count = std::to_string(tally.of_worst);
  const auto all = std::to_string(tally.all);
  switch (tally.worst) {
    case Verdict::breached:
      return page.words(words::kMissed, {count, all});
    case Verdict::indeterminate:
    case Verdict::no_data:
      return page.words(words::kUndecided, {count, all});
    case Verdict::met:
      return page.words(words::kKept);
    case Verdict::not_applicable:
      break;
  }
  return page.words(words::kNothingYet);
}

std::string down_now(const sla::Page& page, const Visible& visible) {
  std::string names;
  for (const auto* agreement : visible.agreements) {
    if (!agreement->judged) continue;
    for (const auto& each : agreement->judged->services) {
      if (each.phase != sla::Phase::down) continue;
      if (!names.empty()) names += ", ";
      names += each.service;
      if (visible.agreements.size() > 1) {
        names += page.words(sla::words::kInBrackets, {agreement->name});
      }
    }
  }
  return names.empty() ? "" : page.words(words::kDownNow, {names});
}

void put_banner(const sla::Page& page, const Visible& visible) {
  const auto tally = tally_of(visible);
  const auto down = down_now(page, visible);
  page.html.open("div", {{"class", "banner " + sla::css_of(tally.worst)}});
  page.html.leaf("span", {{"class", "sign"}, {"aria-hidden", "true"}}, sla::sign_of(tally.worst));
  page.html.open("div").leaf("b", page.words(sla::words_of(tally.worst)));
  page.html.leaf("p", sentence_of(page, tally));
  if (!down.empty()) page.html.leaf("p", {{"class", "state down"}}, "✗ " + down);
  page.html.close().close();
}

std::string title_of(const sla::Page& page, const LivePage& asked, const Visible& visible) {
  if (visible.agreements.size() == 1) return visible.agreements.front()->name;
  if (asked.viewer.agreement) return *asked.viewer.agreement;
  return page.words(words::kAllAgreements);
}

void put_header(const sla::Page& page,
                const LivePage& asked,
                const Live& live,
                const Visible& visible) {
  const auto zone = zone_of(visible);
  std::string other = page.language == sla::Language::en ? "?lang=zh" : "?lang=en";
  if (asked.viewer.agreement) other += "&agreement=" + net::percent_encode(*asked.viewer.agreement);
  page.html.open("header");
  page.html.leaf("p", {{"class", "kind"}}, page.words(words::kLive));
  page.html.leaf("h1", title_of(page, asked, visible));
  page.html.leaf("p", page.words(words::kAsOf, {sla::local_text(zone, live.as_of), zone.name()}));
  page.html.open("nav").leaf(
      "a", {{"href", other}, {"hreflang", page.language == sla::Language::en ? "zh-CN" : "en"}},
      page.words(words::kOtherLanguage));
  page.html.close().close();
}

void put_nothing(const sla::Page& page, const LivePage& asked) {
  page.html.open("section").leaf("h2", page.words(words::kNoAgreement));
  const auto& viewer = asked.viewer;
  if (viewer.agreement) {
    page.html.leaf("p", page.words(words::kNotThatOne, {*viewer.agreement}));
  } else if (viewer.actor != nullptr && !viewer.actor->sees_all) {
    page.html.leaf("p", page.words(words::kNoneVisible, {viewer.actor->name}));
  } else {
    page.html.leaf("p", page.words(words::kNoneLoaded));
  }
  page.html.close();
}

void put_main(const sla::Page& page, const LivePage& asked, const Live& live) {
  const auto visible = visible_to(asked.viewer, live);
  page.html.open("main", {{"id", "live"},
                          {"data-as-of", format_rfc3339(live.as_of)},
                          {"data-age-ms", std::to_string(asked.age.count() / 1'000'000)}});
  put_header(page, asked, live, visible);
  if (visible.agreements.empty()) {
    put_nothing(page, asked);
  } else {
    put_banner(page, visible);
  }
  std::size_t number = 0;
  for (const auto* each : visible.agreements) {
    agreement_section(page, *each, live.as_of, "a" + std::to_string(++number));
  }
  if (visible.more_agreements > 0) {
    page.html.leaf("p",
                   page.words(words::kMoreAgreements, {std::to_string(visible.more_agreements)}));
  }
  const auto zone = zone_of(visible);
  agents_section(page, visible, zone, live.as_of);
  log_section(page, live);
  page.html.close();
}

// As if all were long ago, so that the script asks at once.
void put_starting(const sla::Page& page) {
  page.html.open("main", {{"id", "live"}, {"data-as-of", ""}, {"data-age-ms", "0"}});
  page.html.leaf("h1", page.words(words::kLive));
  page.html.leaf("p", page.words(words::kStarting));
  page.html.close();
}

void put_stale(const sla::Page& page, const LivePage& asked, const Live* live) {
  const bool stale = live != nullptr && asked.age > kStaleAfter;
  const sla::Attributes shown{
      {"id", "stale"}, {"class", "banner indeterminate"}, {"role", "alert"}};
  const sla::Attributes hidden{
      {"id", "stale"}, {"class", "banner indeterminate"}, {"role", "alert"}, {"hidden", "hidden"}};
  page.html.open("div", stale ? shown : hidden);
  page.html.leaf("span", {{"class", "sign"}, {"aria-hidden", "true"}}, "⚠");
  page.html.open("div").open("b").text(page.words(words::kStaleSince) + " ");
  page.html.leaf("span", {{"id", "since"}},
                 live != nullptr ? sla::local_text(sla::Zone(), live->as_of) + " UTC" : "");
  page.html.close();
  page.html.leaf("p", page.words(words::kStaleWhy)).close().close();
}

std::string tab_title(const sla::Page& page, const LivePage& asked, const Live* live) {
  if (live == nullptr) return page.words(words::kLive);
  const auto visible = visible_to(asked.viewer, *live);
  return std::string(sla::sign_of(tally_of(visible).worst)) + " " + title_of(page, asked, visible) +
         " · " + page.words(words::kLive);
}

}  // namespace

std::string live_page(const LivePage& asked, const Live* live) {
  Html html;
  const sla::Page page{html, asked.language};
  html.open("html", {{"lang", sla::tag(asked.language)}});
  html.open("head");
  html.empty("meta", {{"charset", "utf-8"}});
  html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.empty("link", {{"rel", "icon"}, {"href", "data:,"}});  // none, and no question for one
  html.leaf("title", tab_title(page, asked, live));
  html.style(live_style());
  html.close().open("body");
  put_stale(page, asked, live);
  html.open("noscript").leaf("p", page.words(words::kStill)).close();
  if (live != nullptr) {
    put_main(page, asked, *live);
  } else {
    put_starting(page);
  }
  html.script(kLiveScript);
  html.close().close();
  return std::move(html).page();
}

}  // namespace nines::collector
