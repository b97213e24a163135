// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/credits.h"

#include <algorithm>

namespace nines::sla {
namespace {

const ObjectiveReport* find_report(const std::vector<ObjectiveReport>& all,
                                   const std::string& name) {
  for (const ObjectiveReport& each : all) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

const VersionPart* find_part(const ObjectiveReport& report, const std::string& version) {
  for (const VersionPart& each : report.versions) {
    if (each.version == version) return &each;
  }
  return nullptr;
}

bool first_of_month(const Zone& zone, std::int64_t at) {
  const LocalDate date = zone.date_at(WallTime{at});
  return date.day == 1 && zone.instant(date).ns == at;
}

LocalDate plus_months(LocalDate date, int months) {
  const int number = date.year * 12 + static_cast<int>(date.month) - 1 + months;
  return {number / 12, static_cast<unsigned>(number % 12) + 1, 1};
}

// A fee is of a calendar month; a period that is several has as many, any other has one.
int months_of(const ObjectiveReport& report) {
  const auto& [from, to] = report.period;
  if (!first_of_month(report.zone, from) || !first_of_month(report.zone, to)) return 1;
  const LocalDate a = report.zone.date_at(WallTime{from});
  const LocalDate b = report.zone.date_at(WallTime{to});
  return (b.year - a.year) * 12 + static_cast<int>(b.month) - static_cast<int>(a.month);
}

bool undecided(Verdict verdict) {
  return verdict == Verdict::indeterminate || verdict == Verdict::no_data;
}

// Of one version, judged by its own text.
class VersionCredits {
 public:
  VersionCredits(const InForce& version,
                 const std::vector<ObjectiveReport>& objectives,
                 const std::vector<SupportReport>& support)
      : version_(version),
        agreement_(*version.agreement),
        terms_(*agreement_.compensation),
        objectives_(objectives),
        support_(support) {}

  // Whose period the fee is of: the first promise that a tier is about, else the first of all.
  const ObjectiveReport* base() const {
    for (const CreditTier& tier : terms_.tiers) {
      const ObjectiveReport* found = find_report(objectives_, tier.objective);
      if (found != nullptr && find_part(*found, agreement_.version) != nullptr) return found;
    }
    for (const ObjectiveReport& each : objectives_) {
      if (find_part(each, agreement_.version) != nullptr) return &each;
    }
    return nullptr;
  }

  // The share of the fee that is due, after caps; adds its lines.
  Rational collect(const Rational& fee, std::vector<CreditLine>& lines) const {
    Rational out;
    for (const CreditTier& tier : terms_.tiers) {
      const auto line = line_of(tier, fee);
      if (!line) continue;
      const Rational share = line->percent / Rational(100);
      const bool sum = terms_.combine == Compensation::Combine::sum;
      out = sum ? out + share : std::max(out, share);
      lines.push_back(*line);
    }
    return std::min(out, terms_.cap);
  }

 private:
  std::optional<CreditLine> line_of(const CreditTier& tier, const Rational& fee) const {
    CreditLine line;
    line.objective = tier.objective;
    line.version = agreement_.version;
    Rational share;
    if (const ObjectiveReport* report = find_report(objectives_, tier.objective)) {
      const VersionPart* part = find_part(*report, agreement_.version);
      if (part == nullptr) return std::nullopt;
      line.verdict = part->verdict;
      share = tier.steps.empty() ? missed(tier, *part) : step(tier, *part);
    } else if (tier.objective.starts_with("support.")) {
      const std::int64_t late = late_clocks(tier.objective);
      line.verdict = late > 0 ? Verdict::breached : Verdict::met;
      share = times(tier, late);
    } else {
      return std::nullopt;
    }
    line.percent = share * Rational(100);
    line.amount = share * fee;
    return line;
  }

  bool provider_must_prove() const {
    return agreement_.unknown.burden == UnknownPolicy::Burden::provider;
  }

  Rational step(const CreditTier& tier, const VersionPart& part) const {
    auto value = part.nominal;
    if (undecided(part.verdict)) value = provider_must_prove() ? part.worst : part.best;
    // A share that knows no worst and best, or nothing at all.
    if (!value && undecided(part.verdict)) value = Rational(provider_must_prove() ? 0 : 1);
    if (!value) return Rational(0);
    for (const CreditStep& each : tier.steps) {
      if (*value >= each.from) return each.credit;
    }
    return Rational(0);
  }

  Rational missed(const CreditTier& tier, const VersionPart& part) const {
    const bool doubtful = undecided(part.verdict) && provider_must_prove();
    const std::int64_t least = part.verdict == Verdict::breached || doubtful ? 1 : 0;
    return least == 0 ? Rational(0) : times(tier, std::max(least, part.occurrences));
  }

  static Rational times(const CreditTier& tier, std::int64_t occurrences) {
    const std::int64_t counted =
        tier.per_occurrence ? occurrences : std::min<std::int64_t>(occurrences, 1);
    const Rational share = tier.missed * Rational(counted);
    return tier.max ? std::min(share, *tier.max) : share;
  }

  // Clocks of incidents that were opened while this version was in force.
  std::int64_t late_clocks(const std::string& name) const {
    std::int64_t out = 0;
    for (const SupportReport& each : support_) {
      for (const SupportClock& clock : each.clocks) {
        const bool ours =
            clock.opened.ns >= version_.span.from && clock.opened.ns < version_.span.to;
        if (!ours || "support." + each.priority + "." + clock.clock != name) continue;
        if (clock.verdict == Verdict::breached) ++out;
      }
    }
    return out;
  }

  const InForce& version_;
  const Agreement& agreement_;
  const Compensation& terms_;
  const std::vector<ObjectiveReport>& objectives_;
  const std::vector<SupportReport>& support_;
};

std::optional<WallTime> claim_until(const Compensation& terms, const ObjectiveReport& base) {
  if (!terms.claim_needed) return std::nullopt;
  const WallTime end{base.period.to};
  if (terms.claim_billing_cycles) {
    // A cycle that has begun when the period ends is over at the next first of a month.
    const LocalDate last = base.zone.date_at(WallTime{base.period.to - 1});
    return base.zone.instant(plus_months(last, 1 + *terms.claim_billing_cycles));
  }
  if (terms.claim_within) return end + *terms.claim_within;
  return std::nullopt;
}

// Half up to the smallest unit of the currency.
Rational rounded(const Rational& amount, unsigned digits) {
  const Integer scale = Integer::power_of_ten(digits);
  const Rational half(Integer(1), Integer(2));
  return {(amount * Rational(scale) + half).floor(), scale};
}

}  // namespace

std::optional<Credits> credits_of(const std::vector<InForce>& versions,
                                  const std::vector<ObjectiveReport>& objectives,
                                  const std::vector<SupportReport>& support) {
  std::optional<Credits> out;
  Rational amount;
  Rational minimum;
  for (const InForce& version : versions) {
    if (!version.agreement->compensation) continue;
    const Compensation& terms = *version.agreement->compensation;
    const VersionCredits credits(version, objectives, support);
    const ObjectiveReport* base = credits.base();
    if (base == nullptr) continue;
    if (!out) out.emplace();
    Rational fee = terms.monthly_fee * Rational(months_of(*base));
    const std::int64_t in_force = find_part(*base, version.agreement->version)->in_force_ns;
    const Rational share(Integer(in_force), Integer(base->period.to - base->period.from));
    if (terms.prorate) fee = (fee * share).reduced();
    out->currency = terms.currency;
    out->minor_digits = terms.minor_digits;
    out->fee = out->fee + fee;
    amount = (amount + credits.collect(fee, out->lines) * fee).reduced();
    minimum = terms.minimum;
    out->claim_until = claim_until(terms, *base);
  }
  if (!out) return out;
  if (out->fee > Rational(0)) out->percent = (amount / out->fee * Rational(100)).reduced();
  out->amount = rounded(amount, out->minor_digits);
  if (out->amount <= minimum) out->amount = Rational(0);
  return out;
}

}  // namespace nines::sla
