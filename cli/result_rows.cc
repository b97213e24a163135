// SPDX-License-Identifier: Apache-2.0
#include "cli/result_rows.h"

#include "cli/table.h"

namespace nines::cli {
namespace {

std::string why_text(const Json& result) {
  const auto reason = text_in(result, "reason");
  const auto detail = text_in(result, "detail");
  std::string out;
  if (const auto span = number_in(result, "span"); span && *span > 1) {
    out = std::to_string(*span) + " slots: ";
  }
  if (reason != "ok") out += reason;
  if (!detail.empty()) out += (out.empty() || out.ends_with(' ') ? "" : ": ") + detail;
  const auto& status = field(field(result, "http"), "status");
  if (out.empty() && status.is_number_integer()) out = "HTTP " + status.dump();
  if (const auto& icmp = field(result, "icmp"); out.empty() && icmp.is_object()) {
    out = std::to_string(number_in(icmp, "received").value_or(0)) + " of " +
          std::to_string(number_in(icmp, "sent").value_or(0)) + " replies";
  }
  return out;
}

}  // namespace

std::string result_rows(const std::vector<const Json*>& results, const Style& style) {
  Table table(
      {{""}, {"STARTED"}, {"STATE"}, {"TOTAL", true}, {"ADDRESS", false, 8}, {"WHY", false, 12}});
  for (const Json* result : results) {
    const auto outcome = text_in(*result, "outcome");
    const auto started = instant_in(*result, "started");
    const auto paint = paint_of(outcome);
    table.add({{std::string(mark_of(outcome)), paint},
               {started ? clock_text(*started) : "–"},
               {outcome, paint},
               {latency_text(*result)},
               {text_in(*result, "address"), Paint::faint},
               {why_text(*result)}});
  }
  return table.render(style);
}

std::string phases_line(const Json& result, const Style& style) {
  std::string out;
  for (const auto& [key, value] : field(result, "phases").items()) {
    auto name = key;
    if (!value.is_number_integer() || !name.ends_with("_us")) continue;
    const auto us = value.get<std::int64_t>();
    if (us < 0 || us > INT64_MAX / 1000) continue;
    name.resize(name.size() - 3);
    for (auto& c : name) c = c == '_' ? ' ' : c;
    out += (out.empty() ? "" : " · ") + name + " " + human_duration(microseconds(us));
  }
  if (out.empty()) return {};
  return "   " + painted(style, Paint::faint, fitted(out, style.width - 3)) + "\n";
}

}  // namespace nines::cli
