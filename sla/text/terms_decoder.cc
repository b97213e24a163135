// SPDX-License-Identifier: Apache-2.0
// `guarantee`, `legal` and `revision`.
#include "sla/text/agreement_parts.h"
#include "sla/text/section.h"

namespace nines::sla {
namespace {

using config::Node;

// A decimal in quotes and its text.
Rational amount(Section& section, std::string_view key, std::string& text) {
  const auto value = section.decimal(key);
  if (value) text = section.take(key)->text();
  return value.value_or(Rational(0));
}

// "availability below 99.0": an objective and a percentage.
void read_condition(Section& section, std::string_view key, Deposit& out) {
  const std::string text = section.require(key);
  if (text.empty()) return;
  constexpr std::string_view kBelow = " below ";
  const std::size_t at = text.find(kBelow);
  const auto percent = at == std::string::npos
                           ? std::nullopt
                           : parse_decimal(std::string_view(text).substr(at + kBelow.size()));
  if (!percent || *percent > Rational(100)) {
    section.complain(key, config::shown(text) +
                              " is no condition (write: OBJECTIVE below PERCENT, as in "
                              "\"availability below 99.0\")");
    return;
  }
  out.objective = text.substr(0, at);
  out.below_text = text.substr(at + kBelow.size());
  out.below = (*percent / Rational(100)).reduced();
}

void decode_data_protection(Section& section, Decoding& d) {
  DataProtection& out = d.agreement.terms.legal.data_protection.emplace();
  out.laws = section.texts("laws");
  out.controller = section.choice("controller", {"provider", "customer"});
  out.processor = section.choice("processor", {"provider", "customer"});
  out.residency = section.text("residency");
  section.inside("probeData", [&](Section& data) {
    for (const char* key : {"bodies", "urls", "addresses"}) {
      if (std::string text = data.text(key); !text.empty()) out.probe_data[key] = std::move(text);
    }
  });
  section.inside("retention", [&](Section& retention) {
    out.keep_results = retention.span("results");
    out.keep_reports = retention.span("reports");
  });
  out.erasure = section.text("erasure");
}

void decode_dispute(Section& section, Decoding& d) {
  DisputeStep step;
  step.step = section.require("step");
  if (!step.step.empty()) {
    step.step = section.choice("step", {"negotiation", "mediation", "arbitration", "litigation"});
  }
  step.within = section.duration("within");
  step.body = section.text("body");
  step.seat = section.text("seat");
  step.court = section.text("court");
  d.agreement.terms.legal.disputes.push_back(std::move(step));
}

}  // namespace

void decode_guarantee(const Node& node, Decoding& d) {
  Guarantee& out = d.agreement.terms.guarantee;
  Section section(node, d.complaints, "guarantee");
  section.inside("deposit", [&](Section& deposit) {
    Deposit& value = out.deposit.emplace();
    deposit.require("amount");
    value.amount = amount(deposit, "amount", value.amount_text);
    read_condition(deposit, "drawnWhen", value);
    value.refill_within = deposit.duration("refillWithin");
  });
  section.inside("insurance", [&](Section& insurance) {
    Insurance& value = out.insurance.emplace();
    value.type = insurance.text("type");
    value.sum = amount(insurance, "sum", value.sum_text);
    value.policy = insurance.text("policy");
    value.valid_until = insurance.date("validUntil");
    Duty duty;
    duty.kind = Duty::Kind::insurance;
    duty.id = "guarantee/insurance";
    duty.what = "renewal of the " + value.type + " insurance";
    duty.owner = "provider";
    duty.until = value.valid_until;
    duty.evidence = value.policy;
    duty.remind = {0, hours(24 * 30)};
    read_duty(insurance, std::move(duty), d.agreement.duties);
  });
  section.inside("reserve", [&](Section& reserve) {
    out.reserve = reserve.percentage("percentOfRevenue");
    if (out.reserve) out.reserve_text = reserve.take("percentOfRevenue")->text();
  });
  section.finish();
}

void decode_legal(const Node& node, Decoding& d) {
  Legal& out = d.agreement.terms.legal;
  Section section(node, d.complaints, "legal");
  section.inside("dataProtection", [&](Section& data) { decode_data_protection(data, d); });
  out.intellectual_property = section.texts_by_name("intellectualProperty");
  section.inside("liability", [&](Section& liability) {
    out.liability_cap = liability.text("cap");
    out.liability_not_for = liability.texts("notFor");
  });
  out.governing_law = section.text("governingLaw");
  section.each("disputes", [&](Section& step) { decode_dispute(step, d); });
  section.inside("evidence", [&](Section& evidence) {
    out.ledger = evidence.text("ledger");
    out.witness = evidence.texts("witness");
    out.freeze = evidence.text("freeze");
    out.export_as = evidence.text("export");
  });
  section.each("reviews", [&](Section& review) {  // clauses that somebody reads again
    Duty duty;
    duty.kind = Duty::Kind::review;
    duty.what = review.require("clause");
    duty.id = "legal/reviews/" + duty.what;
    duty.owner = "provider";
    duty.every = review.span("every");
    read_duty(review, std::move(duty), d.agreement.duties);
  });
  section.finish();
}

void decode_revision(const Node& node, Decoding& d) {
  Revision& out = d.agreement.terms.revision;
  Section section(node, d.complaints, "revision");
  out.may_propose = section.choices("mayPropose", {"provider", "customer"});
  out.procedure = section.texts("procedure");
  out.notice = section.duration("notice");
  out.archive = section.text("archive");
  if (const Node* change = section.take("onChangeMidPeriod")) {
    if (change->text() != "split") {
      refuse_value(*change, "onChangeMidPeriod", "split", d.complaints);
    }
  }
  section.finish();
}

}  // namespace nines::sla
