// SPDX-License-Identifier: Apache-2.0
// `compensation`: what a missed promise is worth. Money and percentages are texts in quotes.
#include <algorithm>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

constexpr std::size_t kMostTiers = 100;
constexpr std::size_t kMostSteps = 100;

// Decimals of a currency's smallest unit where they are not two (ISO 4217).
unsigned minor_digits(const std::string& currency) {
  for (const char* whole : {"JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "XPF"}) {
    if (currency == whole) return 0;
  }
  for (const char* thousandths : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    if (currency == thousandths) return 3;
  }
  return 2;
}

// "20000.00": digits in quotes, no finer than the currency.
Rational as_money(const Node& node, unsigned digits, Decoding& d) {
  const auto text = config::as_text(node, d.complaints);
  if (!text) return Rational(0);
  const auto value = node.quoted() ? parse_decimal(*text) : std::nullopt;
  const std::size_t point = text->find('.');
  // forbid_fractions has complained of it already.
  if (!node.quoted() && point != std::string::npos) return Rational(0);
  const std::size_t decimals = point == std::string::npos ? 0 : text->size() - point - 1;
  if (value && decimals <= digits) return *value;
  d.complaints.add(node.place(), config::shown(*text) + " is no amount of this currency (write \"" +
                                     floor_text(Rational(20'000), digits) +
                                     "\" in quotes, with at most " + std::to_string(digits) +
                                     " decimals)");
  return Rational(0);
}

void decode_fee(const Node& node, Compensation& out, Decoding& d) {
  Mapping fee(node, d.complaints, "fee");
  if (const auto currency = fee.require_text("currency")) {
    const bool good =
        currency->size() == 3 && std::all_of(currency->begin(), currency->end(),
                                             [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!good) {
      d.complaints.add(node.find("currency")->place(), "a currency is three capitals, such as CNY");
    }
    out.currency = *currency;
    out.minor_digits = minor_digits(*currency);
  }
  if (const Node* monthly = fee.require("monthly")) {
    out.monthly_fee = as_money(*monthly, out.minor_digits, d);
  }
  if (const auto prorate = fee.take_text("prorate")) {
    out.prorate = *prorate == "days-in-force";
    if (!out.prorate && *prorate != "none") {
      d.complaints.add(node.find("prorate")->place(), "'prorate' is days-in-force or none");
    }
  }
  fee.finish();
}

void decode_steps(const Node& node, CreditTier& tier, Decoding& d) {
  if (node.kind() != Node::Kind::sequence || node.items().empty() ||
      node.items().size() > kMostSteps) {
    if (!node.broken()) d.complaints.add(node.place(), "'steps' lists 1 to 100 steps");
    return;
  }
  for (const Node& each : node.items()) {
    CreditStep step;
    Mapping mapping(each, d.complaints, "the step");
    const Node* from = mapping.require("from");
    const Node* credit = mapping.require("credit");
    if (from != nullptr) step.from = as_percentage(*from, d.complaints).value_or(Rational(0));
    if (credit != nullptr) step.credit = as_percentage(*credit, d.complaints).value_or(Rational(0));
    mapping.finish();
    if (!tier.steps.empty() && step.from >= tier.steps.back().from) {
      d.complaints.add(each.place(), "steps go from high to low, each 'from' below the one before");
    }
    tier.steps.push_back(step);
  }
  if (!(tier.steps.back().from == Rational(0))) {
    d.complaints.add(node.items().back().place(),
                     "the last step must be from \"0\", or nothing is said of what lies below it");
  }
}

// "support.high.resolve"
bool names_clock(const std::string& text, const Agreement& agreement) {
  if (!agreement.support || !text.starts_with("support.")) return false;
  for (const SupportPriority& each : agreement.support->priorities) {
    const std::string prefix = "support." + each.name + ".";
    if ((each.response && text == prefix + "response") ||
        (each.resolve && text == prefix + "resolve") ||
        (each.update && text == prefix + "update")) {
      return true;
    }
  }
  return false;
}

void check_objective(const Node& node, const CreditTier& tier, Decoding& d) {
  const auto& objectives = d.agreement.objectives;
  const auto found = std::find_if(objectives.begin(), objectives.end(), [&](const Objective& each) {
    return each.name == tier.objective;
  });
  if (found == objectives.end()) {
    if (!names_clock(tier.objective, d.agreement)) {
      d.complaints.add(node.place(), "compensation for " + config::shown(tier.objective) +
                                         ", which is no objective and no clock of 'support'");
    } else if (!tier.steps.empty()) {
      d.complaints.add(node.place(), "a clock of 'support' is missed or not: it has no 'steps'");
    }
  } else if (!tier.steps.empty() && found->target_text.empty()) {
    d.complaints.add(node.place(), "objective '" + tier.objective +
                                       "' is no share, so its tier is 'missed', not 'steps'");
  }
}

void decode_tier(const Node& node, Compensation& out, Decoding& d) {
  const std::size_t before = d.complaints.size();
  CreditTier tier;
  Mapping mapping(node, d.complaints, "the tier");
  const Node* objective = mapping.require("objective");
  if (objective != nullptr) {
    tier.objective = config::as_text(*objective, d.complaints).value_or("");
  }
  const Node* steps = mapping.take("steps");
  const Node* missed = mapping.take("missed");
  if (steps != nullptr) decode_steps(*steps, tier, d);
  if (missed != nullptr) {
    tier.missed = as_percentage(*missed, d.complaints).value_or(Rational(0));
    tier.per_occurrence = mapping.take_bool("perOccurrence").value_or(false);
    if (const Node* max = mapping.take("max")) tier.max = as_percentage(*max, d.complaints);
  }
  if (node.kind() == Node::Kind::mapping && (steps != nullptr) == (missed != nullptr)) {
    d.complaints.add(node.place(), "a tier has either 'steps' or 'missed'");
  }
  mapping.finish();
  if (d.complaints.size() != before) return;
  check_objective(*objective, tier, d);
  out.tiers.push_back(std::move(tier));
}

void decode_payment(const Node& node, Compensation& out, Decoding& d) {
  Mapping payment(node, d.complaints, "payment");
  payment.take("how");
  if (const Node* minimum = payment.take("minimum")) {
    out.minimum = as_money(*minimum, out.minor_digits, d);
  }
  const auto rounding = payment.take_text("rounding");
  if (rounding && *rounding != "half-up") {
    refuse_value(*node.find("rounding"), "rounding", "half-up", d.complaints);
  }
  payment.finish();
}

void decode_claim(const Node& node, Compensation& out, Decoding& d) {
  constexpr Duration kMost = hours(24 * 3660);
  constexpr std::int64_t kMostCycles = 120;
  Mapping claim(node, d.complaints, "claim");
  const auto needed = claim.take_bool("needed");
  out.claim_within = claim.take_duration("disputeUntil", Duration(0), kMost);
  const auto cycles = claim.take_integer("billingCyclesAfter", 0, kMostCycles);
  if (cycles) out.claim_billing_cycles = static_cast<int>(*cycles);
  out.claim_needed = needed.value_or(cycles.has_value());
  claim.take("evidence");
  claim.finish();
}

void decode_terms(Mapping& compensation, Compensation& out, Decoding& d) {
  const auto combine = compensation.take_text("combine");
  if (combine && *combine != "sum" && *combine != "max") {
    d.complaints.add(compensation.node().find("combine")->place(), "'combine' is sum or max");
  }
  if (combine == "max") out.combine = Compensation::Combine::max;
  if (const Node* node = compensation.take("cap")) {
    Mapping cap(*node, d.complaints, "cap");
    if (const Node* share = cap.require("percentOfFee")) {
      out.cap = as_percentage(*share, d.complaints).value_or(Rational(1));
    }
    cap.finish();
  }
  if (const Node* payment = compensation.take("payment")) decode_payment(*payment, out, d);
  if (const Node* claim = compensation.take("claim")) decode_claim(*claim, out, d);
}

}  // namespace

void decode_compensation(const Node& node, Decoding& d) {
  Compensation out;
  Mapping compensation(node, d.complaints, "compensation");
  if (const Node* fee = compensation.require("fee")) decode_fee(*fee, out, d);
  if (const Node* tiers = compensation.require("tiers")) {
    const bool list = tiers->kind() == Node::Kind::sequence && !tiers->items().empty() &&
                      tiers->items().size() <= kMostTiers;
    if (!list && !tiers->broken()) {
      d.complaints.add(tiers->place(), "'tiers' must list 1 to 100 tiers");
    }
    if (list) {
      for (const Node& each : tiers->items()) decode_tier(each, out, d);
    }
  }
  decode_terms(compensation, out, d);
  compensation.finish();
  d.agreement.compensation = std::move(out);
}

}  // namespace nines::sla
