// SPDX-License-Identifier: Apache-2.0
// What a supplier promises, as an agreement of its own over the checks that measure it (S54). What
// measuring is, is common: vantages, canaries, belief, quorum, late data. What is judged is the
// supplier's: its preset, over it its `terms`, and where both say nothing of an objective its
// `promise` for each calendar month. What they leave open has the defaults of any agreement.
#include <algorithm>

#include "config/overlay.h"
#include "sla/text/agreement_parts.h"
#include "sla/text/presets.h"

namespace nines::sla {
namespace {

using config::Mapping;
using config::Node;

Supplier* find_supplier(Agreement& agreement, const std::string& name) {
  for (Supplier& each : agreement.safeguards.suppliers) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// The customer's agreement cut down to the supplier: who measures what, and when it is in force.
Agreement frame_of(const Agreement& whole, const Supplier& supplier) {
  Agreement out;
  out.name = supplier.name;
  out.version = whole.version;
  out.digest = whole.digest;
  out.effective_from = whole.effective_from;
  out.effective_to = whole.effective_to;
  out.zone = whole.zone;
  out.services = {supplier.name};
  for (const MeasuredCheck& each : whole.checks) {
    if (!holds(supplier.checks, each.check.name)) continue;
    out.checks.push_back(each);
    out.checks.back().service = supplier.name;
  }
  out.composition[supplier.name] = supplier.checks;
  Composition serial;
  for (const std::string& check : supplier.checks) {
    serial.of.push_back({Composition::Kind::check, check, kSerial, {}});
  }
  out.composition_trees[supplier.name] = std::move(serial);
  out.vantages = whole.vantages;
  out.canaries = whole.canaries;
  out.canary_belief = whole.canary_belief;
  out.quorum = whole.quorum;
  out.late_data_until = whole.late_data_until;
  out.decimals = whole.decimals;
  return out;
}

Objective promised(const Agreement& agreement, const Supplier& supplier) {
  Objective out;
  out.name = "promise";
  out.service = supplier.name;
  out.target_text = supplier.promise_text;
  out.target = *supplier.promise;
  out.zone = agreement.zone;
  return out;
}

// The supplier's preset with its terms over it; null where it has neither.
std::optional<Node> text_of(const Node* preset, const Node* terms, Decoding& d) {
  const Node* published = preset != nullptr ? preset_part(*preset, "spec", d.complaints) : nullptr;
  if (published == nullptr && terms == nullptr) return std::nullopt;
  if (published == nullptr) return *terms;
  if (terms == nullptr) return *published;
  return config::overlaid(*published, *terms, {}, terms->place(), d.complaints);
}

void decode_text(const Node& text, const std::string& supplier, Decoding& d) {
  Mapping terms(text, d.complaints, "the terms of supplier '" + supplier + "'");
  if (const Node* calendars = terms.take("calendars")) decode_calendars(*calendars, d);
  if (const Node* exclusions = terms.take("exclusions")) decode_exclusions(*exclusions, d);
  if (const Node* unplanned = terms.take("unplanned")) decode_unplanned(*unplanned, d);
  if (const Node* measurement = terms.take("measurement")) {
    Mapping rules(*measurement, d.complaints, "measurement of supplier '" + supplier + "'");
    decode_rules(rules, d);
    rules.finish();
  }
  if (const Node* objectives = terms.take("objectives")) decode_objectives(*objectives, d);
  // Tiers of a preset need a fee; without one the supplier owes nothing that could be counted.
  const Node* compensation = terms.take("compensation");
  const bool priced = compensation != nullptr && compensation->find("fee") != nullptr;
  const bool own = compensation != nullptr && !compensation->place().file.starts_with("preset:");
  if (priced || own) decode_compensation(*compensation, d);
  terms.finish();
}

}  // namespace

void decode_supplier_terms(const Node& suppliers, Decoding& d) {
  for (const Node& each : suppliers.items()) {
    const Node* name = each.find("name");
    Supplier* supplier = name != nullptr ? find_supplier(d.agreement, name->text()) : nullptr;
    if (supplier == nullptr || supplier->terms) continue;
    const Node* preset = each.find("preset");
    const Node* terms = each.find("terms");
    const bool promises = preset != nullptr || terms != nullptr;
    if (supplier->checks.empty()) {
      if (promises) {
        d.complaints.add(
            (terms != nullptr ? terms : preset)->place(),
            "supplier '" + supplier->name + "' has terms, but no 'checks' that measure it");
      }
      continue;
    }
    if (!promises && !supplier->promise) continue;
    Agreement out = frame_of(d.agreement, *supplier);
    Decoding decoding{out, d.complaints};
    const std::size_t before = d.complaints.size();
    if (const auto text = text_of(preset, terms, d)) decode_text(*text, supplier->name, decoding);
    if (d.complaints.size() != before) continue;
    if (out.objectives.empty() && supplier->promise) {
      out.objectives.push_back(promised(d.agreement, *supplier));
    }
    if (out.objectives.empty()) {
      d.complaints.add(each.place(), "supplier '" + supplier->name +
                                         "' promises nothing that can be judged: write 'promise' "
                                         "or 'objectives' in its 'terms'");
      continue;
    }
    supplier->terms = std::make_shared<const Agreement>(std::move(out));
  }
}

}  // namespace nines::sla
