// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_text.h"

#include <algorithm>

#include "base/utf8.h"
#include "sla/words/text_layout.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMaxOutages = 20;

enum class Paint { none, bold, dim, green, red, yellow };

Paint paint_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return Paint::green;
    case Verdict::breached:
      return Paint::red;
    case Verdict::indeterminate:
    case Verdict::no_data:
      return Paint::yellow;
    default:
      return Paint::dim;
  }
}

class Writer {
 public:
  Writer(bool colour, Language language) : colour_(colour), language_(language) {}

  std::string report(const Report& report) const;

 private:
  std::string paint(Paint paint, const std::string& text) const;

  std::string words(const Phrase& phrase,
                    std::initializer_list<std::string_view> values = {}) const {
    return say(language_, phrase, values);
  }

  std::string heading(const std::string& title, Paint paint_right, const std::string& right) const;
  std::string row(const Phrase& label, std::int64_t ns, bool up, const std::string& note) const;
  std::string count_row(const Phrase& label, std::int64_t count) const;
  std::string cause_rows(const ObjectiveReport& o) const;
  std::string seconds_table(const ObjectiveReport& o) const;
  std::string outage_table(const ObjectiveReport& o) const;
  std::string versions(const ObjectiveReport& o) const;
  std::string further(const ObjectiveReport& o) const;
  std::string support(const Report& report) const;
  std::string notices(const Report& report) const;
  std::string credits(const Report& report) const;
  std::string suppliers(const Report& report) const;
  std::string signatures(const Report& report) const;
  std::string objective(const ObjectiveReport& o) const;

  bool colour_;
  Language language_;
};

std::string Writer::paint(Paint paint, const std::string& text) const {
  constexpr const char* kCodes[] = {"", "1", "2", "1;32", "1;31", "1;33"};
  if (!colour_ || paint == Paint::none) return text;
  return std::string("\033[") + kCodes[static_cast<int>(paint)] + "m" + text + "\033[0m";
}

// A title, and what stands at the right edge of its line where both fit.
std::string Writer::heading(const std::string& title,
                            Paint paint_right,
                            const std::string& right) const {
  const std::size_t used = display_width(title) + display_width(right);
  const bool fits = used + 2 <= kTextWidth;
  return paint(Paint::bold, title) + (fits ? std::string(kTextWidth - used, ' ') : "\n  ") +
         paint(paint_right, right) + "\n";
}

std::string Writer::row(const Phrase& label,
                        std::int64_t ns,
                        bool up,
                        const std::string& note) const {
  const Rational seconds = in_seconds(Rational(ns));
  const Integer whole = up ? seconds.ceil() : seconds.floor();
  return "  " + left(words(label), 14) + right(words(words::kSeconds, {grouped(whole)}), 16) +
         right(duration_text(language_, whole.to_int64()), 26) +
         (note.empty() ? "" : right(note, 14)) + "\n";
}

std::string Writer::count_row(const Phrase& label, std::int64_t count) const {
  return "  " + left(words(label), 14) + right(grouped(Integer(count)), 14) + "\n";
}

// A line for each cause of unknown time, the longest first.
std::string Writer::cause_rows(const ObjectiveReport& o) const {
  std::vector<std::pair<std::int64_t, std::string>> causes;
  for (const auto& [cause, ns] : o.unknown_by) {
    const bool english = language_ == Language::en;
    causes.emplace_back(-ns, english ? std::string(name(cause)) : words(words_of(cause)));
  }
  std::sort(causes.begin(), causes.end());
  std::string out;
  for (const auto& [minus_ns, cause] : causes) {
    const Integer whole = in_seconds(Rational(-minus_ns)).ceil();
    const std::string label = left("    " + cause, 16);
    const std::size_t rest = 32 - std::min<std::size_t>(display_width(label), 31);
    out += label + " " + right(words(words::kSeconds, {grouped(whole)}), rest - 1) +
           right(duration_text(language_, whole.to_int64()), 26) + "\n";
  }
  return out;
}

std::string kinds_text(const std::vector<std::pair<std::string, std::int64_t>>& kinds) {
  std::string out;
  for (const auto& [kind, ns] : kinds) {
    if (ns > 0) out += (out.empty() ? "" : ", ") + kind;
  }
  return out;
}

std::string Writer::seconds_table(const ObjectiveReport& o) const {
  const Seconds& s = o.seconds;
  std::string out;
  if (s.accountable() > 0) {
    out += row(words::kUp, s.up, false, share_text(o, s.up, false));
    out += row(words::kDown, s.down, true, share_text(o, s.down, true));
    out += row(words::kUnmeasured, s.unknown, true, share_text(o, s.unknown, true));
    out += cause_rows(o);
  }
  if (o.partial_ns > 0) {
    out += row(words::kPartlyDown, o.partial_ns, true, words(words::kNotCharged));
  }
  if (o.blip_ns > 0) {
    out += row(words::kBlips, o.blip_ns, true, words(words::kBlipCount, {std::to_string(o.blips)}));
  }
  if (o.forgiven_short_ns > 0) {
    out += row(words::kShortOutages, o.forgiven_short_ns, true, words(words::kForgiven));
  }
  if (o.forgiven_excluded_ns > 0) {
    out += row(words::kInExclusions, o.forgiven_excluded_ns, true, words(words::kCountsAsUp));
  }
  for (const auto& [kind, ns] : o.down_by) {
    if (ns > 0) out += row(words::kOfItBy, ns, true, kind);
  }
  out += count_row(words::kResults, o.samples);
  if (s.not_in_force > 0) out += row(words::kNotInForce, s.not_in_force, false, "");
  if (s.out_of_hours > 0) out += row(words::kOutOfHours, s.out_of_hours, false, "");
  if (s.excluded > 0) out += row(words::kExcluded, s.excluded, false, kinds_text(o.excluded_by));
  if (s.future > 0) out += row(words::kStillToCome, s.future, false, "");
  if (o.budget) {
    const Rational& total = o.budget->total_ns;
    std::string used;
    if (total > Rational(0)) {
      const Rational share = Rational(o.budget->used_ns) / total;
      used = words(words::kUsedShare, {ceil_text(share * Rational(100), 1)});
    }
    out += row(words::kBudget, total.floor().to_int64(), false, used);
  }
  return out;
}

std::string Writer::outage_table(const ObjectiveReport& o) const {
  if (o.outages.empty()) return "";
  std::string out =
      "\n  " +
      paint(Paint::dim, left(words(words::kOutageFrom), 21) + left(words(words::kTo), 19) +
                            right(words(words::kLasted), 12) + right(words(words::kAtLeast), 12) +
                            right(words(words::kLongest), 12)) +
      "\n";
  for (std::size_t i = 0; i < o.outages.size() && i < kMaxOutages; ++i) {
    const Outage& outage = o.outages[i];
    const std::int64_t whole = outage.whole_down_ns;
    out += "  " + left(local_text(o.zone, {outage.whole.from}), 21) +
           left(local_text(o.zone, {outage.whole.to}), 19) +
           right(seconds_up(language_, whole), 12) +
           right(seconds_down(language_, outage.least_ns), 12) +
           right(seconds_up(language_, outage.most_ns), 12) + "\n";
    if (!outage.counted) {
      out += "    " + words(words::kForgivenShort) + "\n";
    } else if (outage.down_ns != whole) {
      out += "    " + words(words::kOfItCharged, {seconds_up(language_, outage.down_ns)}) + "\n";
    }
    if (!outage.cause.empty()) {
      out += "    " + words(words::kCauseIs, {outage.cause}) + "\n";
    }
  }
  if (o.outages.size() > kMaxOutages) {
    const std::string more = std::to_string(o.outages.size() - kMaxOutages);
    out += "  " + words(words::kAndMore, {more}) + "\n";
  }
  return out;
}

std::string Writer::versions(const ObjectiveReport& o) const {
  if (o.versions.size() < 2) return "";
  std::string out = "\n";
  for (const VersionPart& part : o.versions) {
    std::string line = words(words::kVersionLine, {part.version, words(words_of(part.verdict))});
    if (part.nominal)
      line += words(words::kVersionValue, {value_text(language_, o, *part.nominal)});
    line += words(words::kVersionDown, {seconds_up(language_, part.seconds.down),
                                        seconds_down(language_, part.seconds.accountable())});
    out += wrapped(line, "  ");
  }
  return out;
}

// Percentiles, slices, intervals, speeds, other periods: what there is of them.
std::string Writer::further(const ObjectiveReport& o) const {
  std::string out;
  const auto& percentiles = o.percentiles_us.empty() ? o.sketch_us : o.percentiles_us;
  for (const auto& [name, us] : percentiles) {
    const std::string ms = decimal_text(Rational(Integer(us), Integer(1000)));
    out += "  " + left(name, 14) + right(words(words::kMilliseconds, {ms}), 16) + "\n";
  }
  std::string sentences;
  const auto put = [&](const std::string& sentence) { sentences += wrapped(sentence, "  "); };
  for (const std::string& each : forecast_sentences(language_, o)) put(each);
  if (o.slices) {
    put(words(words::kSlices,
              {grouped(Integer(o.slices->good)), grouped(Integer(o.slices->with_data)),
               grouped(Integer(o.slices->empty))}));
  }
  if (o.interval95) {
    put(words(words::kInterval95) + ": " + percent(o.interval95->low, o.decimals) + "–" +
        ceil_text(o.interval95->high * Rational(100), o.decimals) + " %");
  }
  for (const BurnAlert& each : o.burn) {
    put(words(words::kBurnLine, {each.severity,
                                 interval_text(language_, each.long_window.count()) + "/" +
                                     interval_text(language_, each.short_window.count()),
                                 speed_text(each.long_burn) + "/" + speed_text(each.short_burn),
                                 speed_text(each.threshold), alert_text(language_, each)}));
  }
  for (const ObjectiveReport& each : o.also) {
    put(words(words::kAlsoLine,
              {period_text(language_, each),
               each.nominal ? value_text(language_, each, *each.nominal) : words(words::kNoData),
               seconds_up(language_, each.seconds.down)}));
  }
  if (o.resolution_ns > 0 && unit_of(o) == Unit::time_share) put(unseen_text(language_, o));
  return out + (sentences.empty() ? "" : "\n") + sentences;
}

std::string Writer::support(const Report& report) const {
  std::string out;
  for (const SupportReport& each : report.support) {
    out += wrapped(words(words::kSupportLine, {each.priority, std::to_string(each.incidents),
                                               std::to_string(each.responded_in_time),
                                               std::to_string(each.resolved_in_time)}),
                   "");
    for (const SupportClock& clock : each.clocks) {
      const std::string verdict = words(clock.verdict ? words_of(*clock.verdict) : words::kRunning);
      out += wrapped(words(words::kClockLine, {printable(clock.incident), clock.clock,
                                               seconds_up(language_, clock.elapsed_ns),
                                               seconds_down(language_, clock.limit_ns), verdict}),
                     "  ");
    }
  }
  return out.empty() ? out : out + "\n";
}

std::string Writer::notices(const Report& report) const {
  if (!report.notices) return "";
  std::string out = wrapped(notices_text(language_, *report.notices), "");
  for (const NoticeClock& clock : report.notices->clocks) {
    const std::string verdict = words(clock.verdict ? words_of(*clock.verdict) : words::kRunning);
    out += wrapped(
        words(words::kNoticeLine,
              {printable(clock.incident), promise_text(language_, clock),
               seconds_up(language_, clock.elapsed_ns), seconds_down(language_, clock.limit_ns),
               verdict, span_text(language_, clock)}),
        "  ");
  }
  return out + "\n";
}

std::string Writer::credits(const Report& report) const {
  if (!report.credits) return "";
  const Credits& credits = *report.credits;
  std::string out;
  for (const CreditLine& line : credits.lines) {
    out += wrapped(words(words::kCreditLine, {line.objective, floor_text(line.percent, 3),
                                              money_text(credits, line.amount)}),
                   "");
  }
  out += wrapped(words(words::kCreditSum,
                       {floor_text(credits.percent, 3), money_text(credits, credits.amount)}),
                 "");
  if (credits.claim_until) {
    out += wrapped(words(words::kClaimUntil, {format_rfc3339(*credits.claim_until)}), "");
  }
  return out + "\n";
}

std::string Writer::suppliers(const Report& report) const {
  std::string out;
  for (const SupplierReport& supplier : report.suppliers) {
    std::string_view indent;  // the first is the supplier's own line
    for (const std::string& each : supplier_sentences(language_, supplier)) {
      out += wrapped(printable(each), indent);
      indent = "  ";
    }
  }
  if (report.uncovered) out += wrapped(uncovered_text(language_, *report.uncovered), "");
  return out.empty() ? out : out + "\n";
}

std::string Writer::signatures(const Report& report) const {
  std::string out;
  for (const SignedVersion& each : report.signatures) {
    if (!each.tells()) continue;
    const std::string hands = hands_text(language_, each);
    out += wrapped(printable(words(words::kSignaturesUnder, {each.version, hands})), "");
  }
  return out.empty() ? out : out + "\n";
}

std::string Writer::objective(const ObjectiveReport& o) const {
  std::string out = heading(words(words::kObjectiveOf, {o.name, o.service}), paint_of(o.verdict),
                            verdict_text(language_, o));
  out += paint(Paint::dim, period_text(language_, o)) + "\n\n";
  out += wrapped(report_line(o, language_), "  ") + "\n";
  const bool latency =
      unit_of(o) == Unit::microseconds || o.statistic == Objective::Statistic::share_below;
  if (latency) {
    out += count_row(words::kSuccesses, o.samples);
  } else {
    out += seconds_table(o);
    if (const std::string outlook = outlook_text(language_, o); !outlook.empty()) {
      out += wrapped(outlook, "  ");
    }
    out += outage_table(o);
  }
  const std::vector<std::string> disputes = dispute_sentences(language_, o);
  if (!disputes.empty()) out += "\n";
  for (const std::string& each : disputes) out += wrapped(each, "  ");
  return out + versions(o) + further(o);
}

std::string Writer::report(const Report& report) const {
  const std::string stamp = state_text(language_, report);
  std::string out = heading(report.agreement + " " + report.version, Paint::dim, stamp);
  out += std::string(kTextWidth, '-') + "\n";
  for (const ObjectiveReport& each : report.objectives) out += objective(each) + "\n";
  out +=
      support(report) + notices(report) + credits(report) + suppliers(report) + signatures(report);
  for (const Warning& warning : report.warnings) {
    out += wrapped(words(words::kWarning, {printable(warning_text(warning, language_))}), "");
  }
  return out;
}

}  // namespace

std::string report_text(const Report& report, bool colour, Language language) {
  return Writer(colour, language).report(report);
}

}  // namespace nines::sla
