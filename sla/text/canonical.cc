// SPDX-License-Identifier: Apache-2.0
#include "sla/text/canonical.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nines::sla {
namespace {

using config::Node;

enum class Number { none, whole, too_large, fraction };

bool digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && digit(text[at])) ++at;
  return at;
}

// JSON's grammar of numbers, with "1." beside it, which YAML also reads as one.
Number number_kind(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const std::size_t whole = skip_digits(text, 0);
  if (whole == 0 || (whole > 1 && text[0] == '0')) return Number::none;
  if (whole == text.size()) {
    constexpr std::string_view kLargest = "9007199254740992";
    const bool fits = whole < kLargest.size() || (whole == kLargest.size() && text <= kLargest);
    return fits ? Number::whole : Number::too_large;
  }
  std::size_t at = whole;
  if (text[at] == '.') at = skip_digits(text, at + 1);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return Number::none;
    at = end;
  }
  return at == text.size() ? Number::fraction : Number::none;
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// RFC 8785 sorts by UTF-16 units: as UTF-8 bytes, but characters past U+FFFF (lead byte from F0)
// come before those from U+E000 (lead bytes EE and EF).
bool utf16_less(const std::string& a, const std::string& b) {
  const auto [i, j] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (i == a.end() || j == b.end()) return j != b.end();
  const auto x = static_cast<unsigned char>(*i);
  const auto y = static_cast<unsigned char>(*j);
  if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0)) return x >= 0xF0;
  return x < y;
}

void write(const Node& node, std::string& out);

void write_mapping(const Node& node, std::string& out) {
  std::vector<const std::pair<Node, Node>*> entries;
  for (const auto& entry : node.entries()) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
    return utf16_less(a->first.text(), b->first.text());
  });
  out += '{';
  for (const auto* entry : entries) {
    if (out.back() != '{') out += ',';
    out += quoted(entry->first.text()) + ':';
    write(entry->second, out);
  }
  out += '}';
}

void write(const Node& node, std::string& out) {
  if (node.kind() == Node::Kind::mapping) {
    write_mapping(node, out);
  } else if (node.kind() == Node::Kind::sequence) {
    out += '[';
    for (const Node& item : node.items()) {
      if (&item != &node.items().front()) out += ',';
      write(item, out);
    }
    out += ']';
  } else {
    const std::string& text = node.text();
    const bool literal =
        !node.quoted() && (text == "true" || text == "false" || number_kind(text) == Number::whole);
    out += !literal ? quoted(text) : text == "-0" ? "0" : text;
  }
}

}  // namespace

std::string canonical_json(const Node& node) {
  std::string out;
  write(node, out);
  return out;
}

void forbid_fractions(const Node& node, config::Complaints& complaints) {
  for (const Node& item : node.items()) forbid_fractions(item, complaints);
  for (const auto& [key, value] : node.entries()) forbid_fractions(value, complaints);
  if (node.kind() != Node::Kind::scalar || node.quoted()) return;
  const Number kind = number_kind(node.text());
  if (kind == Number::fraction || kind == Number::too_large) {
    complaints.add(node.place(), "write " + node.text().substr(0, 40) +
                                     " in quotes: percentages, money and other numbers with a "
                                     "fraction are texts, so that they stay exact");
  }
}

}  // namespace nines::sla
