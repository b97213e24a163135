// SPDX-License-Identifier: Apache-2.0
// Checks on their way from another program's configuration into a file of ours. Each is written as
// YAML and read back by the decoder of checks, so that what is written out is accepted; one that is
// not is written as a comment, with the reason.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"
#include "model/check.h"

namespace nines::cli {

// A mapping of YAML in flow style, in the order in which it is filled.
class Flow {
 public:
  Flow& raw(std::string_view key, std::string_view value);   // a value that is YAML already
  Flow& text(std::string_view key, std::string_view value);  // quoted
  Flow& list(std::string_view key, const std::vector<std::string>& texts);  // nothing when empty
  Flow& flow(std::string_view key, const Flow& inner);                      // nothing when empty

  bool empty() const { return entries_.empty(); }

  std::string inline_text() const;                        // "{a: 1, b: \"x\"}"
  std::string block_text(std::string_view indent) const;  // a line for each key

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// What could not be carried over, and where it stands.
struct ImportNote {
  config::Place place;
  std::string text;

  auto operator<=>(const ImportNote&) const = default;
};

std::string text_of(const ImportNote& note);  // "blackbox.yml:12:5: 'x' is not carried over"

struct Draft {
  std::string name;  // wished for: any text; made a name, and unique, by ImportedSet
  config::Place place;
  Duration every = seconds(60);
  Duration timeout = seconds(10);
  Labels labels;
  std::string kind;  // "http"
  Flow spec;
  std::vector<ImportNote> notes;

  void note(const config::Place& at, std::string text) { notes.push_back({at, std::move(text)}); }
};

class ImportedSet {
 public:
  // `command`: "import blackbox", for the heading of the file.
  explicit ImportedSet(std::string command) : command_(std::move(command)) {}

  void add(Draft draft);

  void note(const config::Place& place, std::string text);

  std::size_t accepted() const { return accepted_; }

  std::size_t refused() const { return refused_; }

  std::string yaml() const;  // the whole file

  // Each only once, however many checks it concerns, in the order of the files.
  const std::set<ImportNote>& notes() const { return notes_; }

 private:
  std::string unique_name(std::string_view wished);

  std::string command_;
  std::string checks_;
  std::set<std::string> names_;
  std::set<ImportNote> notes_;
  std::vector<ImportNote> general_;  // of no check
  std::size_t accepted_ = 0;
  std::size_t refused_ = 0;
};

// Writes the set to `out` (empty: standard output), the notes to standard error. 0 where all was
// carried over, 2 where something was not, 1 where nothing could be written.
int finish_import(const ImportedSet& set, const std::string& out);

// Keys of a foreign mapping: each is taken by whoever knows it, and what is left is noted.
class ForeignKeys {
 public:
  // `node` may be null, a null value or anything: then there are no keys.
  ForeignKeys(const config::Node* node, std::string what, Draft& draft);

  const config::Node* take(std::string_view key);  // null when absent or without a value
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::vector<std::string> texts(std::string_view key);  // a list, or one text
  void ignore(std::initializer_list<std::string_view> keys);
  config::Place place(std::string_view key) const;
  void note(std::string_view key, std::string text);
  void note_rest();  // "'x' of module 'y' is not carried over"

 private:
  const config::Node* node_;
  std::string what_;
  Draft& draft_;
  std::set<std::string, std::less<>> taken_;
};

// "5s", "1.5h", "1m30s", "1w": as Go and Prometheus write durations; nothing for what is none.
std::optional<Duration> parse_foreign_duration(std::string_view text);

// `path` as it stands in `file`: absolute, relative to the folder of that file.
std::string absolute_path(const std::string& file, const std::string& path);

bool is_ip_address(const std::string& text);

// What a `send` step is to write when nothing in it is a reference to a group.
std::string literal_send(const std::string& text);

}  // namespace nines::cli
