// SPDX-License-Identifier: Apache-2.0
// `nines import blackbox`: modules of a blackbox exporter and the jobs of a Prometheus
// that uses them, as a set of checks.
#include "cli/import_blackbox.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/exit.h"
#include "cli/import_commands.h"
#include "config/address.h"

namespace nines::cli {
namespace {

using config::Node;

struct BlackboxOptions {
  std::string modules;
  std::string prometheus;
  std::string out;
};

// The exporter ends half a second before the scrape does, and no later than its module says.
Duration timeout_of(const Node& module, const ProbeTarget& target, Draft& draft) {
  constexpr Duration kOffset = milliseconds(500);
  const auto scrape = target.timeout > kOffset ? target.timeout - kOffset : target.timeout;
  const Node* node = module.find("timeout");
  if (node == nullptr || node->broken()) return scrape;
  const auto own = parse_foreign_duration(node->text());
  if (!own) draft.note(node->place(), config::shown(node->text()) + " is no duration");
  return own && own->count() > 0 ? std::min(*own, scrape) : scrape;
}

// What names a target: without its scheme, and without a password.
std::string plain_name(const std::string& target) {
  const auto scheme = target.find("://");
  auto rest = scheme == std::string::npos ? target : target.substr(scheme + 3);
  const auto at = rest.rfind('@', rest.find_first_of("/?#"));
  return at == std::string::npos ? rest : rest.substr(at + 1);
}

int import_blackbox(const BlackboxOptions& options) {
  config::Complaints complaints;
  const auto root = config::parse_yaml_file(options.modules, complaints, config::Dialect::foreign);
  if (!root || !complaints.empty()) return complain("import blackbox", complaints.text());
  ImportedSet set("import blackbox");
  const auto targets = read_prometheus(options.prometheus, set, complaints);
  if (!targets) return complain("import blackbox", complaints.text());
  const Node* modules = root->find("modules");
  if (modules == nullptr) set.note({options.modules}, "it holds no 'modules'");
  for (const auto& target : *targets) add_probe_target(target, options.modules, modules, set);
  if (targets->empty()) {
    set.note({options.prometheus}, "no scrape job with a path that ends in /probe has a target");
  }
  return finish_import(set, options.out);
}

}  // namespace

void add_probe_target(const ProbeTarget& target,
                      const std::string& file,
                      const Node* modules,
                      ImportedSet& set) {
  Draft draft;
  draft.name = (target.job.empty() ? target.module : target.job) + "-" + plain_name(target.target);
  draft.place = target.place;
  draft.every = target.every;
  draft.timeout = target.timeout;
  draft.labels = target.labels;
  draft.notes = target.notes;
  const Node* module = modules != nullptr ? modules->find(target.module) : nullptr;
  if (module == nullptr || module->broken()) {
    return set.note(target.place, "left out: " + config::shown(plain_name(target.target)) +
                                      " wants module " + config::shown(target.module) + ", which " +
                                      file + " does not hold");
  }
  const ModuleContext context{file, "module " + config::shown(target.module), target};
  draft.timeout = timeout_of(*module, target, draft);
  ForeignKeys keys(module, context.module, draft);
  const auto prober = keys.text("prober").value_or("");
  keys.ignore({"timeout", "http", "tcp", "icmp", "dns", "grpc"});
  keys.note_rest();
  const Node* own = keys.take(prober);
  if (prober == "http") {
    draft_http(own, context, draft);
  } else if (prober == "tcp") {
    draft_tcp(own, context, draft);
  } else if (prober == "icmp") {
    draft_icmp(own, context, draft);
  } else if (prober == "dns") {
    draft_dns(own, context, draft);
  } else if (prober == "grpc") {
    draft_grpc(own, context, draft);
  } else {
    return set.note(module->place(), "left out: no check does what the prober " +
                                         config::shown(prober) + " of " + context.module + " does");
  }
  set.add(std::move(draft));
}

std::string host_of(const std::string& host_port) {
  if (host_port.starts_with('[')) return host_port.substr(1, host_port.find(']') - 1);
  const auto colon = host_port.rfind(':');
  const bool one = colon != std::string::npos && host_port.find(':') == colon;
  return one ? host_port.substr(0, colon) : host_port;
}

void put_family(ForeignKeys& keys, const std::string& host, Flow& spec) {
  const auto preferred = keys.text("preferred_ip_protocol");
  const bool fallback = keys.flag("ip_protocol_fallback").value_or(true);
  if (is_ip_address(host) || (!preferred && fallback)) return;
  const std::string family = preferred.value_or("ip6") == "ip4" ? "ipv4" : "ipv6";
  spec.raw("family", fallback ? "prefer_" + family : family);
}

void put_source(ForeignKeys& keys, Flow& spec) {
  const auto source = keys.text("source_ip_address");
  if (source && !source->empty()) spec.text("source", *source);
}

Flow tls_of(const Node* node, const std::string& host, const ModuleContext& context, Draft& draft) {
  Flow tls;
  ForeignKeys keys(node, "tls_config of " + context.module, draft);
  const bool skip = keys.flag("insecure_skip_verify").value_or(false);
  const auto file = [&](std::string_view theirs, std::string_view ours) {
    const auto path = keys.text(theirs);
    if (!path || path->empty()) return;
    if (skip && ours == "ca") {
      keys.note(theirs, "with insecure_skip_verify the CA is not used, and left out");
      return;
    }
    tls.text(ours, absolute_path(context.file, *path));
  };
  file("ca_file", "ca");
  file("cert_file", "certificate");
  file("key_file", "key");
  const auto name = keys.text("server_name").value_or("");
  if (!name.empty() || !host.empty()) tls.text("server_name", name.empty() ? host : name);
  const auto least = keys.text("min_version").value_or("");
  if (least == "TLS13") tls.text("min_version", "1.3");
  if (least == "TLS10" || least == "TLS11") {
    keys.note("min_version", "TLS older than 1.2 is not accepted by nines");
  }
  if (skip) tls.raw("skip_verify", "true");
  keys.note_rest();
  return tls;
}

void add_import_blackbox(CLI::App& group, int& exit_code) {
  const auto options = std::make_shared<BlackboxOptions>();
  CLI::App* command =
      group.add_subcommand("blackbox", "modules of a blackbox exporter and a Prometheus' jobs");
  command->add_option("--modules", options->modules, "the exporter's configuration")->required();
  command->add_option("--prometheus", options->prometheus, "the Prometheus' configuration")
      ->required();
  command->add_option("--out", options->out, "the file to write; standard output when left out");
  command->footer(
      "Example: nines import blackbox --modules blackbox.yml --prometheus prometheus.yml \\\n"
      "           --out /etc/nines/agent.d/blackbox.yaml\n"
      "Exit codes: 0 all carried over; 2 some of it not, said on standard error and in the file;\n"
      "1 nothing written.");
  command->callback([options, &exit_code] { exit_code = import_blackbox(*options); });
}

}  // namespace nines::cli
