// SPDX-License-Identifier: Apache-2.0
#include "cli/spool_view.h"

#include "cli/table.h"

namespace nines::cli {
namespace {

std::string count(const Json& object, const char* key) {
  const auto n = number_in(object, key);
  return n ? std::to_string(*n) : "–";
}

std::string bytes(const Json& object, const char* key) {
  const auto n = number_in(object, key);
  return n && *n >= 0 ? bytes_text(static_cast<std::uint64_t>(*n)) : "–";
}

}  // namespace

std::string spool_view(const Json& spool, WallTime now, const Style& style) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& text, Paint paint) {
    out += painted(style, Paint::faint, padded(name, 14)) +
           painted(style, paint, fitted(text, style.width - 14)) + "\n";
  };
  const auto state = text_in(spool, "state");
  const auto message = text_in(spool, "message");
  line("state", message.empty() ? state : state + ": " + message,
       state == "ok" ? Paint::good : Paint::bad);
  line("used", bytes(spool, "used_bytes") + " of " + bytes(spool, "size_bytes"), Paint::plain);
  std::string unsent =
      count(spool, "unsent_results") + " results in " + count(spool, "unsent_batches") + " batches";
  if (const auto oldest = instant_in(spool, "oldest_unsent")) {
    unsent += ", oldest " + clock_text(*oldest) + " (" + age_text(now - *oldest) + ")";
  }
  line("unsent", unsent, Paint::plain);
  const auto receipt = instant_in(spool, "last_receipt");
  line("last receipt",
       receipt ? clock_text(*receipt) + " (" + age_text(now - *receipt) + " ago)"
               : std::string("none yet"),
       Paint::plain);
  line("epoch", text_in(spool, "epoch"), Paint::plain);
  line("next", "batch " + count(spool, "next_batch") + ", result " + count(spool, "next_seq"),
       Paint::plain);
  line("written", bytes(spool, "written_bytes") + " in " + count(spool, "syncs") + " syncs",
       Paint::plain);
  const auto& gaps = field(spool, "gaps");
  if (!gaps.is_array() || gaps.empty()) {
    line("gaps", "none", Paint::plain);
    return out;
  }
  Table table({{"GAPS"}, {"RESULTS"}, {"COUNT", true}, {"CAUSE", false, 12}});
  for (const auto& gap : gaps) {
    const auto at = instant_in(gap, "at");
    table.add({{at ? clock_text(*at) : "–"},
               {count(gap, "first") + " to " + count(gap, "last")},
               {count(gap, "results")},
               {text_in(gap, "cause"), Paint::bad}});
  }
  return out + "\n" + table.render(style);
}

}  // namespace nines::cli
