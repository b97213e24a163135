// SPDX-License-Identifier: Apache-2.0
// The one decoder of a check: the agent's files, the agreement and `nines probe --check` share it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"
#include "model/check.h"

namespace nines::config {

inline constexpr std::size_t kMaxName = 64;
inline constexpr std::size_t kMaxUri = 1000;

struct CheckDefaults {
  Duration every = seconds(30);
  std::optional<Duration> timeout;  // absent: the smaller of 5 s and `every`
  // The files that the check names lie on another machine: their names are kept as they are
  // written, none is opened, and what would have been read from them is empty.
  bool files_elsewhere = false;
};

// Decodes one entry of a `checks:` list. Complains of everything that is wrong with it and returns
// nothing then. Paths in it are made relative to `directory`. `extra_keys` are keys of the same
// mapping that belong to the caller (an agreement's `service`) and are left alone.
std::optional<Check> decode_check(const Node& node,
                                  const CheckDefaults& defaults,
                                  const std::string& directory,
                                  const std::vector<std::string>& extra_keys,
                                  Complaints& complaints);

// Names of checks, agents, agreements and labels: 1 to 64 of letters, digits, '.', '_' and '-',
// first a letter or a digit.
Expected<void> check_name(std::string_view name);

// A mapping of at most 32 names to texts of at most 128 bytes.
Labels decode_labels(const Node& node, Complaints& complaints);

// A target as people write it on a command line: http://…, https://…, tcp://host:port, unix:/path,
// icmp://host, dns://server/name, tls://host:port, grpc://host:port/service. The check is named
// after the URI.
Expected<Check> check_from_uri(const std::string& uri, Duration every, Duration timeout);

}  // namespace nines::config
