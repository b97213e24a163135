// SPDX-License-Identifier: Apache-2.0
// The pieces of sla/text/agreement_decoder.cc, and the words in which it refuses.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"
#include "sla/text/agreement.h"

namespace nines::sla {

// What is being filled, and what decoding needs beside the node.
struct Decoding {
  Agreement& agreement;
  config::Complaints& complaints;
};

void decode_calendars(const config::Node& node, Decoding& decoding);
void decode_exclusions(const config::Node& node, Decoding& decoding);
void decode_unplanned(const config::Node& node, Decoding& decoding);
// What people act on (sla/text/sides.h, safeguards.h, terms.h, conduct.h).
void decode_metadata(const config::Node& node, Decoding& decoding);
void decode_languages(const config::Node& node, Decoding& decoding);
void decode_parties(const config::Node& node, Decoding& decoding);
void decode_obligations(const config::Node& node, Decoding& decoding);
void decode_scope(const config::Node& node, Decoding& decoding);
void decode_needs(const config::Node& node, Decoding& decoding);
void decode_reliability(const config::Node& node, Decoding& decoding);
void decode_capability(const config::Node& node, Decoding& decoding);
void decode_risks(const config::Node& node, Decoding& decoding);
void decode_suppliers(const config::Node& node, Decoding& decoding);
void decode_guarantee(const config::Node& node, Decoding& decoding);
void decode_legal(const config::Node& node, Decoding& decoding);
void decode_revision(const config::Node& node, Decoding& decoding);
void decode_communication(const config::Node& node, Decoding& decoding);
void decode_training(const config::Node& node, Decoding& decoding);
void decode_feedback(const config::Node& node, Decoding& decoding);
void decode_improvement(const config::Node& node, Decoding& decoding);

void decode_measurement(const config::Node& node, Decoding& decoding);
// What of `measurement` is judged rather than measured: confirm, minimumOutage, outageRule …
void decode_rules(config::Mapping& measurement, Decoding& decoding);
// Null: all defaults, no suppliers.
void decode_composition(const config::Node* node,
                        const config::Node* suppliers,
                        Decoding& decoding);
void decode_objectives(const config::Node& node, Decoding& decoding);
void decode_support(const config::Node& node, Decoding& decoding);
void decode_compensation(const config::Node& node, Decoding& decoding);  // after both
void decode_alerting(const config::Node& node, Decoding& decoding);
void decode_supplier_terms(const config::Node& suppliers, Decoding& decoding);  // after all

// "'exclusions' is not judged by this version", at the key.
void refuse(const config::Node& mapping, std::string_view key, config::Complaints& complaints);
// The same of each key that is there, and marks them as asked for.
void refuse_keys(config::Mapping& mapping,
                 std::initializer_list<std::string_view> keys,
                 config::Complaints& complaints);
// Of a value: "statistic 'share-below' is not judged by this version (use availability or mean)".
void refuse_value(const config::Node& node,
                  std::string_view key,
                  std::string_view instead,
                  config::Complaints& complaints);

// A percentage in quotes as a share: "99.9" is 999/1000. Complains outside [0, 100].
std::optional<Rational> as_percentage(const config::Node& node, config::Complaints& complaints);
std::optional<Zone> as_zone(const config::Node& node, config::Complaints& complaints);
std::optional<std::string> as_name(const config::Node& node, config::Complaints& complaints);
std::optional<LocalDate> as_date(const config::Node& node, config::Complaints& complaints);
// The name of a calendar that exists; kAlways does.
std::optional<std::string> as_calendar(const config::Node& node, Decoding& decoding);
// The name of a service that the scope lists; `who` speaks of it.
std::optional<std::string> as_service(const config::Node& node,
                                      const std::string& who,
                                      Decoding& decoding);
// "05:00", to "24:00".
std::optional<Duration> time_of_day(std::string_view text);

template <class List, class Value>
bool holds(const List& list, const Value& value) {
  for (const auto& each : list) {
    if (each == value) return true;
  }
  return false;
}

}  // namespace nines::sla
