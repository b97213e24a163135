// SPDX-License-Identifier: Apache-2.0
#include "probes/patterns.h"

#include <re2/re2.h>

namespace nines::probes {

std::shared_ptr<const re2::RE2> Patterns::get(const std::string& pattern, Kind kind) {
  auto& cache = compiled_[kind == Kind::bytes ? 1 : 0];
  if (const auto found = cache.find(pattern); found != cache.end()) return found->second;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(2 << 20);
  if (kind == Kind::bytes) options.set_encoding(RE2::Options::EncodingLatin1);
  auto compiled = std::make_shared<const RE2>(pattern, options);
  if (!compiled->ok()) return nullptr;
  if (cache.size() >= kLimit) cache.clear();
  cache.emplace(pattern, compiled);
  return compiled;
}

}  // namespace nines::probes
