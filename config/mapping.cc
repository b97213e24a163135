// SPDX-License-Identifier: Apache-2.0
// A mapping read key by key. What was asked for is remembered, so that the list of known keys
// cannot differ from what the decoder really reads.
#include <algorithm>

#include "config/yaml.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxWord = 64;  // longer ones are no slip of the finger

// Edits that turn `a` into `b`: insert, delete, change, or swap two neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kMaxWord) return {};
  std::string best;
  std::size_t best_distance = kMaxWord;
  for (const auto& candidate : known) {
    if (candidate.size() > kMaxWord) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance > std::max(word.size(), candidate.size()) / 3) continue;
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

Mapping::Mapping(const Node& node, Complaints& complaints, std::string what)
    : node_(node), complaints_(complaints), what_(std::move(what)) {
  if (node.kind() != Node::Kind::mapping && !node.broken()) {
    complaints_.add(node.place(), what_ + " must be a mapping (key: value)");
  }
}

const Node* Mapping::take(std::string_view key) {
  asked_.emplace_back(key);
  return node_.find(key);
}

const Node* Mapping::require(std::string_view key) {
  const Node* found = take(key);
  if (found == nullptr && node_.kind() == Node::Kind::mapping) {
    complaints_.add(node_.place(), what_ + " has no '" + std::string(key) + "'");
  }
  return found;
}

std::optional<std::string> Mapping::take_text(std::string_view key) {
  const Node* found = take(key);
  return found != nullptr ? as_text(*found, complaints_) : std::nullopt;
}

std::optional<std::string> Mapping::require_text(std::string_view key) {
  const Node* found = require(key);
  return found != nullptr ? as_text(*found, complaints_) : std::nullopt;
}

std::optional<bool> Mapping::take_bool(std::string_view key) {
  const Node* found = take(key);
  return found != nullptr ? as_bool(*found, complaints_) : std::nullopt;
}

std::optional<std::int64_t> Mapping::take_integer(std::string_view key,
                                                  std::int64_t low,
                                                  std::int64_t high) {
  const Node* found = take(key);
  return found != nullptr ? as_integer(*found, low, high, complaints_) : std::nullopt;
}

std::optional<Duration> Mapping::take_duration(std::string_view key, Duration low, Duration high) {
  const Node* found = take(key);
  return found != nullptr ? as_duration(*found, low, high, complaints_) : std::nullopt;
}

std::optional<std::uint64_t> Mapping::take_size(std::string_view key,
                                                std::uint64_t low,
                                                std::uint64_t high) {
  const Node* found = take(key);
  return found != nullptr ? as_size(*found, low, high, complaints_) : std::nullopt;
}

std::optional<std::vector<std::string>> Mapping::take_texts(std::string_view key) {
  const Node* found = take(key);
  return found != nullptr ? as_texts(*found, complaints_) : std::nullopt;
}

void Mapping::finish() {
  for (const auto& [key, value] : node_.entries()) {
    if (std::find(asked_.begin(), asked_.end(), key.text()) != asked_.end()) continue;
    const auto near = nearest(key.text(), asked_);
    complaints_.add(key.place(), "unknown key " + shown(key.text()) + " in " + what_ +
                                     (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  }
}

}  // namespace nines::config
