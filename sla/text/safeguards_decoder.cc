// SPDX-License-Identifier: Apache-2.0
// `reliability`, `capability`, `risks` and `suppliers`.
#include <algorithm>

#include "sla/text/agreement_parts.h"
#include "sla/text/section.h"

namespace nines::sla {
namespace {

using config::Node;

constexpr std::int64_t kMostNodes = 1'000'000;
constexpr std::int64_t kScale = 5;  // of likelihood and impact

Duty duty_of(Duty::Kind kind, std::string id, std::string what) {
  Duty duty;
  duty.kind = kind;
  duty.id = std::move(id);
  duty.what = std::move(what);
  duty.owner = "provider";
  return duty;
}

// {every: 1Q, evidence: required}
void read_exercise(Section& section, Duty duty, Decoding& d) {
  duty.every = section.span("every");
  read_duty(section, std::move(duty), d.agreement.duties);
}

}  // namespace

void decode_reliability(const Node& node, Decoding& d) {
  Reliability& out = d.agreement.safeguards.reliability;
  Section section(node, d.complaints, "reliability");
  section.inside("redundancy", [&](Section& redundancy) {
    out.minimum_nodes = redundancy.whole("minimumNodes", 1, kMostNodes);
    out.sites = redundancy.whole("sites", 1, kMostNodes);
  });
  section.inside("backup", [&](Section& backup) {
    out.backup_every = backup.span("every");
    out.backup_keep = backup.span("keep");
    backup.inside("restoreTest", [&](Section& test) {
      read_exercise(test,
                    duty_of(Duty::Kind::restore_test, "reliability/backup/restoreTest",
                            "restore test of the backup"),
                    d);
    });
  });
  section.inside("disasterRecovery", [&](Section& recovery) {
    out.rto = recovery.duration("rto");
    out.rpo = recovery.duration("rpo");
    recovery.inside("drill", [&](Section& drill) {
      read_exercise(drill,
                    duty_of(Duty::Kind::drill, "reliability/disasterRecovery/drill",
                            "disaster recovery drill"),
                    d);
    });
  });
  section.finish();
}

void decode_capability(const Node& node, Decoding& d) {
  Capability& out = d.agreement.safeguards.capability;
  Section section(node, d.complaints, "capability");
  section.inside("roster", [&](Section& roster) {
    out.roster_calendar = roster.text("calendar");
    out.minimum_on_call = roster.whole("minimumOnCall", 1, kMostNodes).value_or(0);
  });
  section.inside("capacity", [&](Section& capacity) {
    out.peak = capacity.text("peak");
    out.headroom = capacity.text("headroom");
    if (const auto every = capacity.span("reviewEvery")) {
      Duty review =
          duty_of(Duty::Kind::review, "capability/capacity", "review of capacity and headroom");
      review.every = every;
      read_duty(capacity, std::move(review), d.agreement.duties);
    }
  });
  section.inside("growth", [&](Section& growth) {
    out.growth = growth.text("expected");
    out.extend = growth.words("extend");
  });
  section.inside("feasibility", [&](Section& feasibility) {
    out.history = feasibility.span("history");
    out.rule = feasibility.text("rule");
  });
  section.finish();
}

void decode_risks(const Node& node, Decoding& d) {
  auto& risks = d.agreement.safeguards.risks;
  each_in(node, "risks", d.complaints, [&](Section& section) {
    Risk risk;
    risk.id = section.require("id");
    risk.kind = section.choice("kind", {"technical", "operational", "environmental"});
    risk.what = section.text("what");
    risk.likelihood = section.whole("likelihood", 1, kScale).value_or(0);
    risk.impact = section.whole("impact", 1, kScale).value_or(0);
    risk.answer = section.text("answer");
    risk.owner = section.text("owner");
    risk.runbook = section.text("runbook");
    const bool twice = std::any_of(risks.begin(), risks.end(),
                                   [&](const Risk& other) { return other.id == risk.id; });
    if (twice && !risk.id.empty()) {
      section.complain("id", "a second risk with the id '" + risk.id + "'");
    }
    if (const auto review = section.span("review")) {
      Duty duty = duty_of(Duty::Kind::review, "risks/" + risk.id,
                          "review of risk " + risk.id + ": " + risk.what);
      duty.every = review;
      read_duty(section, std::move(duty), d.agreement.duties);
    }
    risks.push_back(std::move(risk));
  });
}

void decode_suppliers(const Node& node, Decoding& d) {
  auto& suppliers = d.agreement.safeguards.suppliers;
  each_in(node, "suppliers", d.complaints, [&](Section& section) {
    Supplier supplier;
    supplier.name = section.require("name");
    supplier.type = section.choice("type", {"underpinning", "ola"});
    supplier.promise = section.percentage("promise");
    if (supplier.promise) supplier.promise_text = section.take("promise")->text();
    supplier.response = section.duration("response");
    supplier.covers = section.texts("covers");
    supplier.checks = section.texts("checks");  // sla/text/composition_decoder.cc resolves them
    supplier.preset = section.text("preset");   // these two: sla/text/supplier_terms.cc
    section.take("terms");
    supplier.agreement = section.text("agreement");
    supplier.role = section.text("role");
    const bool twice = std::any_of(suppliers.begin(), suppliers.end(), [&](const Supplier& other) {
      return other.name == supplier.name;
    });
    if (twice && !supplier.name.empty()) {
      section.complain("name", "a second supplier with the name '" + supplier.name + "'");
    }
    suppliers.push_back(std::move(supplier));
  });
}

}  // namespace nines::sla
