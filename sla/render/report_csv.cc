// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_csv.h"

#include <array>

#include "base/utf8.h"
#include "sla/render/report_sentences.h"

namespace nines::sla {
namespace {

constexpr std::array<std::string_view, 41> kColumns = {
    "agreement",      "objective",      "service",        "statistic",
    "part",           "version",        "from",           "to",
    "zone",           "target",         "value",          "unit",
    "verdict",        "certain",        "worst_value",    "best_value",
    "coverage_value", "nominal",        "worst",          "best",
    "coverage",       "not_in_force_s", "out_of_hours_s", "future_s",
    "excluded_s",     "unknown_s",      "down_s",         "up_s",
    "down_min_s",     "down_max_s",     "budget_total_s", "budget_used_s",
    "budget_left_s",  "outages",        "results",        "resolution_s",
    "as_of",          "digest",         "supplier",       "provider_signed",
    "customer_signed"};

// Quoted where RFC 4180 asks for it.
std::string in_quotes(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// A text from outside. A spreadsheet would run what begins like a formula; the apostrophe makes it
// a text there.
std::string guarded(std::string_view text) {
  std::string out = printable(text);
  const std::size_t first = out.find_first_not_of(' ');
  const bool formula =
      first != std::string::npos && std::string_view("=+-@").find(out[first]) != std::string::npos;
  if (formula) out.insert(0, 1, '\'');
  return in_quotes(out);
}

class CsvRow {
 public:
  // A number or a name of ours.
  void put(std::string_view text) { fields_.emplace_back(text); }

  void put_text(std::string_view text) { fields_.push_back(guarded(text)); }

  void put_seconds(const Rational& ns) { put(decimal_text(in_seconds(ns))); }

  // The share or length itself, rounded down; JSON has the exact fraction.
  void put_number(const std::optional<Rational>& value) {
    constexpr unsigned kDecimals = 12;
    put(value ? floor_text(*value, kDecimals) : "");
  }

  void put_shown(const ObjectiveReport& o, const std::optional<Rational>& value) {
    put(value ? shown_number(o, *value) : "");
  }

  std::string line() const {
    std::string out;
    for (const std::string& field : fields_) out += (&field == &fields_[0] ? "" : ",") + field;
    return out + "\r\n";
  }

 private:
  std::vector<std::string> fields_;
};

std::string_view unit_name(const ObjectiveReport& o) {
  switch (unit_of(o)) {
    case Unit::microseconds:
      return "ms";
    case Unit::nanoseconds:
      return "s";
    default:
      return "%";
  }
}

// What a row of a version does not have of its own is empty there.
struct CsvPart {
  std::string_view kind;
  std::string version;
  Digest digest;
  Interval span;
  std::string target;
  const Seconds& seconds;
  const std::optional<Rational>& nominal;
  Verdict verdict;
  bool whole;
  std::string supplier;  // empty: the agreement's own
};

std::string row_of(const Report& report, const ObjectiveReport& o, const CsvPart& part) {
  CsvRow row;
  row.put_text(report.agreement);
  row.put_text(o.name);
  row.put_text(o.service);
  row.put(name(o.statistic));
  row.put(part.kind);
  row.put_text(part.version);
  row.put(format_rfc3339(WallTime{part.span.from}));
  row.put(format_rfc3339(WallTime{part.span.to}));
  row.put_text(o.zone.name());
  row.put(part.target);
  row.put_shown(o, part.nominal);
  row.put(unit_name(o));
  row.put(name(part.verdict));
  const std::optional<Rational> none;
  const auto& worst = part.whole ? o.worst : none;
  const auto& best = part.whole ? o.best : none;
  const auto& coverage = part.whole ? o.coverage : none;
  row.put(part.whole && o.certain ? (*o.certain ? "true" : "false") : "");
  row.put_shown(o, worst);
  row.put_shown(o, best);
  row.put(coverage ? percent(*coverage, o.decimals) : "");
  row.put_number(part.nominal);
  row.put_number(worst);
  row.put_number(best);
  row.put_number(coverage);
  const Seconds& s = part.seconds;
  for (const std::int64_t ns :
       {s.not_in_force, s.out_of_hours, s.future, s.excluded, s.unknown, s.down, s.up}) {
    row.put_seconds(ns);
  }
  if (part.whole) {
    row.put_seconds(o.least_down_ns);
    row.put_seconds(o.most_down_ns);
  } else {
    row.put("");
    row.put("");
  }
  if (part.whole && o.budget) {
    row.put_seconds(o.budget->total_ns);
    row.put_seconds(o.budget->used_ns);
    row.put_seconds(o.budget->left_ns());
  } else {
    for (int i = 0; i < 3; ++i) row.put("");
  }
  row.put(part.whole ? std::to_string(o.outages.size()) : "");
  row.put(part.whole ? std::to_string(o.samples) : "");
  row.put_seconds(o.resolution_ns);
  row.put(format_rfc3339(report.as_of));
  row.put(part.supplier.empty() ? "sha256:" + hex(part.digest) : "");
  row.put_text(part.supplier);
  const SignedVersion* under = report.signatures_under(part.version);
  const bool own = part.supplier.empty() && under != nullptr;
  for (const auto hand : {&SignedVersion::provider, &SignedVersion::customer}) {
    const bool has = own && !(under->*hand).actor.empty();
    row.put(has ? format_rfc3339((under->*hand).at) : "");
  }
  return row.line();
}

}  // namespace

std::string report_csv(const Report& report) {
  CsvRow head;
  for (const std::string_view column : kColumns) head.put(column);
  std::string out = head.line();
  const auto put_whole = [&](const ObjectiveReport& o, const std::string& supplier) {
    out += row_of(report, o,
                  {"period", supplier.empty() ? report.version : "", report.digest, o.period,
                   o.target, o.seconds, o.nominal, o.verdict, true, supplier});
  };
  for (const ObjectiveReport& o : report.objectives) {
    put_whole(o, "");
    if (o.versions.size() < 2) continue;
    for (const VersionPart& part : o.versions) {
      out += row_of(report, o,
                    {"version", part.version, part.digest, part.in_force, part.target, part.seconds,
                     part.nominal, part.verdict, false, ""});
    }
  }
  for (const SupplierReport& supplier : report.suppliers) {
    for (const ObjectiveReport& o : supplier.objectives) put_whole(o, supplier.name);
  }
  return out;
}

}  // namespace nines::sla
