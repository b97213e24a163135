// SPDX-License-Identifier: Apache-2.0
#include "cli/result_rows.h"

#include "cli/table.h"

namespace nines::cli {
namespace {

// One word where there is one: the detail follows on a line of its own.
std::string why_text(const Json& result) {
  const auto cause = shown_cause(result);
  const auto reason = (cause.empty() ? "" : cause + ", ") + text_in(result, "reason");
  if (const auto span = number_in(result, "span"); span && *span > 1) {
    return reason + " ×" + std::to_string(*span);
  }
  if (reason != "ok" && !reason.empty()) return reason;
  const auto& status = field(field(result, "http"), "status");
  if (status.is_number_integer()) return "HTTP " + status.dump();
  const auto& icmp = field(result, "icmp");
  if (!icmp.is_object()) return {};
  return std::to_string(number_in(icmp, "received").value_or(0)) + " of " +
         std::to_string(number_in(icmp, "sent").value_or(0)) + " replies";
}

}  // namespace

std::string result_rows(const std::vector<const Json*>& results, const Style& style) {
  Table table(
      {{""}, {"STARTED"}, {"STATE"}, {"LATENCY", true}, {"ADDRESS", false, 8}, {"WHY", false, 24}});
  for (const Json* result : results) {
    const auto outcome = shown_outcome(*result);
    const auto started = instant_in(*result, "started");
    const auto paint = paint_of(outcome);
    table.add({{std::string(mark_of(outcome)), paint},
               {started ? clock_text(*started) : "–"},
               {outcome, paint},
               {latency_text(*result)},
               {text_in(*result, "address"), Paint::faint},
               {why_text(*result)}});
    table.note(text_in(*result, "detail"));
  }
  return table.render(style);
}

std::string phases_line(const Json& result, const Style& style) {
  constexpr std::size_t kIndent = 5;
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) {
      out += std::string(kIndent, ' ') +
             painted(style, Paint::faint, fitted(line, style.width - kIndent)) + "\n";
    }
    line.clear();
  };
  const auto& phases = field(result, "phases");
  for (const auto& [key, value] : phases.items()) {
    const auto time = microseconds_in(phases, key.c_str());
    if (!time || !key.ends_with("_us")) continue;
    auto part = key.substr(0, key.size() - 3);
    for (auto& c : part) c = c == '_' ? ' ' : c;
    part += " " + human_duration(*time);
    const auto wide = display_width(line) + 3 + display_width(part);
    if (!line.empty() && wide > style.width - kIndent) flush();
    line += (line.empty() ? "" : " · ") + part;
  }
  flush();
  return out;
}

}  // namespace nines::cli
