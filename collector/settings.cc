// SPDX-License-Identifier: Apache-2.0
#include "collector/settings.h"

#include "config/check_printer.h"
#include "config/file_set.h"

namespace nines::collector {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

constexpr std::size_t kMaxSocketPath = 107;  // sun_path of unix(7), less its final zero
constexpr Duration kDay = hours(24);

std::optional<config::HostPort> take_address(Mapping& mapping,
                                             std::string_view key,
                                             Complaints& complaints) {
  const auto text = mapping.take_text(key);
  if (!text) return std::nullopt;
  auto address = config::parse_listen_address(*text);
  if (address) return *std::move(address);
  complaints.add(mapping.node().find(key)->place(), address.error().message);
  return std::nullopt;
}

void decode_tls(const Node& node, Settings& settings, Complaints& complaints) {
  Mapping tls(node, complaints, "tls of the collector");
  const auto directory = config::directory_of(node.place().file);
  for (const auto& [key, field] :
       {std::pair{"ca", &settings.ca_file}, std::pair{"certificate", &settings.certificate_file},
        std::pair{"key", &settings.key_file}}) {
    *field = take_file(tls, key, directory, complaints).value_or("");
    (void)tls.require(key);
  }
  tls.finish();
}

void decode_collector(const Node& node, Settings& settings, Complaints& complaints) {
  Mapping collector(node, complaints, "collector");
  settings.listen = take_address(collector, "listen", complaints).value_or(settings.listen);
  if (const Node* tls = collector.require("tls")) decode_tls(*tls, settings, complaints);
  if (auto path = take_path(collector, "socket", complaints)) {
    settings.socket = *std::move(path);
    if (settings.socket.size() > kMaxSocketPath) {
      complaints.add(node.find("socket")->place(),
                     "the path of a socket has at most 107 bytes (unix(7))");
    }
  }
  settings.metrics = take_address(collector, "metrics", complaints);
  if (auto path = take_path(collector, "state", complaints)) settings.state = *std::move(path);
  if (auto path = take_path(collector, "agreements", complaints)) {
    settings.agreements = *std::move(path);
  }
  if (const Node* actors = collector.take("actors")) {
    settings.actors = decode_actors(*actors, complaints);
  }
  settings.retention =
      collector.take_duration("retention", kDay, kDay * 36'500).value_or(settings.retention);
  collector.finish();
}

}  // namespace

std::optional<Settings> load_settings(const std::string& path, Complaints& complaints) {
  const auto before = complaints.size();
  const auto set = config::load_files(path, {}, complaints);
  if (!set) return std::nullopt;
  Settings settings;
  settings.digest = set->digest;
  settings.files = set->files;
  Mapping root(set->root, complaints, "the configuration");
  if (const Node* node = root.require("collector")) decode_collector(*node, settings, complaints);
  if (const Node* node = root.take("alerts")) {
    settings.alerting =
        std::make_shared<const alerts::Settings>(alerts::decode_settings(*node, complaints));
  }
  root.finish();
  if (complaints.size() != before) return std::nullopt;
  return settings;
}

std::string print_settings(const Settings& settings) {
  std::string out;
  for (const auto& file : settings.files) out += "# from " + file + "\n";
  out += "# digest " + hex(settings.digest) + "\ncollector:\n";
  out += "  listen: " + config::yaml_quoted(config::text_of(settings.listen)) + "\n";
  out += "  tls: {ca: " + config::yaml_quoted(settings.ca_file) +
         ", certificate: " + config::yaml_quoted(settings.certificate_file) +
         ", key: " + config::yaml_quoted(settings.key_file) + "}\n";
  out += "  socket: " + config::yaml_quoted(settings.socket) + "\n";
  if (settings.metrics) {
    out += "  metrics: " + config::yaml_quoted(config::text_of(*settings.metrics)) + "\n";
  }
  out += "  state: " + config::yaml_quoted(settings.state) + "\n";
  out += "  agreements: " + config::yaml_quoted(settings.agreements) + "\n";
  out += print_actors(settings.actors);
  out += "  retention: " + format_duration(settings.retention) + "\n";
  return settings.alerting ? out + alerts::print_settings(*settings.alerting) : out;
}

}  // namespace nines::collector
