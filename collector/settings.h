// SPDX-License-Identifier: Apache-2.0
// The collector's configuration as values: collector.yaml and collector.d/*.yaml, validated as a
// whole. Immutable once loaded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerts/settings.h"
#include "base/hash.h"
#include "collector/actors.h"
#include "config/address.h"
#include "config/yaml.h"

namespace nines::collector {

struct Settings {
  config::HostPort listen{"0.0.0.0", 8643};  // TLS only; port 0: the kernel chooses
  std::string ca_file, certificate_file, key_file;
  std::string socket = "/run/nines-collector/collector.sock";
  std::optional<config::HostPort> metrics;
  std::string state = "/var/lib/nines-collector";
  std::string agreements = "/etc/nines/agreements.d";
  Actors actors;
  Duration retention = hours(24) * 400;
  std::shared_ptr<const alerts::Settings> alerting;  // null: nobody is told of anything
  Digest digest{};                                   // of the files as they are
  std::vector<std::string> files;
};

// Nothing when anything is wrong; the complaints say everything that is.
std::optional<Settings> load_settings(const std::string& path, config::Complaints& complaints);

// The configuration with every default written out, as YAML.
std::string print_settings(const Settings& settings);

}  // namespace nines::collector
