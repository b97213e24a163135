// SPDX-License-Identifier: Apache-2.0
#include "sla/text/agreement_parts.h"

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

std::optional<LocalDate> as_date(const Node& node, Complaints& complaints) {
  const auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  constexpr std::size_t kLength = 10;
  const auto midnight = text->size() == kLength ? parse_rfc3339(*text + "T00:00:00Z") : fail("");
  const LocalDate date = midnight ? Zone().date_at(*midnight) : LocalDate{0, 1, 1};
  if (valid(date)) return date;
  complaints.add(node.place(), config::shown(*text) +
                                   " is no date of the years 1970 to 2199 (write \"2026-10-01\")");
  return std::nullopt;
}

std::optional<std::string> as_service(const Node& node, const std::string& who, Decoding& d) {
  auto text = config::as_text(node, d.complaints);
  const auto& services = d.agreement.services;
  if (!text || holds(services, *text)) return text;
  const std::string near = config::nearest(*text, services);
  d.complaints.add(node.place(), who + " speaks of service " + config::shown(*text) +
                                     ", which the scope does not list" +
                                     (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  return std::nullopt;
}

std::optional<Duration> time_of_day(std::string_view text) {
  constexpr std::size_t kLength = 5;
  if (text.size() != kLength || text[2] != ':') return std::nullopt;
  int digits[4] = {};
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = text[i < 2 ? i : i + 1];
    if (c < '0' || c > '9') return std::nullopt;
    digits[i] = c - '0';
  }
  const Duration out = hours(digits[0] * 10 + digits[1]) + minutes(digits[2] * 10 + digits[3]);
  if (digits[2] > 5 || out > hours(24)) return std::nullopt;
  return out;
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
