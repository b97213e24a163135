// SPDX-License-Identifier: Apache-2.0
#include "sla/report_text.h"

#include <algorithm>

namespace nines::sla {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kMaxOutages = 20;
constexpr std::int64_t kSecond = 1'000'000'000;

enum class Paint { none, bold, dim, green, red, yellow };

class Painter {
 public:
  explicit Painter(bool colour) : colour_(colour) {}

  std::string operator()(Paint paint, const std::string& text) const {
    constexpr const char* kCodes[] = {"", "1", "2", "1;32", "1;31", "1;33"};
    if (!colour_ || paint == Paint::none) return text;
    return std::string("\033[") + kCodes[static_cast<int>(paint)] + "m" + text + "\033[0m";
  }

 private:
  bool colour_;
};

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

// Columns of UTF-8 text: bytes that begin a character.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string left(std::string text, std::size_t width) {
  const std::size_t have = columns(text);
  return have < width ? text + std::string(width - have, ' ') : text;
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t have = columns(text);
  return have < width ? std::string(width - have, ' ') + text : text;
}

// Groups of three digits: "2 592 000".
std::string grouped(const Integer& value) {
  std::string digits = value.text();
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    if (digits[at - 1] == '-') break;
    digits.insert(at, 1, ' ');
  }
  return digits;
}

Rational to_seconds(const Rational& ns) { return ns * Rational(Integer(1), Integer(kSecond)); }

// Downtime is rounded up, everything else down.
std::string seconds_up(const Rational& ns) { return grouped(to_seconds(ns).ceil()) + " s"; }

std::string seconds_down(const Rational& ns) { return grouped(to_seconds(ns).floor()) + " s"; }

// "29 d 19 h 49 min 55 s" of whole seconds.
std::string clock_text(std::int64_t seconds) {
  std::string out;
  const auto put = [&](std::int64_t amount, const char* unit) {
    if (amount > 0) out += (out.empty() ? "" : " ") + std::to_string(amount) + " " + unit;
  };
  put(seconds / 86'400, "d");
  put(seconds / 3600 % 24, "h");
  put(seconds / 60 % 60, "min");
  put(seconds % 60, "s");
  return out.empty() ? "0 s" : out;
}

std::string percent(const Rational& share, unsigned decimals) {
  return floor_text(share * Rational(100), decimals);
}

std::string verdict_text(const ObjectiveReport& o) {
  std::string out(name(o.verdict));
  const bool decided = o.verdict == Verdict::met || o.verdict == Verdict::breached;
  if (decided && o.certain) out += *o.certain ? ", certain" : ", within measurement uncertainty";
  return out;
}

std::string unmeasured_text(const ObjectiveReport& o) {
  const Rational share(Integer(o.seconds.unknown), Integer(o.seconds.accountable()));
  constexpr unsigned kDecimals = 2;
  return ceil_text(share * Rational(100), kDecimals) + " % unmeasured";
}

// "(99.826–99.833 by 30 s sampling; 0.41 % unmeasured: 99.421–99.831)", or nothing.
std::string bounds_text(const ObjectiveReport& o) {
  std::string out;
  const bool timed = unit_of(o) == Unit::time_share;
  const bool outages =
      timed && (o.least_down_ns != o.seconds.down || o.most_down_ns != o.seconds.down);
  if (o.nominal && outages) {
    const Integer& up = o.nominal->numerator();
    const Integer& whole = o.nominal->denominator();
    const Rational low(up - Integer(o.most_down_ns - o.seconds.down), whole);
    const Rational high(up + Integer(o.seconds.down - o.least_down_ns), whole);
    out = percent(low, o.decimals) + "–" + percent(high, o.decimals) + " by " +
          format_duration(Duration(o.resolution_ns)) + " sampling";
    const std::size_t unit = out.find("s sampling");
    const bool plain_seconds = o.resolution_ns % kSecond == 0 && o.resolution_ns < 60 * kSecond;
    if (plain_seconds && unit != std::string::npos) out.insert(unit, 1, ' ');
  }
  if (o.seconds.unknown > 0) {
    out += (out.empty() ? "" : "; ") + unmeasured_text(o);
    if (o.worst && o.best && !(*o.worst == *o.best)) {
      out += ": " + percent(*o.worst, o.decimals) + "–" + percent(*o.best, o.decimals);
    }
  }
  return out.empty() ? out : " (" + out + ")";
}

std::string margin_text(const ObjectiveReport& o) {
  if (!o.budget) return "";
  const Rational left = o.budget->left_ns();
  if (left < Rational(0)) return " · " + seconds_up(Rational(0) - left) + " over budget";
  return " · " + seconds_down(left) + " of budget left";
}

// A mean or a percentile of response times, or how long outages lasted.
std::string length_line(const ObjectiveReport& o) {
  using Statistic = Objective::Statistic;
  const bool latency = unit_of(o) == Unit::microseconds;
  const std::string unit = latency ? " ms" : " s";
  const Rational scale(Integer(1), Integer(latency ? 1000 : kSecond));
  std::string what = std::string(name(o.statistic));
  if (o.statistic == Statistic::percentile && !o.percentiles_us.empty()) {
    what = o.percentiles_us.front().first;
  }
  if (o.statistic == Statistic::longest_outage) what = "longest outage";
  if (o.statistic == Statistic::mttr) what = "mean outage";
  std::string out = o.name + " ";
  const bool no_outage = o.statistic == Statistic::mttr && o.verdict == Verdict::met;
  out += o.nominal   ? floor_text(*o.nominal * scale, o.decimals) + unit
         : no_outage ? "no outage,"
                     : "no data";
  out += " " + what + " · at most " + o.target + unit + " · " + verdict_text(o);
  if (o.seconds.unknown > 0) out += " (" + unmeasured_text(o) + ")";
  return out;
}

// Whether a line may end between the two: "30 s", "99.9 %" and "1 786 s" stay together.
bool may_break(std::string_view before, std::string_view after) {
  constexpr std::size_t kLongestUnit = 3;
  const bool number = !before.empty() && before.back() >= '0' && before.back() <= '9';
  return !number || after.size() > kLongestUnit || after == "·" || after == "by";
}

// Breaks at spaces; continuation lines are indented alike.
std::string wrapped(const std::string& text, const std::string& indent) {
  std::string out = indent;
  std::size_t column = indent.size();
  std::string piece;  // words that stay together
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    piece += (piece.empty() ? "" : " ") + text.substr(at, space - at);
    at = space + 1;
    const std::string_view rest = std::string_view(text).substr(std::min(at, text.size()));
    if (!rest.empty() && !may_break(piece, rest.substr(0, rest.find(' ')))) continue;
    const bool first = column == indent.size();
    if (!first && column + 1 + columns(piece) > kWidth) {
      out += "\n" + indent;
      column = indent.size();
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += piece;
    column += columns(piece);
    piece.clear();
  }
  return out + "\n";
}

std::string row(const char* label, std::int64_t ns, bool round_up, const std::string& note) {
  const Rational seconds = to_seconds(Rational(ns));
  const Integer whole = round_up ? seconds.ceil() : seconds.floor();
  return "  " + left(label, 14) + right(grouped(whole) + " s", 16) +
         right(clock_text(whole.to_int64()), 26) + (note.empty() ? "" : right(note, 14)) + "\n";
}

std::string share_note(const ObjectiveReport& o, std::int64_t ns, bool round_up) {
  const Rational share = Rational(Integer(ns), Integer(o.seconds.accountable())) * Rational(100);
  return (round_up ? ceil_text(share, o.decimals) : floor_text(share, o.decimals)) + " %";
}

// A line for each cause of unknown time, the longest first.
std::string cause_rows(const ObjectiveReport& o) {
  std::vector<std::pair<std::int64_t, std::string>> causes;
  for (const auto& [cause, ns] : o.unknown_by) causes.emplace_back(-ns, name(cause));
  std::sort(causes.begin(), causes.end());
  std::string out;
  for (const auto& [minus_ns, cause] : causes) {
    const Integer whole = to_seconds(Rational(-minus_ns)).ceil();
    const std::string label = left("    " + cause, 16);
    const std::size_t rest = 32 - std::min<std::size_t>(columns(label), 31);
    out += label + " " + right(grouped(whole) + " s", rest - 1) +
           right(clock_text(whole.to_int64()), 26) + "\n";
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

std::string seconds_table(const ObjectiveReport& o) {
  const Seconds& s = o.seconds;
  std::string out;
  if (s.accountable() > 0) {
    out += row("up", s.up, false, share_note(o, s.up, false));
    out += row("down", s.down, true, share_note(o, s.down, true));
    out += row("unmeasured", s.unknown, true, share_note(o, s.unknown, true));
    out += cause_rows(o);
  }
  if (o.partial_ns > 0) out += row("partly down", o.partial_ns, true, "not charged");
  if (o.blip_ns > 0) {
    out += row("blips", o.blip_ns, true, std::to_string(o.blips) + ", count as up");
  }
  if (o.forgiven_short_ns > 0) out += row("short outages", o.forgiven_short_ns, true, "forgiven");
  if (o.forgiven_excluded_ns > 0) {
    out += row("in exclusions", o.forgiven_excluded_ns, true, "counts as up");
  }
  for (const auto& [kind, ns] : o.down_by) {
    if (ns > 0) out += row("of it by", ns, true, kind);
  }
  out += "  " + left("results", 14) + right(grouped(Integer(o.samples)), 14) + "\n";
  if (s.excluded > 0) out += row("excluded", s.excluded, false, kinds_text(o.excluded_by));
  if (s.out_of_hours > 0) out += row("out of hours", s.out_of_hours, false, "");
  if (s.not_in_force > 0) out += row("not in force", s.not_in_force, false, "");
  if (s.future > 0) out += row("still to come", s.future, false, "");
  if (o.budget) {
    const Rational& total = o.budget->total_ns;
    std::string used;
    if (total > Rational(0)) {
      used = ceil_text(Rational(o.budget->used_ns) / total * Rational(100), 1) + " % used";
    }
    out += row("budget", total.floor().to_int64(), false, used);
  }
  return out;
}

std::string outlook_text(const ObjectiveReport& o) {
  if (!o.outlook || o.seconds.future == 0) return "";
  std::string out = "outlook: " + std::string(name(*o.outlook));
  if (o.forecast && o.seconds.down > 0) {
    out += ", " + seconds_up(o.forecast->projected_ns) + " down by the end at this pace";
    if (o.forecast->exhausted_at && o.forecast->exhausted_at->ns < o.period.to &&
        *o.outlook != Outlook::breach_certain) {
      out += ", budget used up on " + local_text(o.zone, *o.forecast->exhausted_at);
    }
  }
  return wrapped(out, "  ");
}

std::string outage_table(const ObjectiveReport& o, const Painter& paint) {
  if (o.outages.empty()) return "";
  std::string out =
      "\n  " +
      paint(Paint::dim, left("outage from", 21) + left("to", 19) + right("lasted", 12) +
                            right("at least", 12) + right("at most", 12)) +
      "\n";
  for (std::size_t i = 0; i < o.outages.size() && i < kMaxOutages; ++i) {
    const Outage& outage = o.outages[i];
    const std::int64_t whole = outage.whole_down_ns;
    out += "  " + left(local_text(o.zone, {outage.whole.from}), 21) +
           left(local_text(o.zone, {outage.whole.to}), 19) + right(seconds_up(whole), 12) +
           right(seconds_down(outage.least_ns), 12) + right(seconds_up(outage.most_ns), 12) + "\n";
    if (!outage.counted) {
      out += "    forgiven, too short to count\n";
    } else if (outage.down_ns != whole) {
      out += "    of it charged in this period: " + seconds_up(outage.down_ns) + "\n";
    }
    if (!outage.cause.empty()) out += "    cause: " + outage.cause + "\n";
  }
  if (o.outages.size() > kMaxOutages) {
    out += "  and " + std::to_string(o.outages.size() - kMaxOutages) + " more (--json has all)\n";
  }
  return out;
}

// S26: what is claimed, and what would be if it were accepted.
std::string disputes_text(const ObjectiveReport& o) {
  if (!o.if_accepted) return "";
  std::string out = "\n";
  for (const Dispute& each : o.disputed) {
    out += wrapped("disputed: " + each.claim.id + " (" + each.claim.kind + "), " +
                       local_text(o.zone, {each.claim.span.from}) + " to " +
                       local_text(o.zone, {each.claim.span.to}) + ", " + seconds_up(each.down_ns) +
                       " of it charged",
                   "  ");
  }
  std::string line = "if all of it is accepted: " + std::string(name(o.if_accepted->verdict));
  const bool shares = unit_of(o) == Unit::time_share || unit_of(o) == Unit::count_share;
  if (shares && o.if_accepted->nominal) {
    line += ", " + percent(*o.if_accepted->nominal, o.decimals) + " %";
  }
  return out + wrapped(line + ", " + seconds_up(o.if_accepted->seconds.down) + " down", "  ");
}

std::string versions_text(const ObjectiveReport& o) {
  if (o.versions.size() < 2) return "";
  std::string out = "\n";
  for (const VersionPart& part : o.versions) {
    std::string line = "version " + part.version + ": " + std::string(name(part.verdict));
    if (part.nominal && (unit_of(o) == Unit::time_share || unit_of(o) == Unit::count_share)) {
      line += ", " + percent(*part.nominal, o.decimals) + " %";
    }
    line += ", " + seconds_up(part.seconds.down) + " down of " +
            seconds_down(part.seconds.accountable());
    out += wrapped(line, "  ");
  }
  return out;
}

std::string objective_text(const ObjectiveReport& o, const Painter& paint) {
  const std::string heading = o.name + " of " + o.service;
  const std::string verdict = verdict_text(o);
  const std::size_t used = columns(heading) + columns(verdict);
  std::string out = paint(Paint::bold, heading);
  out += used + 2 <= kWidth ? std::string(kWidth - used, ' ') : std::string("\n  ");
  out += paint(paint_of(o.verdict), verdict) + "\n";
  out += paint(Paint::dim, local_text(o.zone, {o.period.from}) + " to " +
                               local_text(o.zone, {o.period.to}) + " " + o.zone.name()) +
         "\n\n";
  out += wrapped(report_line(o), "  ") + "\n";
  const bool latency =
      unit_of(o) == Unit::microseconds || o.statistic == Objective::Statistic::share_below;
  if (latency) {
    out += "  " + left("successes", 14) + right(grouped(Integer(o.samples)), 14) + "\n";
  } else {
    out += seconds_table(o);
    out += outlook_text(o);
    out += outage_table(o, paint);
  }
  out += disputes_text(o);
  out += versions_text(o);
  return out;
}

}  // namespace

std::string report_line(const ObjectiveReport& o) {
  const Unit unit = unit_of(o);
  if (unit == Unit::microseconds || unit == Unit::nanoseconds) return length_line(o);
  std::string out = o.name + " ";
  out += o.nominal ? percent(*o.nominal, o.decimals) + " %" : "no data";
  out += " · target " + o.target + " % · " + verdict_text(o);
  return out + bounds_text(o) + margin_text(o);
}

std::string report_text(const Report& report, bool colour) {
  const Painter paint(colour);
  const std::string title = report.agreement + " " + report.version;
  const std::string stamp = "provisional, as of " + format_rfc3339(report.as_of);
  const std::size_t used = columns(title) + columns(stamp);
  std::string out = paint(Paint::bold, title);
  out += used + 2 <= kWidth ? std::string(kWidth - used, ' ') : std::string("\n");
  out += paint(Paint::dim, stamp) + "\n" + std::string(kWidth, '-') + "\n";
  for (const ObjectiveReport& each : report.objectives) {
    out += objective_text(each, paint) + "\n";
  }
  for (const std::string& warning : report.warnings) {
    out += wrapped("warning: " + warning, "");
  }
  return out;
}

}  // namespace nines::sla
