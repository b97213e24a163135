// SPDX-License-Identifier: Apache-2.0
// YAML read strictly, with the place of every node. What YAML lets pass and people trip over is a
// complaint: duplicate keys, nulls, anchors, aliases, tags, several documents. All complaints of a
// file are collected before anything is said, so that one run shows them all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "base/time.h"

namespace nines::config {

inline constexpr std::size_t kMaxFileBytes = 4 << 20;
inline constexpr int kMaxDepth = 64;
inline constexpr std::size_t kMaxNodes = 200'000;  // in one file

struct Place {
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;

  auto operator<=>(const Place&) const = default;
};

std::string text_of(const Place& place);  // "agent.yaml:8:21", "agent.yaml"

class Complaints {
 public:
  void add(const Place& place, std::string message);

  bool empty() const { return list_.empty(); }

  std::size_t size() const { return list_.size(); }

  // One "file:8:21: error: message" a line, in order of files and places; at most 100, then a
  // count.
  std::string text() const;

 private:
  std::vector<std::pair<Place, std::string>> list_;
};

class Node {
 public:
  enum class Kind { scalar, sequence, mapping };

  Kind kind() const { return kind_; }

  const Place& place() const { return place_; }

  const std::string& text() const { return text_; }  // of a scalar, else empty

  bool quoted() const { return quoted_; }  // a scalar in quotes or a block: surely meant as text

  // Stands for something complained of already (a null, an alias): conversions of it say no more.
  bool broken() const { return broken_; }

  const std::vector<Node>& items() const { return items_; }  // of a sequence

  // Of a mapping, in the file's order; keys are unique scalars.
  const std::vector<std::pair<Node, Node>>& entries() const { return entries_; }

  const Node* find(std::string_view key) const;  // of a mapping; null when absent

 private:
  friend class Reader;
  friend class Merger;
  friend class Overlayer;
  Kind kind_ = Kind::scalar;
  Place place_;
  std::string text_;
  bool quoted_ = false;
  bool broken_ = false;
  std::vector<Node> items_;
  std::vector<std::pair<Node, Node>> entries_;
};

// Files of our own are strict. Those of other programs, which are imported, may hold what is usual
// in them: nulls (read as broken nodes, without a complaint), anchors with aliases, and merge keys
// ("<<"); what an alias stands for counts towards the bounds each time.
enum class Dialect { strict, foreign };

// Nothing when the text does not parse; then and for every strictness rule there are complaints. An
// empty document is an empty mapping.
std::optional<Node> parse_yaml(std::string_view text,
                               const std::string& file,
                               Complaints& complaints,
                               Dialect dialect = Dialect::strict);
std::optional<Node> parse_yaml_file(const std::string& path,
                                    Complaints& complaints,
                                    Dialect dialect = Dialect::strict);

// Conversions of one scalar; each complains at the node and returns nothing when it does not fit.
std::optional<std::string> as_text(const Node& node, Complaints& complaints);
std::optional<bool> as_bool(const Node& node, Complaints& complaints);  // true, false; unquoted
std::optional<std::int64_t> as_integer(const Node& node,
                                       std::int64_t low,
                                       std::int64_t high,
                                       Complaints& complaints);
std::optional<Duration> as_duration(const Node& node,
                                    Duration low,
                                    Duration high,
                                    Complaints& complaints);
// Bytes: "64KiB", "1MiB", "2GiB", "512B", or a bare number.
std::optional<std::uint64_t> as_size(const Node& node,
                                     std::uint64_t low,
                                     std::uint64_t high,
                                     Complaints& complaints);
// One scalar or a list of them.
std::optional<std::vector<std::string>> as_texts(const Node& node, Complaints& complaints);

// Reads a mapping key by key; finish() complains of each key that nobody asked for, with "did you
// mean" where one of the asked-for names is near.
class Mapping {
 public:
  // `what` names the mapping in complaints ("check 'shop-http'"). Complains if it is no mapping.
  Mapping(const Node& node, Complaints& complaints, std::string what);

  const Node* take(std::string_view key);     // null when absent
  const Node* require(std::string_view key);  // complains when absent

  // The same with a conversion; nothing when absent or when the conversion complained.
  std::optional<std::string> take_text(std::string_view key);
  std::optional<std::string> require_text(std::string_view key);
  std::optional<bool> take_bool(std::string_view key);
  std::optional<std::int64_t> take_integer(std::string_view key,
                                           std::int64_t low,
                                           std::int64_t high);
  std::optional<Duration> take_duration(std::string_view key, Duration low, Duration high);
  std::optional<std::uint64_t> take_size(std::string_view key,
                                         std::uint64_t low,
                                         std::uint64_t high);
  std::optional<std::vector<std::string>> take_texts(std::string_view key);

  void finish();

  const Node& node() const { return node_; }

 private:
  const Node& node_;
  Complaints& complaints_;
  std::string what_;
  std::vector<std::string> asked_;
};

// A text from outside, quoted for a message: control bytes replaced, cut at 60 bytes.
std::string shown(std::string_view text);

// The name in `known` nearest to `word` by edit distance (at most a third of its length), or "".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace nines::config
