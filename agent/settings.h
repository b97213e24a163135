// SPDX-License-Identifier: Apache-2.0
// The agent's configuration as values: agent.yaml and agent.d/*.yaml, validated as a whole.
// Immutable once loaded; a reload loads another one, and a bad one changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "config/address.h"
#include "config/yaml.h"
#include "model/check.h"

namespace nines::agent {

struct CollectorSettings {
  std::string url;  // "https://collector.example.net:8643", without a path
  std::string ca_file, certificate_file, key_file;
  std::string proxy;            // "http://proxy:3128"; empty: none
  Duration ship = seconds(30);  // at least this often
  bool required = true;         // records are held back until it has them

  bool operator==(const CollectorSettings&) const = default;
};

// After a slot that was down the check is run again, `after` each run's end, until one is not down,
// `times` at most. What is found is told beside the slot's result and never counts as one.
struct Recheck {
  Duration after = seconds(2);
  int times = 1;

  bool operator==(const Recheck&) const = default;
};

struct Settings {
  std::string name;  // the vantage
  Labels labels;
  std::string state = "/var/lib/nines";
  std::string socket = "/run/nines/agent.sock";
  std::optional<config::HostPort> metrics;  // port 0: the kernel chooses
  std::uint64_t spool_size = 64 << 20;
  Duration spool_commit = seconds(5);
  std::vector<CollectorSettings> collectors;
  std::vector<Check> canaries;  // named by their URIs; "icmp://gateway" has the host "gateway"
  std::vector<Check> checks;    // in the order of the files
  std::set<std::string> local;  // names of those with `path: local`: they need no uplink
  std::map<std::string, Recheck> rechecks;  // by the name of the check
  Digest digest{};                          // of the files as they are
  std::vector<std::string> files;
};

// Nothing when anything is wrong; the complaints say everything that is. `host_name` is this
// host's, the agent's name where none is written.
std::optional<Settings> load_settings(const std::string& path,
                                      const std::string& host_name,
                                      config::Complaints& complaints);

std::optional<Recheck> recheck_of(const Settings& settings, const std::string& check);

// The configuration with every default written out, as YAML; secrets hidden.
std::string print_settings(const Settings& settings);

}  // namespace nines::agent
