// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <map>

#include "config/check_decoder.h"
#include "config/check_printer.h"
#include "config/file_set.h"

namespace nines::agent {
namespace {

using config::Complaints;
using config::Mapping;
using config::Node;

constexpr std::size_t kMaxCollectors = 8;
constexpr std::size_t kMaxCanaries = 32;
constexpr std::size_t kMaxChecks = 10'000;
constexpr std::size_t kMaxSocketPath = 107;  // sun_path of unix(7), less its final zero

// The items of a list; complains when it is none or too long.
std::vector<const Node*> items_of(const Node* node,
                                  std::size_t most,
                                  const std::string& what,
                                  Complaints& complaints) {
  std::vector<const Node*> out;
  if (node == nullptr || node->broken()) return out;
  if (node->kind() != Node::Kind::sequence) {
    complaints.add(node->place(), what + " must be a list ('- …')");
    return out;
  }
  if (node->items().size() > most) {
    complaints.add(node->place(), "more than " + std::to_string(most) + " " + what);
    return out;
  }
  for (const auto& item : node->items()) out.push_back(&item);
  return out;
}

class Loader {
 public:
  Loader(const config::FileSet& set, const std::string& host_name, Complaints& complaints)
      : set_(set), host_name_(host_name), complaints_(complaints) {}

  Settings load() {
    settings_.digest = set_.digest;
    settings_.files = set_.files;
    Mapping root(set_.root, complaints_, "the configuration");
    const Node* agent = root.take("agent");
    const Node* collectors = root.take("collectors");
    const Node* canaries = root.take("canaries");
    if (const Node* defaults = root.take("defaults")) decode_defaults(*defaults);
    const Node* checks = root.take("checks");
    root.finish();
    if (agent != nullptr) decode_agent(*agent);
    for (const Node* node : items_of(collectors, kMaxCollectors, "collectors", complaints_)) {
      decode_collector(*node);
    }
    check_required(collectors);
    check_identity(agent);
    canaries_from(canaries);
    for (const Node* node : items_of(checks, kMaxChecks, "checks", complaints_)) {
      decode_one_check(*node);
    }
    return std::move(settings_);
  }

 private:
  // Complains of a value of `mapping` that `parse` refuses.
  template <class Parse>
  auto take_parsed(Mapping& mapping, std::string_view key, Parse parse)
      -> std::optional<std::decay_t<decltype(*parse(std::string_view()))>> {
    const auto text = mapping.take_text(key);
    if (!text) return std::nullopt;
    auto value = parse(*text);
    if (value) return *std::move(value);
    complaints_.add(mapping.node().find(key)->place(), value.error().message);
    return std::nullopt;
  }

  void decode_agent(const Node& node) {
    Mapping agent(node, complaints_, "agent");
    if (const auto name = agent.take_text("name")) {
      settings_.name = *name;
      const auto good = config::check_name(*name);
      if (!good) complaints_.add(node.find("name")->place(), good.error().message);
    }
    if (const Node* labels = agent.take("labels")) {
      settings_.labels = config::decode_labels(*labels, complaints_);
    }
    if (auto path = take_path(agent, "state", complaints_)) settings_.state = *std::move(path);
    if (auto path = take_path(agent, "socket", complaints_)) {
      settings_.socket = *std::move(path);
      if (settings_.socket.size() > kMaxSocketPath) {
        complaints_.add(node.find("socket")->place(),
                        "the path of a socket has at most 107 bytes (unix(7))");
      }
    }
    settings_.metrics = take_parsed(agent, "metrics", config::parse_listen_address);
    if (const Node* spool = agent.take("spool")) {
      Mapping mapping(*spool, complaints_, "spool");
      settings_.spool_size =
          mapping.take_size("size", std::uint64_t{1} << 20, std::uint64_t{1} << 40)
              .value_or(settings_.spool_size);
      settings_.spool_commit = mapping.take_duration("commit", milliseconds(10), seconds(60))
                                   .value_or(settings_.spool_commit);
      mapping.finish();
    }
    agent.finish();
  }

  void decode_collector(const Node& node) {
    CollectorSettings out;
    Mapping mapping(node, complaints_, "a collector");
    if (const auto url = mapping.require_text("url")) {
      out.url = url->ends_with('/') ? url->substr(0, url->size() - 1) : *url;
      collector_url(*url, node.find("url")->place(), out);
    }
    if (const Node* tls = mapping.require("tls")) collector_tls(*tls, out);
    if (const auto proxy = mapping.take_text("proxy")) {
      const auto parsed = config::parse_url(*proxy);
      const auto& place = node.find("proxy")->place();
      if (!parsed) {
        complaints_.add(place, parsed.error().message);
      } else if (parsed->scheme != "http" || parsed->port == 0 ||
                 (!parsed->path.empty() && parsed->path != "/")) {
        complaints_.add(place, config::shown(*proxy) + " is not http://host:port");
      }
      out.proxy = *proxy;
    }
    out.ship = mapping.take_duration("ship", seconds(1), hours(1)).value_or(out.ship);
    out.required = mapping.take_bool("required").value_or(true);
    mapping.finish();
    settings_.collectors.push_back(std::move(out));
  }

  void collector_url(const std::string& text,
                     const config::Place& place,
                     const CollectorSettings& collector) {
    const auto url = config::parse_url(text);
    if (!url) return complaints_.add(place, url.error().message);
    if (url->scheme != "https") {
      return complaints_.add(place, config::shown(text) + " is not an https:// URL");
    }
    if (!url->path.empty() && url->path != "/") {
      return complaints_.add(place, config::shown(text) + ": a collector's URL has no path");
    }
    const auto [first, added] = collector_places_.emplace(collector.url, place);
    if (!added) {
      complaints_.add(place, "collector " + config::shown(text) + " given twice, first at " +
                                 text_of(first->second));
    }
    // The collector link: what the agent connects to when it ships.
    links_.push_back("tcp://" + config::text_of(config::HostPort{
                                    url->host, url->port != 0 ? url->port : std::uint16_t{443}}));
  }

  void collector_tls(const Node& node, CollectorSettings& out) {
    Mapping tls(node, complaints_, "tls of a collector");
    const auto directory = config::directory_of(node.place().file);
    for (const auto& [key, field] :
         {std::pair{"ca", &out.ca_file}, std::pair{"certificate", &out.certificate_file},
          std::pair{"key", &out.key_file}}) {
      *field = take_file(tls, key, directory, complaints_).value_or("");
      (void)tls.require(key);
    }
    tls.finish();
  }

  void check_required(const Node* collectors) {
    for (const auto& collector : settings_.collectors) {
      if (collector.required) return;
    }
    if (!settings_.collectors.empty()) {
      complaints_.add(collectors->place(),
                      "no collector is 'required': records would be free before anybody has them");
    }
  }

  void check_identity(const Node* agent) {
    const Node* written = agent != nullptr ? agent->find("name") : nullptr;
    if (written != nullptr && written->broken()) return;
    const auto place = written != nullptr ? written->place() : config::Place{set_.files.front()};
    if (written == nullptr) {
      settings_.name = host_name_;
      if (!config::check_name(host_name_)) {
        return complaints_.add(place, "the host name " + config::shown(host_name_) +
                                          " is no name for an agent; set agent.name");
      }
    }
    const auto& name = settings_.name;
    const bool local = name == "localhost" || name.starts_with("localhost.");
    if (local && !settings_.collectors.empty()) {
      complaints_.add(place, "the agent's name is " + config::shown(name) +
                                 ", which tells no host from another; set agent.name");
    }
  }

  void add_canary(const std::string& uri, const config::Place& place) {
    const auto every = defaults_.every;
    const auto timeout = std::min<Duration>(defaults_.timeout.value_or(seconds(5)), every);
    auto check = config::check_from_uri(uri, every, timeout);
    if (!check) return complaints_.add(place, check.error().message);
    const auto [first, added] = canary_places_.emplace(uri, place);
    if (!added) {
      return complaints_.add(place, "canary " + config::shown(uri) + " given twice, first at " +
                                        text_of(first->second));
    }
    settings_.canaries.push_back(*std::move(check));
  }

  void canaries_from(const Node* canaries) {
    if (canaries == nullptr) {
      // The ways to the collectors (a proxy hides them). A gateway that answers proves nothing of
      // what lies behind it: only where there is nothing else.
      for (std::size_t i = 0; i < links_.size(); ++i) {
        const bool direct =
            i < settings_.collectors.size() && settings_.collectors[i].proxy.empty();
        if (direct && canary_places_.count(links_[i]) == 0)
          add_canary(links_[i], {set_.files.front()});
      }
      if (settings_.canaries.empty()) add_canary("icmp://gateway", {set_.files.front()});
      return;
    }
    for (const Node* node : items_of(canaries, kMaxCanaries, "canaries", complaints_)) {
      const auto uri = as_text(*node, complaints_);
      if (uri) add_canary(*uri, node->place());
    }
  }

  void decode_defaults(const Node& node) {
    Mapping defaults(node, complaints_, "defaults");
    defaults_.every =
        defaults.take_duration("every", milliseconds(100), hours(24)).value_or(defaults_.every);
    defaults_.timeout = defaults.take_duration("timeout", milliseconds(10), hours(24));
    defaults.finish();
  }

  bool is_local(const Node& check) {
    const Node* path = check.find("path");
    if (path == nullptr) return false;
    const auto text = as_text(*path, complaints_);
    if (text && *text != "local") complaints_.add(path->place(), "'path' is local, or left out");
    return text.has_value();
  }

  // All of them fit before the next slot even where each waits until its deadline.
  void decode_recheck(const Node& node, const Check& check) {
    constexpr std::int64_t kMostTimes = 5;
    Recheck recheck;
    Mapping mapping(node, complaints_, "recheck of check '" + check.name + "'");
    const auto after = mapping.take_duration("after", milliseconds(100), hours(1));
    recheck.after = after.value_or(recheck.after);
    recheck.times = static_cast<int>(mapping.take_integer("times", 1, kMostTimes).value_or(1));
    mapping.finish();
    const Duration longest = check.timeout + (recheck.after + check.timeout) * recheck.times;
    if (longest > check.every) {
      complaints_.add(node.place(), "a run and its rechecks may take " + format_duration(longest) +
                                        ", longer than 'every' " + format_duration(check.every) +
                                        " (each waits 'after' and then 'timeout' at most)");
    }
    settings_.rechecks[check.name] = recheck;
  }

  void decode_one_check(const Node& node) {
    const auto directory = config::directory_of(node.place().file);
    auto check = config::decode_check(node, defaults_, directory, {"path", "recheck"}, complaints_);
    const Node* name = node.find("name");
    if (name != nullptr && name->kind() == Node::Kind::scalar && !name->broken()) {
      const auto [first, added] = check_places_.emplace(name->text(), name->place());
      if (!added) {
        complaints_.add(name->place(), "check " + config::shown(name->text()) +
                                           " given twice, first at " + text_of(first->second));
      }
    }
    if (check && is_local(node)) settings_.local.insert(check->name);
    const Node* recheck = node.find("recheck");
    if (check && recheck != nullptr) decode_recheck(*recheck, *check);
    if (check) settings_.checks.push_back(*std::move(check));
  }

  const config::FileSet& set_;
  const std::string& host_name_;
  Complaints& complaints_;
  config::CheckDefaults defaults_;
  std::vector<std::string> links_;  // one for each collector whose URL parses
  std::map<std::string, config::Place> check_places_, canary_places_, collector_places_;
  Settings settings_;
};

std::string collector_text(const CollectorSettings& collector) {
  std::string out = "  - url: " + config::yaml_quoted(collector.url) + "\n    tls: {ca: ";
  out += config::yaml_quoted(collector.ca_file);
  out += ", certificate: " + config::yaml_quoted(collector.certificate_file);
  out += ", key: " + config::yaml_quoted(collector.key_file) + "}\n";
  if (!collector.proxy.empty()) out += "    proxy: " + config::yaml_quoted(collector.proxy) + "\n";
  out += "    ship: " + format_duration(collector.ship) + "\n";
  out += std::string("    required: ") + (collector.required ? "true" : "false") + "\n";
  return out;
}

}  // namespace

std::optional<Settings> load_settings(const std::string& path,
                                      const std::string& host_name,
                                      Complaints& complaints) {
  const auto before = complaints.size();
  const auto set = config::load_files(path, {"checks", "canaries"}, complaints);
  if (!set) return std::nullopt;
  auto settings = Loader(*set, host_name, complaints).load();
  if (complaints.size() != before) return std::nullopt;
  return settings;
}

std::optional<Recheck> recheck_of(const Settings& settings, const std::string& check) {
  const auto found = settings.rechecks.find(check);
  if (found == settings.rechecks.end()) return std::nullopt;
  return found->second;
}

std::string print_settings(const Settings& settings) {
  std::string out;
  for (const auto& file : settings.files) out += "# from " + file + "\n";
  out += "# digest " + hex(settings.digest) + "\n";
  out += "agent:\n  name: " + config::yaml_quoted(settings.name) + "\n";
  out += "  labels: " + config::print_labels(settings.labels) + "\n";
  out += "  state: " + config::yaml_quoted(settings.state) + "\n";
  out += "  socket: " + config::yaml_quoted(settings.socket) + "\n";
  if (settings.metrics) {
    out += "  metrics: " + config::yaml_quoted(config::text_of(*settings.metrics)) + "\n";
  }
  out += "  spool: {size: " + std::to_string(settings.spool_size) +
         "B, commit: " + format_duration(settings.spool_commit) + "}\n";
  out += settings.collectors.empty() ? "collectors: []\n" : "collectors:\n";
  for (const auto& collector : settings.collectors) out += collector_text(collector);
  out += "canaries: [";
  for (std::size_t i = 0; i < settings.canaries.size(); ++i) {
    out += (i > 0 ? ", " : "") + config::yaml_quoted(settings.canaries[i].name);
  }
  out += settings.checks.empty() ? "]\nchecks: []\n" : "]\nchecks:\n";
  for (const auto& check : settings.checks) {
    out += config::print_check(check);
    if (settings.local.contains(check.name)) out += "    path: local\n";
    const auto recheck = settings.rechecks.find(check.name);
    if (recheck != settings.rechecks.end()) {
      out += "    recheck: {after: " + format_duration(recheck->second.after) +
             ", times: " + std::to_string(recheck->second.times) + "}\n";
    }
  }
  return out;
}

}  // namespace nines::agent
