// SPDX-License-Identifier: Apache-2.0
// `alerts:` of a collector's configuration as values (docs/configuration.md): where alerts may be
// sent, who is told of which, and the collector's own limits. Immutable once loaded.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "alerts/condition.h"
#include "alerts/incident_rule.h"
#include "alerts/template.h"
#include "config/yaml.h"

namespace nines::alerts {

inline constexpr std::size_t kMaxChannels = 100;
inline constexpr std::size_t kMaxRoutes = 100;
inline constexpr std::size_t kMaxSteps = 16;    // of contacts, one after the other
inline constexpr std::size_t kMaxMailTo = 100;  // addresses of one mail
inline constexpr std::size_t kMaxSecret = 16 << 10;

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Webhook {
  std::string url, ca_file, headers_file;
  Headers headers;  // of the file; secrets
  std::string content_type = "application/json";
  std::optional<Template> body;  // absent: the JSON of docs/alerts.md
};

struct Alertmanager {
  std::string url, ca_file, headers_file;
  Headers headers;
  Duration resend = minutes(1);
};

struct Mail {
  std::string url;  // smtp://host:port or smtps://host:port
  std::string from;
  std::vector<std::string> to;
  std::string username, password, password_file, ca_file;
  bool starttls = true;  // of smtp://: TLS or nothing; else in the clear
};

struct Exec {
  std::vector<std::string> command;  // an absolute path and arguments
};

struct Channel {
  std::string name;
  std::variant<Webhook, Alertmanager, Mail, Exec> how;
  Duration timeout = seconds(30);  // of one attempt
};

// Told together, after all before it.
struct Contact {
  std::vector<std::string> channels;
  Duration ack_within{0};       // then the next step is told; 0: it is never
  std::vector<std::string> to;  // whom the channels are to reach, where the agreement says so

  bool operator==(const Contact&) const = default;
};

struct Route {
  std::vector<std::pair<std::string, std::vector<std::string>>> match;  // label → one of these
  std::string group_by = "agreement";                                   // a label
  std::vector<Contact> contacts;                                        // one after the other
  // The channels that stand for each `via` of an agreement's emergency chain (alerts/emergency.h).
  std::vector<std::pair<std::string, std::vector<std::string>>> emergency;
  Duration repeat = hours(4);
  Duration wait = seconds(10);  // for company, before somebody is told

  bool takes(const Labels& labels) const;
  std::string name() const;  // what it matches: names it over reloads
};

// The newest signed head of the log, once a day.
struct LogHeadRule {
  Duration at{0};                     // after midnight UTC, less than a day
  std::vector<std::string> channels;  // empty: it is sent to nobody
};

struct Settings {
  std::vector<Channel> channels;
  std::vector<Route> routes;
  Duration agent_silent = minutes(5);
  int certificate_days = 21;
  IncidentRule incident;
  LogHeadRule log_head;

  const Channel* channel(const std::string& name) const;
  const Route* route_of(const Labels& labels) const;  // the first that takes them; null: none
};

// Complains of all that is wrong. Files that it names are read.
Settings decode_settings(const config::Node& node, config::Complaints& complaints);

// As YAML with every default, beginning with "alerts:"; without secrets.
std::string print_settings(const Settings& settings);

}  // namespace nines::alerts
