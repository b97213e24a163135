// SPDX-License-Identifier: Apache-2.0
// The one decoder of a check: the agent's files, the agreement and `nines probe --check` share it.
#pragma once

#include <optional>
#include <string>

#include "config/yaml.h"
#include "model/check.h"

namespace nines::config {

struct CheckDefaults {
  Duration every = seconds(30);
  std::optional<Duration> timeout;  // absent: the smaller of 5 s and `every`
};

// Decodes one entry of a `checks:` list. Complains of everything that is wrong with it and returns
// nothing then. Paths in it are made relative to `directory`. `extra_keys` are keys of the same
// mapping that belong to the caller (an agreement's `service`) and are left alone.
std::optional<Check> decode_check(const Node& node, const CheckDefaults& defaults,
                                  const std::string& directory,
                                  const std::vector<std::string>& extra_keys,
                                  Complaints& complaints);

// A target as people write it on a command line: http://…, https://…, tcp://host:port, icmp://host.
// The check is named after the URI.
Expected<Check> check_from_uri(const std::string& uri, Duration every, Duration timeout);

}  // namespace nines::config
