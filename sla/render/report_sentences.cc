// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_sentences.h"

namespace nines::sla {
namespace {

// A mean or a percentile of response times, or how long outages lasted.
std::string length_line(const ObjectiveReport& o, Language language) {
  using Statistic = Objective::Statistic;
  std::string value = say(language, words::kNoData);
  if (o.nominal) {
    value = value_text(language, o, *o.nominal);
  } else if (o.statistic == Statistic::mttr && o.verdict == Verdict::met) {
    value = say(language, words::kNoOutageYet);
  }
  switch (o.statistic) {
    case Statistic::percentile: {
      const bool named = !o.percentiles_us.empty();
      const std::string_view which = named ? o.percentiles_us.front().first : name(o.statistic);
      if (which == o.name) return value;  // which stands before it already
      return say(language, words::kPercentile, {value, which});
    }
    case Statistic::longest_outage:
      return say(language, words::kLongestOutage, {value});
    case Statistic::mttr:
      return say(language, words::kMeanOutage, {value});
    default:
      return say(language, words::kMean, {value});
  }
}

}  // namespace

std::string grouped(const Integer& value) {
  std::string digits = value.text();
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    if (digits[at - 1] == '-') break;
    digits.insert(at, 1, ' ');
  }
  return digits;
}

Rational in_seconds(const Rational& ns) { return ns * Rational(Integer(1), Integer(kSecondNs)); }

std::string seconds_up(Language language, const Rational& ns) {
  return say(language, words::kSeconds, {grouped(in_seconds(ns).ceil())});
}

std::string seconds_down(Language language, const Rational& ns) {
  return say(language, words::kSeconds, {grouped(in_seconds(ns).floor())});
}

std::string duration_text(Language language, std::int64_t seconds) {
  std::string out;
  const auto put = [&](std::int64_t amount, const Phrase& unit) {
    if (amount == 0) return;
    out += (out.empty() ? "" : " ") + say(language, unit, {std::to_string(amount)});
  };
  put(seconds / 86'400, words::kDays);
  put(seconds / 3600 % 24, words::kHours);
  put(seconds / 60 % 60, words::kMinutes);
  put(seconds % 60, words::kSeconds);
  return out.empty() ? say(language, words::kSeconds, {"0"}) : out;
}

std::string interval_text(Language language, std::int64_t ns) {
  const bool whole = ns % kSecondNs == 0;
  if (whole && (ns < kMinuteNs || language != Language::en)) {
    return duration_text(language, ns / kSecondNs);
  }
  return format_duration(Duration(ns));
}

bool is_share(const ObjectiveReport& o) {
  const Unit unit = unit_of(o);
  return unit == Unit::time_share || unit == Unit::count_share;
}

std::string shown_number(const ObjectiveReport& o, const Rational& value) {
  switch (unit_of(o)) {
    case Unit::microseconds:
      return floor_text(value * Rational(Integer(1), Integer(1000)), o.decimals);
    case Unit::nanoseconds:
      return ceil_text(in_seconds(value), o.decimals);
    default:
      return percent(value, o.decimals);
  }
}

std::string value_text(Language language, const ObjectiveReport& o, const Rational& value) {
  switch (unit_of(o)) {
    case Unit::microseconds:
      return say(language, words::kMilliseconds, {shown_number(o, value)});
    case Unit::nanoseconds:
      return say(language, words::kSeconds, {shown_number(o, value)});
    default:
      return shown_number(o, value) + " %";
  }
}

std::string target_text(Language language, const ObjectiveReport& o, std::string_view target) {
  if (is_share(o)) return say(language, words::kTarget, {target});
  const bool latency = unit_of(o) == Unit::microseconds;
  const Phrase& unit = latency ? words::kMilliseconds : words::kSeconds;
  return say(language, words::kAtMost, {say(language, unit, {target})});
}

std::string target_value(Language language, const ObjectiveReport& o, std::string_view target) {
  return is_share(o) ? std::string(target) + " %" : target_text(language, o, target);
}

std::string percent(const Rational& share, unsigned decimals) {
  return floor_text(share * Rational(100), decimals);
}

std::string share_text(const ObjectiveReport& o, std::int64_t part_ns, bool round_up) {
  const Rational share =
      Rational(Integer(part_ns), Integer(o.seconds.accountable())) * Rational(100);
  return (round_up ? ceil_text(share, o.decimals) : floor_text(share, o.decimals)) + " %";
}

std::string verdict_text(Language language, const ObjectiveReport& o) {
  const std::string verdict = say(language, words_of(o.verdict));
  const bool decided = o.verdict == Verdict::met || o.verdict == Verdict::breached;
  if (!decided || !o.certain) return verdict;
  return say(language, *o.certain ? words::kCertain : words::kWithinUncertainty, {verdict});
}

std::string unmeasured_text(Language language, const ObjectiveReport& o) {
  const Rational share(Integer(o.seconds.unknown), Integer(o.seconds.accountable()));
  constexpr unsigned kDecimals = 2;
  return say(language, words::kUnmeasuredShare, {ceil_text(share * Rational(100), kDecimals)});
}

std::string sampling_bounds(const ObjectiveReport& o) {
  const bool exact = o.least_down_ns == o.seconds.down && o.most_down_ns == o.seconds.down;
  if (!o.nominal || exact || unit_of(o) != Unit::time_share) return "";
  const Integer& up = o.nominal->numerator();
  const Integer& whole = o.nominal->denominator();
  const Rational low(up - Integer(o.most_down_ns - o.seconds.down), whole);
  const Rational high(up + Integer(o.seconds.down - o.least_down_ns), whole);
  return percent(low, o.decimals) + "–" + percent(high, o.decimals);
}

std::string bounds_text(Language language, const ObjectiveReport& o) {
  std::string out;
  if (const std::string bounds = sampling_bounds(o); !bounds.empty()) {
    out = say(language, words::kBySampling, {bounds, interval_text(language, o.resolution_ns)});
  }
  if (o.seconds.unknown > 0) {
    if (!out.empty()) out += say(language, words::kSemicolon);
    const std::string unmeasured = unmeasured_text(language, o);
    if (is_share(o) && o.worst && o.best && !(*o.worst == *o.best)) {
      const std::string range = percent(*o.worst, o.decimals) + "–" + percent(*o.best, o.decimals);
      out += say(language, words::kUnmeasuredBounds, {unmeasured, range});
    } else {
      out += unmeasured;
    }
  }
  return out;
}

std::string margin_text(Language language, const ObjectiveReport& o) {
  if (!o.budget) return "";
  const Rational left = o.budget->left_ns();
  if (left < Rational(0)) {
    return say(language, words::kOverBudget, {seconds_up(language, Rational(0) - left)});
  }
  return say(language, words::kBudgetLeft, {seconds_down(language, left)});
}

std::string outlook_text(Language language, const ObjectiveReport& o) {
  if (!o.outlook || o.seconds.future == 0) return "";
  std::string out = say(language, words::kOutlook, {say(language, words_of(*o.outlook))});
  if (!o.forecast || o.seconds.down == 0) return out;
  out += say(language, words::kProjected, {seconds_up(language, o.forecast->projected_ns)});
  const auto& end = o.forecast->exhausted_at;
  if (end && end->ns < o.period.to && *o.outlook != Outlook::breach_certain) {
    out += say(language, words::kExhausted, {local_text(o.zone, *end)});
  }
  return out;
}

std::vector<std::string> forecast_sentences(Language language, const ObjectiveReport& o) {
  std::vector<std::string> out;
  if (!o.forecast || o.seconds.future == 0) return out;
  const Forecast& forecast = *o.forecast;
  if (forecast.recent_projected_ns) {
    out.push_back(say(language, words::kForecastRecent,
                      {seconds_up(language, *forecast.recent_projected_ns)}));
  }
  if (forecast.resampled) {
    const Resampled& drawn = *forecast.resampled;
    out.push_back(say(language, words::kForecastDrawn,
                      {std::to_string(drawn.days), grouped(Integer(drawn.breaches)),
                       grouped(Integer(drawn.draws)), seconds_up(language, drawn.projected_ns),
                       std::to_string(drawn.seed)}));
  }
  if (forecast.back_test && forecast.back_test->periods > 0) {
    const BackTest& test = *forecast.back_test;
    const auto off = [&](const std::optional<Rational>& ns) {
      return ns ? seconds_up(language, *ns) : say(language, words::kNone);
    };
    out.push_back(say(language, words::kBackTest,
                      {std::to_string(test.periods), off(test.to_date_ns), off(test.recent_ns),
                       off(test.resampled_ns)}));
  }
  return out;
}

std::vector<std::string> dispute_sentences(Language language, const ObjectiveReport& o) {
  std::vector<std::string> out;
  if (!o.if_accepted) return out;
  for (const Dispute& each : o.disputed) {
    out.push_back(
        say(language, words::kDisputed,
            {each.claim.id, each.claim.kind, local_text(o.zone, {each.claim.span.from}),
             local_text(o.zone, {each.claim.span.to}), seconds_up(language, each.down_ns)}));
  }
  const auto& then = *o.if_accepted;
  const std::string value =
      then.nominal ? say(language, words::kVersionValue, {value_text(language, o, *then.nominal)})
                   : "";
  out.push_back(
      say(language, words::kIfAccepted,
          {say(language, words_of(then.verdict)), value, seconds_up(language, then.seconds.down)}));
  return out;
}

std::string supplier_name(const SupplierReport& supplier) {
  std::string text = supplier.agreement;
  if (!supplier.preset.empty()) text += (text.empty() ? "" : "; ") + supplier.preset;
  return supplier.name + (text.empty() ? "" : " (" + text + ")");
}

std::vector<std::string> supplier_sentences(Language language, const SupplierReport& supplier) {
  std::vector<std::string> out;
  for (const ObjectiveReport& each : supplier.objectives) {
    out.push_back(say(language, words::kSupplierLine,
                      {supplier_name(supplier), report_line(each, language)}));
  }
  for (const Backing& each : supplier.backs) {
    const std::string ours = say(language, words_of(each.ours));
    const std::string theirs = say(language, words_of(each.theirs));
    if (!each.caused_ns || !each.covered_ns) {
      out.push_back(say(language, words::kBackedApart, {each.objective, ours, theirs}));
      continue;
    }
    out.push_back(say(language, words::kBacked,
                      {each.objective, ours, theirs, seconds_up(language, *each.caused_ns),
                       seconds_down(language, *each.covered_ns),
                       seconds_up(language, *each.caused_ns - *each.covered_ns)}));
  }
  if (supplier.credits) {
    out.push_back(say(language, words::kSupplierCredit,
                      {supplier.name, floor_text(supplier.credits->percent, 3),
                       money_text(*supplier.credits, supplier.credits->amount)}));
  }
  return out;
}

std::string hands_text(Language language, const SignedVersion& version) {
  const auto hand = [&](const SignedVersion::Hand& of) {
    if (of.actor.empty()) return say(language, words::kNotSigned);
    return say(language, words::kSignedBy, {of.actor, format_rfc3339(of.at)});
  };
  return say(language, words::kHands, {hand(version.provider), hand(version.customer)});
}

std::string notices_text(Language language, const NoticeReport& notices) {
  return say(language, words::kNoticesLine,
             {std::to_string(notices.incidents), std::to_string(notices.count(Verdict::met)),
              std::to_string(notices.count(Verdict::breached))});
}

std::string promise_text(Language language, const NoticeClock& clock) {
  const bool first = clock.clock == "incidentOpened";
  return say(language, first ? words::kFirstNotice : words::kLongestSilence);
}

std::string span_text(Language language, const NoticeClock& clock) {
  return format_rfc3339(clock.from) + " – " +
         (clock.to ? format_rfc3339(*clock.to) : say(language, words::kNotYet));
}

std::string uncovered_text(Language language, const Uncovered& uncovered) {
  const auto money = [&](const Rational& amount) {
    return floor_text(amount, uncovered.minor_digits) + " " + uncovered.currency;
  };
  return say(language, words::kUncoveredMoney,
             {money(uncovered.owed), money(uncovered.claimable), money(uncovered.amount())});
}

std::string unseen_text(Language language, const ObjectiveReport& o) {
  const std::string interval = interval_text(language, o.resolution_ns);
  if (!o.unseen_down_95_ns) return say(language, words::kUnseen, {interval});
  return say(language, words::kUnseenBound, {interval, seconds_up(language, *o.unseen_down_95_ns)});
}

std::string alert_text(Language language, const BurnAlert& alert) {
  if (alert.frozen) return say(language, words::kFrozen);
  return say(language, alert.fires ? words::kFires : words::kQuiet);
}

std::string speed_text(const Rational& burn) { return floor_text(burn, 2); }

std::string money_text(const Credits& credits, const Rational& amount) {
  return floor_text(amount, credits.minor_digits) + " " + credits.currency;
}

std::string period_text(Language language, const ObjectiveReport& o) {
  return say(
      language, words::kFromTo,
      {local_text(o.zone, {o.period.from}), local_text(o.zone, {o.period.to}), o.zone.name()});
}

std::string state_text(Language language, const Report& report) {
  if (!report.seal) return say(language, words::kProvisional, {format_rfc3339(report.as_of)});
  return say(language, words::kSealed,
             {std::to_string(report.seal->revision), format_rfc3339(report.seal->cut)});
}

std::string report_line(const ObjectiveReport& o, Language language) {
  std::string out = o.name + " ";
  if (!is_share(o)) {
    out += length_line(o, language);
  } else {
    out += o.nominal ? value_text(language, o, *o.nominal) : say(language, words::kNoData);
  }
  out += " · " + target_text(language, o, o.target) + " · " + verdict_text(language, o);
  if (const std::string bounds = bounds_text(language, o); !bounds.empty()) {
    out += say(language, words::kInBrackets, {bounds});
  }
  if (const std::string margin = margin_text(language, o); !margin.empty()) out += " · " + margin;
  return out;
}

}  // namespace nines::sla
