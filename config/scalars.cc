// SPDX-License-Identifier: Apache-2.0
// Conversions of one scalar. YAML 1.1 guesses types ("no" is false, 012 is ten); here the key
// decides what is wanted, and only one spelling of it is taken.
#include <charconv>

#include "config/yaml.h"

namespace nines::config {
namespace {

bool is_scalar(const Node& node, Complaints& complaints, std::string_view wanted) {
  if (node.broken()) return false;
  if (node.kind() == Node::Kind::scalar) return true;
  complaints.add(node.place(), std::string(wanted) + " is wanted here, not a " +
                                   (node.kind() == Node::Kind::mapping ? "mapping" : "list"));
  return false;
}

// A decimal without sign and without leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string human_size(std::uint64_t bytes) {
  constexpr std::pair<const char*, unsigned> kUnits[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
  for (const auto& [unit, shift] : kUnits) {
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0) {
      return std::to_string(bytes >> shift) + unit;
    }
  }
  return std::to_string(bytes) + "B";
}

}  // namespace

std::optional<std::string> as_text(const Node& node, Complaints& complaints) {
  if (!is_scalar(node, complaints, "a text")) return std::nullopt;
  for (const char c : node.text()) {
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && c != '\n' && c != '\t' && c != '\r') || u == 0x7F) {
      complaints.add(node.place(), "the text holds a control byte (" + std::to_string(u) + ")");
      return std::nullopt;
    }
  }
  return node.text();
}

std::optional<bool> as_bool(const Node& node, Complaints& complaints) {
  if (!is_scalar(node, complaints, "true or false")) return std::nullopt;
  if (!node.quoted() && node.text() == "true") return true;
  if (!node.quoted() && node.text() == "false") return false;
  complaints.add(node.place(), shown(node.text()) + " is not true or false" +
                                   (node.quoted() ? " (leave the quotes out)" : ""));
  return std::nullopt;
}

std::optional<std::int64_t> as_integer(const Node& node,
                                       std::int64_t low,
                                       std::int64_t high,
                                       Complaints& complaints) {
  if (!is_scalar(node, complaints, "a whole number")) return std::nullopt;
  const std::string_view text = node.text();
  const bool negative = text.starts_with('-');
  const auto digits = parse_decimal(negative ? text.substr(1) : text);
  if (!digits || *digits > std::uint64_t{INT64_MAX}) {
    complaints.add(node.place(), shown(text) + " is not a whole number");
    return std::nullopt;
  }
  const auto value =
      negative ? -static_cast<std::int64_t>(*digits) : static_cast<std::int64_t>(*digits);
  if (value < low || value > high) {
    complaints.add(node.place(), shown(text) + " is out of range (" + std::to_string(low) + " to " +
                                     std::to_string(high) + ")");
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> as_duration(const Node& node,
                                    Duration low,
                                    Duration high,
                                    Complaints& complaints) {
  if (!is_scalar(node, complaints, "a duration")) return std::nullopt;
  const auto value = parse_duration(node.text());
  if (!value) {
    complaints.add(node.place(),
                   shown(node.text()) + " is not a duration (write 500ms, 30s, 5m, 1h30m, 1d)");
    return std::nullopt;
  }
  if (*value < low || *value > high) {
    complaints.add(node.place(), shown(node.text()) + " is out of range (" + format_duration(low) +
                                     " to " + format_duration(high) + ")");
    return std::nullopt;
  }
  return *value;
}

std::optional<std::uint64_t> as_size(const Node& node,
                                     std::uint64_t low,
                                     std::uint64_t high,
                                     Complaints& complaints) {
  if (!is_scalar(node, complaints, "a size")) return std::nullopt;
  std::string_view digits = node.text();
  unsigned shift = 0;
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"B", 0}};
  for (const auto& [unit, bits] : kUnits) {
    if (!digits.ends_with(unit)) continue;
    digits.remove_suffix(unit.size());
    shift = bits;
    break;
  }
  const auto number = parse_decimal(digits);
  if (!number || *number > (UINT64_MAX >> shift)) {
    complaints.add(node.place(),
                   shown(node.text()) + " is not a size (write 512B, 64KiB, 1MiB, 2GiB)");
    return std::nullopt;
  }
  const auto value = *number << shift;
  if (value < low || value > high) {
    complaints.add(node.place(), shown(node.text()) + " is out of range (" + human_size(low) +
                                     " to " + human_size(high) + ")");
    return std::nullopt;
  }
  return value;
}

std::optional<std::vector<std::string>> as_texts(const Node& node, Complaints& complaints) {
  if (node.broken()) return std::nullopt;
  std::vector<std::string> out;
  if (node.kind() != Node::Kind::sequence) {
    auto text = as_text(node, complaints);
    if (!text) return std::nullopt;
    out.push_back(*std::move(text));
    return out;
  }
  bool good = true;
  for (const auto& item : node.items()) {
    auto text = as_text(item, complaints);
    if (text) out.push_back(*std::move(text));
    good = good && text;
  }
  if (!good) return std::nullopt;
  return out;
}

}  // namespace nines::config
