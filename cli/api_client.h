// SPDX-License-Identifier: Apache-2.0
// One question to an agent or a collector, asked and waited for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/expected.h"
#include "base/time.h"

namespace CLI {
class App;
}

namespace nines::cli {

// Whom to ask, as options say it.
struct Endpoint {
  std::string socket;     // of the agent, or of a collector on this machine
  std::string collector;  // https://host:port; then the socket is not used
  std::string ca, certificate, key;
  std::string vantage;  // ask a collector for what this agent reported; empty: ask an agent
};

inline constexpr const char* kAgentSocket = "/run/nines/agent.sock";
inline constexpr const char* kCollectorSocket = "/run/nines-collector/collector.sock";
inline constexpr Duration kAnswerWithin = seconds(30);

// --socket, --collector, --ca, --certificate, --key; and --vantage where `vantage`.
void add_endpoint_options(CLI::App& command, Endpoint& endpoint, bool vantage);

class ApiClient {
 public:
  // An error where the options contradict each other or a TLS file cannot be used.
  static Expected<std::unique_ptr<ApiClient>> open(const Endpoint& endpoint);
  ~ApiClient();

  // An answer with status 200; any other is an Error that says what the other side said. `path` has
  // its query; the vantage is added to it.
  Expected<std::string> get(const std::string& path, Duration within = kAnswerWithin);
  Expected<std::string> post(const std::string& path, std::string json);

 private:
  ApiClient() = default;
  Expected<std::string> exchange(const std::string& method,
                                 const std::string& path,
                                 std::string body,
                                 Duration within);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::cli
