// SPDX-License-Identifier: Apache-2.0
// Compiled RE2 patterns, kept between runs. RE2 is linear in the text, so that a hostile answer
// cannot make a match expensive.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace re2 {
class RE2;
}

namespace nines::probes {

class Patterns {
 public:
  // text: UTF-8, as in HTTP bodies. bytes: every byte is one character, as in TCP dialogues.
  enum class Kind { text, bytes };

  // Null where the pattern does not compile.
  std::shared_ptr<const re2::RE2> get(const std::string& pattern, Kind kind);

  // At most so many are kept; one more empties the cache. Those in use live on.
  static constexpr std::size_t kLimit = 4096;

 private:
  std::unordered_map<std::string, std::shared_ptr<const re2::RE2>> compiled_[2];
};

}  // namespace nines::probes
