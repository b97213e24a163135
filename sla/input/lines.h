// SPDX-License-Identifier: Apache-2.0
// JSON lines from outside, one at a time and bounded: a line is at most 1 MiB, a file at most 8
// GiB.
#pragma once

#include <cstdint>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/expected.h"

namespace nines::sla {

inline constexpr std::size_t kMaxLine = 1 << 20;
inline constexpr std::uint64_t kMaxFile = std::uint64_t{8} << 30;

class JsonLines {
 public:
  JsonLines(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

  // The next object; blank lines are skipped. `done` is set at the end of the file, and then the
  // value means nothing. A line that is no JSON object is an error that names it; reading may go
  // on. A line or a file past the bound is one too, and sets `done`.
  Expected<nlohmann::json> next(bool& done);

  std::uint64_t line() const { return line_; }  // of the last object or error, from 1

  // "results.jsonl:17: "
  std::string place() const { return name_ + ":" + std::to_string(line_); }

 private:
  Expected<bool> read_line();  // false at the end

  std::istream& in_;
  std::string name_;
  std::string text_;
  std::uint64_t line_ = 0;
  std::uint64_t bytes_ = 0;
};

// A member of an object: absent and null are the same.
const nlohmann::json* member(const nlohmann::json& object, const char* key);
std::optional<std::string> text_member(const nlohmann::json& object, const char* key);

// Gathers messages about lines: the first ones whole, of the rest their number.
class LineNotes {
 public:
  void add(std::string note);

  bool empty() const { return count_ == 0; }

  std::vector<std::string> lines() const;

 private:
  std::vector<std::string> notes_;
  std::uint64_t count_ = 0;
};

}  // namespace nines::sla
