// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sla/render/report_plots.h"
#include "sla/render/report_sentences.h"
#include "sla/render/svg.h"

namespace nines::sla {
namespace {

// Hundredths of a unit.
constexpr std::int64_t kAxisLeft = 6'000;
constexpr std::int64_t kAxisRight = 60'000;
constexpr std::int64_t kRow = 2'200;
constexpr std::int64_t kBar = 1'400;

std::string milliseconds(Language language, std::int64_t us) {
  const Rational ms(Integer(us), Integer(1000));
  return say(language, words::kMilliseconds, {decimal_text(ms)});
}

// The agreed limit in µs, of objectives that have one.
std::optional<std::int64_t> limit_of(const ObjectiveReport& o) {
  if (unit_of(o) != Unit::microseconds) return std::nullopt;
  const auto limit = parse_decimal(o.target);
  if (!limit) return std::nullopt;
  const Integer us = (*limit * Rational(1000)).floor();
  return us.fits_int64() ? std::optional(us.to_int64()) : std::nullopt;
}

}  // namespace

void plot_latency(Html& html, Language language, const ObjectiveReport& o, const std::string& id) {
  const auto& quantiles = o.percentiles_us.empty() ? o.sketch_us : o.percentiles_us;
  if (quantiles.empty()) return;
  const std::optional<std::int64_t> limit = limit_of(o);
  std::int64_t most = std::max<std::int64_t>(limit.value_or(1), 1);
  for (const auto& [name, us] : quantiles) most = std::max(most, us);
  const Scale across({0, most}, kAxisLeft, kAxisRight);
  const std::int64_t bottom = kRow * static_cast<std::int64_t>(quantiles.size());
  html.open("figure", {{"class", "plot"}});
  html.open("svg", {{"viewBox", "0 0 720 " + coordinate(bottom + 1'400)},
                    {"role", "img"},
                    {"aria-labelledby", id + "-t " + id + "-d"}});
  html.leaf("title", {{"id", id + "-t"}}, say(language, words::kLatency));
  std::string summary;
  for (const auto& [name, us] : quantiles) {
    summary += (summary.empty() ? "" : ", ") + name + " " + milliseconds(language, us);
  }
  html.leaf("desc", {{"id", id + "-d"}}, summary);
  const auto text = [&](std::string_view css, std::int64_t x, std::int64_t y,
                        std::string_view words) {
    html.leaf("text", {{"class", css}, {"x", coordinate(x)}, {"y", coordinate(y)}}, words);
  };
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const auto& [name, us] = quantiles[i];
    const std::int64_t top = kRow * static_cast<std::int64_t>(i) + (kRow - kBar) / 2;
    const std::int64_t width = std::max<std::int64_t>(across.at(us) - kAxisLeft, 50);
    html.empty("path", {{"class", "bar"}, {"d", Box{kAxisLeft, top, width, kBar}.path()}});
    text("r", kAxisLeft - 600, top + 1'000, name);
    text("l", kAxisLeft + width + 600, top + 1'000, milliseconds(language, us));
  }
  if (limit) {
    const std::string x = coordinate(across.at(*limit));
    html.empty("path", {{"class", "ideal"}, {"d", "M" + x + " 0V" + coordinate(bottom)}});
    text("m", across.at(*limit), bottom + 1'100, target_text(language, o, o.target));
  }
  html.close();
  std::string caption = say(language, words::kLatencyCaption);
  if (o.percentiles_us.empty()) caption += " (" + say(language, words::kEstimated) + ")";
  html.leaf("figcaption", caption);
  html.close();
}

}  // namespace nines::sla
