// SPDX-License-Identifier: Apache-2.0
// The sections of an agreement that people act on are read through this: the kinds of values that
// they hold, each with its complaint, so that a decoder is one line for each key.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"
#include "sla/number/rational.h"
#include "sla/time/span.h"
#include "sla/time/zone.h"

namespace nines::sla {

// One text, or one for each language: "what" or {zh: …, en: …}. One text alone has the key "".
struct LocalText {
  std::map<std::string, std::string> by_language;

  bool empty() const { return by_language.empty(); }

  // In `language` if it is there, else the text without one, else the first.
  std::string in(std::string_view language) const;

  bool operator==(const LocalText&) const = default;
};

class Section {
 public:
  Section(const config::Node& node, config::Complaints& complaints, std::string what);

  // Each returns an empty value where the key is absent or was complained of; `require` complains
  // of absence too.
  std::string text(std::string_view key);
  std::string require(std::string_view key);
  std::vector<std::string> texts(std::string_view key);  // one or a list, at least one
  LocalText words(std::string_view key);
  std::string choice(std::string_view key, std::initializer_list<std::string_view> choices);
  std::vector<std::string> choices(std::string_view key,
                                   std::initializer_list<std::string_view> choices);
  std::optional<bool> yes_or_no(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t low, std::int64_t high);
  std::optional<Span> span(std::string_view key);
  std::optional<Duration> duration(std::string_view key);  // exact, more than nothing
  std::optional<LocalDate> date(std::string_view key);     // "2027-06-30"
  // In quotes, as all numbers with a fraction: money "50000.00", percentages "99.9".
  std::optional<Rational> decimal(std::string_view key);
  std::optional<Rational> percentage(std::string_view key);  // as a share
  std::map<std::string, std::string> texts_by_name(std::string_view key);

  // A mapping below: `read` gets it as a section of its own, which is finished for it.
  void inside(std::string_view key, const std::function<void(Section&)>& read);
  // The same of each item of a list of mappings.
  void each(std::string_view key, const std::function<void(Section&)>& read);

  const config::Node* take(std::string_view key) { return mapping_.take(key); }

  void complain(std::string_view key, std::string message);  // at the key's value

  void finish() { mapping_.finish(); }

  bool has(std::string_view key) const { return mapping_.node().find(key) != nullptr; }

  const config::Node& node() const { return mapping_.node(); }

  const config::Place& place() const { return mapping_.node().place(); }

  config::Complaints& complaints() { return complaints_; }

 private:
  config::Mapping mapping_;
  config::Complaints& complaints_;
};

// The items of a list of mappings; complains where it is no list or is empty.
void each_in(const config::Node& list,
             const std::string& what,
             config::Complaints& complaints,
             const std::function<void(Section&)>& read);

LocalText as_local_text(const config::Node& node, config::Complaints& complaints);

// "99.9", "50000.00" in quotes; nothing after a complaint.
std::optional<Rational> as_quoted_decimal(const config::Node& node, config::Complaints& complaints);

}  // namespace nines::sla
