// SPDX-License-Identifier: Apache-2.0
// The legal part: guarantees, law, disputes, revision. Texts are kept as they are written; what has
// a date, an amount or a condition is a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sla/number/rational.h"
#include "sla/text/section.h"

namespace nines::sla {

struct Deposit {
  std::string amount_text;
  Rational amount;         // in the currency of the fee
  std::string objective;   // drawn in a period in which this objective …
  std::string below_text;  // … is below so many percent
  Rational below;          // a share
  std::optional<Duration> refill_within;
};

struct Insurance {
  std::string type;
  std::string sum_text;
  Rational sum;
  std::string policy;
  std::optional<LocalDate> valid_until;
};

struct Guarantee {
  std::optional<Deposit> deposit;
  std::optional<Insurance> insurance;
  std::string reserve_text;  // percent of revenue
  std::optional<Rational> reserve;
};

struct DataProtection {
  std::vector<std::string> laws;
  std::string controller, processor;  // parties
  std::string residency;
  std::map<std::string, std::string> probe_data;  // bodies, urls, addresses
  std::optional<Span> keep_results, keep_reports;
  std::string erasure;
};

struct DisputeStep {
  std::string step;  // negotiation, mediation, arbitration, litigation
  std::optional<Duration> within;
  std::string body, seat, court;
};

struct Legal {
  std::optional<DataProtection> data_protection;
  std::map<std::string, std::string> intellectual_property;  // asset → who may do what
  std::string liability_cap;
  std::vector<std::string> liability_not_for;
  std::string governing_law;
  std::vector<DisputeStep> disputes;  // in the order in which they are tried
  std::string ledger, freeze, export_as;
  std::vector<std::string> witness;
};

struct Revision {
  std::vector<std::string> may_propose;  // parties
  std::vector<std::string> procedure;
  std::optional<Duration> notice;  // between both signatures and the effective date
  std::string archive;
};

struct Terms {
  Guarantee guarantee;
  Legal legal;
  Revision revision;
};

}  // namespace nines::sla
