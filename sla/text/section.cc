// SPDX-License-Identifier: Apache-2.0
#include "sla/text/section.h"

#include <algorithm>

#include "sla/text/agreement_parts.h"

namespace nines::sla {
namespace {

using config::Complaints;
using config::Node;

constexpr Duration kLongest = hours(24 * 36'525);

std::string listed(std::initializer_list<std::string_view> choices) {
  std::string out;
  for (const std::string_view each : choices) out += (out.empty() ? "" : ", ") + std::string(each);
  return out;
}

// A text with something in it.
std::optional<std::string> filled(const Node& node, Complaints& complaints) {
  auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  if (text->find_first_not_of(" \t\r\n") != std::string::npos) return text;
  complaints.add(node.place(), "the text is empty; leave the key out or write something");
  return std::nullopt;
}

// "zh", "en", "zh-Hant", "pt-BR": the shape of BCP 47, without its registry.
bool is_language(std::string_view text) {
  std::size_t length = 0;
  std::size_t parts = 1;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (c == '-' && length >= 2) {
      length = 0;
      ++parts;
    } else if (letter || (digit && parts > 1)) {
      ++length;
    } else {
      return false;
    }
    if (length > (parts == 1 ? 3U : 8U)) return false;
  }
  return length >= 2;
}

}  // namespace

std::string LocalText::in(std::string_view language) const {
  for (const std::string_view each : {language, std::string_view()}) {
    const auto found = by_language.find(std::string(each));
    if (found != by_language.end()) return found->second;
  }
  return by_language.empty() ? "" : by_language.begin()->second;
}

LocalText as_local_text(const Node& node, Complaints& complaints) {
  LocalText out;
  if (node.kind() != Node::Kind::mapping) {
    if (auto text = filled(node, complaints)) out.by_language[""] = *std::move(text);
    return out;
  }
  for (const auto& [language, value] : node.entries()) {
    if (!is_language(language.text())) {
      complaints.add(language.place(), config::shown(language.text()) +
                                           " is no language (write zh, en, …, or one text alone)");
    }
    if (auto text = filled(value, complaints)) out.by_language[language.text()] = *std::move(text);
  }
  if (node.entries().empty()) complaints.add(node.place(), "no text in any language");
  return out;
}

std::optional<Rational> as_quoted_decimal(const Node& node, Complaints& complaints) {
  const auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  if (!node.quoted()) {
    // forbid_fractions has already complained of "99.9"; whole numbers are left to this place.
    if (text->find('.') == std::string::npos) {
      complaints.add(node.place(), "write the number in quotes: \"" + text->substr(0, 40) + "\"");
    }
    return std::nullopt;
  }
  const auto value = parse_decimal(*text);
  if (!value) {
    complaints.add(node.place(), config::shown(*text) +
                                     " is not a number (digits and at most one point, at most 12 "
                                     "decimals)");
  }
  return value;
}

Section::Section(const Node& node, Complaints& complaints, std::string what)
    : mapping_(node, complaints, std::move(what)), complaints_(complaints) {}

std::string Section::text(std::string_view key) {
  const Node* node = mapping_.take(key);
  return node != nullptr ? filled(*node, complaints_).value_or("") : "";
}

std::string Section::require(std::string_view key) {
  const Node* node = mapping_.require(key);
  return node != nullptr ? filled(*node, complaints_).value_or("") : "";
}

std::vector<std::string> Section::texts(std::string_view key) {
  const Node* node = mapping_.take(key);
  if (node == nullptr) return {};
  if (node->kind() == Node::Kind::sequence && node->items().empty()) {
    complaints_.add(node->place(), "the list is empty; leave the key out or write something");
  }
  std::vector<std::string> out;
  const auto add = [&](const Node& each) {
    if (auto text = filled(each, complaints_)) out.push_back(*std::move(text));
  };
  if (node->kind() != Node::Kind::sequence) add(*node);
  for (const Node& each : node->items()) add(each);
  return out;
}

LocalText Section::words(std::string_view key) {
  const Node* node = mapping_.take(key);
  return node != nullptr ? as_local_text(*node, complaints_) : LocalText{};
}

std::string Section::choice(std::string_view key, std::initializer_list<std::string_view> choices) {
  const std::string word = text(key);
  if (word.empty() || holds(choices, word)) return word;
  complain(key, config::shown(word) + " is none of " + listed(choices));
  return {};
}

std::vector<std::string> Section::choices(std::string_view key,
                                          std::initializer_list<std::string_view> choices) {
  std::vector<std::string> out;
  for (std::string& each : texts(key)) {
    if (!holds(choices, each)) {
      complain(key, config::shown(each) + " is none of " + listed(choices));
    } else if (holds(out, each)) {
      complain(key, config::shown(each) + " is listed twice");
    } else {
      out.push_back(std::move(each));
    }
  }
  return out;
}

std::optional<bool> Section::yes_or_no(std::string_view key) { return mapping_.take_bool(key); }

std::optional<std::int64_t> Section::whole(std::string_view key,
                                           std::int64_t low,
                                           std::int64_t high) {
  return mapping_.take_integer(key, low, high);
}

std::optional<Span> Section::span(std::string_view key) {
  const Node* node = mapping_.take(key);
  return node != nullptr ? as_span(*node, complaints_) : std::nullopt;
}

std::optional<Duration> Section::duration(std::string_view key) {
  return mapping_.take_duration(key, milliseconds(1), kLongest);
}

std::optional<LocalDate> Section::date(std::string_view key) {
  const Node* node = mapping_.take(key);
  const auto text = node != nullptr ? config::as_text(*node, complaints_) : std::nullopt;
  if (!text) return std::nullopt;
  const auto date = parse_date(*text);
  if (!date) complain(key, config::shown(*text) + " is no date (write \"2027-06-30\")");
  return date;
}

std::optional<Rational> Section::decimal(std::string_view key) {
  const Node* node = mapping_.take(key);
  return node != nullptr ? as_quoted_decimal(*node, complaints_) : std::nullopt;
}

std::optional<Rational> Section::percentage(std::string_view key) {
  const Node* node = mapping_.take(key);
  return node != nullptr ? as_percentage(*node, complaints_) : std::nullopt;
}

std::map<std::string, std::string> Section::texts_by_name(std::string_view key) {
  std::map<std::string, std::string> out;
  const Node* node = mapping_.take(key);
  if (node == nullptr) return out;
  const config::Mapping checked(*node, complaints_, "'" + std::string(key) + "'");
  for (const auto& [name, value] : node->entries()) {
    if (auto text = filled(value, complaints_)) out[name.text()] = *std::move(text);
  }
  return out;
}

void Section::inside(std::string_view key, const std::function<void(Section&)>& read) {
  const Node* node = mapping_.take(key);
  if (node == nullptr) return;
  Section below(*node, complaints_, "'" + std::string(key) + "'");
  read(below);
  below.finish();
}

void Section::each(std::string_view key, const std::function<void(Section&)>& read) {
  const Node* node = mapping_.take(key);
  if (node != nullptr) each_in(*node, std::string(key), complaints_, read);
}

void Section::complain(std::string_view key, std::string message) {
  const Node* node = mapping_.node().find(key);
  complaints_.add(node != nullptr ? node->place() : place(), std::move(message));
}

void each_in(const Node& list,
             const std::string& what,
             Complaints& complaints,
             const std::function<void(Section&)>& read) {
  if (list.broken()) return;
  if (list.kind() != Node::Kind::sequence || list.items().empty()) {
    complaints.add(list.place(), "'" + what + "' must be a list with at least one entry");
    return;
  }
  for (const Node& item : list.items()) {
    Section section(item, complaints, "an entry of '" + what + "'");
    read(section);
    section.finish();
  }
}

}  // namespace nines::sla
