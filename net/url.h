// SPDX-License-Identifier: Apache-2.0
// The target of a request, taken apart strictly (RFC 9112 section 3.2.1, RFC 3986). What two
// programs might read differently is refused: handlers and access rules see one meaning.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace nines::net {

struct Target {
  std::string path;  // decoded; starts with "/"
  std::vector<std::pair<std::string, std::string>> query;
};

// "/v1/agents/a%20b?limit=10". Refuses other forms, bad escapes, NUL, an encoded "/", "." and ".."
// segments, control characters in the path, text that is not UTF-8, more than 64 parameters.
Expected<Target> parse_target(std::string_view target);

// Everything but the unreserved characters becomes %XX: for one segment or one value of a query.
std::string percent_encode(std::string_view text);

bool valid_utf8(std::string_view text);

}  // namespace nines::net
