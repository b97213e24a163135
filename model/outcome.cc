// SPDX-License-Identifier: Apache-2.0
#include "model/outcome.h"

#include <array>

namespace nines {
namespace {

struct Entry {
  Reason reason;
  std::string_view name;
  Outcome outcome;
};

constexpr Entry kEntries[] = {
#define X(identifier, number, outcome) {Reason::identifier, #identifier, Outcome::outcome},
    NINES_REASONS(X)
#undef X
};

const Entry& entry_of(Reason reason) {
  for (const auto& e : kEntries) {
    if (e.reason == reason) return e;
  }
  return kEntries[0];  // unreachable: Reason values come from the list only
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::up:
      return "up";
    case Outcome::down:
      return "down";
    case Outcome::unknown:
      break;
  }
  return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  for (const auto o : {Outcome::up, Outcome::down, Outcome::unknown}) {
    if (name(o) == text) return o;
  }
  return std::nullopt;
}

std::string_view name(Reason reason) { return entry_of(reason).name; }

std::optional<Reason> parse_reason(std::string_view text) {
  for (const auto& e : kEntries) {
    if (e.name == text) return e.reason;
  }
  return std::nullopt;
}

std::optional<Reason> reason_from_number(std::uint32_t number) {
  for (const auto& e : kEntries) {
    if (static_cast<std::uint32_t>(e.reason) == number) return e.reason;
  }
  return std::nullopt;
}

Outcome outcome_of(Reason reason) { return entry_of(reason).outcome; }

}  // namespace nines
