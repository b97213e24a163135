// SPDX-License-Identifier: Apache-2.0
#include "sla/agreement_parts.h"

#include "config/check_decoder.h"

namespace nines::sla {

using config::Complaints;
using config::Node;

void refuse(const Node& mapping, std::string_view key, Complaints& complaints) {
  for (const auto& [name, value] : mapping.entries()) {
    if (name.text() != key) continue;
    complaints.add(name.place(), "'" + std::string(key) +
                                     "' is not judged by this version of nines and would change "
                                     "the result; it is refused rather than ignored");
  }
}

void refuse_keys(config::Mapping& mapping,
                 std::initializer_list<std::string_view> keys,
                 Complaints& complaints) {
  for (const std::string_view key : keys) {
    if (mapping.take(key) != nullptr) refuse(mapping.node(), key, complaints);
  }
}

void refuse_value(const Node& node,
                  std::string_view key,
                  std::string_view instead,
                  Complaints& complaints) {
  if (node.broken()) return;
  complaints.add(node.place(), std::string(key) + " " + config::shown(node.text()) +
                                   " is not judged by this version of nines (use " +
                                   std::string(instead) + ")");
}

std::optional<Rational> as_percentage(const Node& node, Complaints& complaints) {
  const auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  if (!node.quoted()) {
    // forbid_fractions has already complained of "99.9"; whole numbers are left to this place.
    if (text->find('.') == std::string::npos) {
      complaints.add(node.place(),
                     "write the percentage in quotes: \"" + text->substr(0, 40) + "\"");
    }
    return std::nullopt;
  }
  const auto value = parse_decimal(*text);
  if (!value || *value > Rational(100)) {
    complaints.add(node.place(),
                   config::shown(*text) +
                       " is not a percentage from \"0\" to \"100\" (digits and at most "
                       "one point, at most 12 decimals)");
    return std::nullopt;
  }
  return (*value / Rational(100)).reduced();
}

std::optional<Zone> as_zone(const Node& node, Complaints& complaints) {
  const auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  auto zone = Zone::find(*text);
  if (zone) return *zone;
  complaints.add(node.place(), zone.error().message);
  return std::nullopt;
}

std::optional<std::string> as_name(const Node& node, Complaints& complaints) {
  auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  const auto good = config::check_name(*text);
  if (good) return text;
  complaints.add(node.place(), good.error().message);
  return std::nullopt;
}

}  // namespace nines::sla
