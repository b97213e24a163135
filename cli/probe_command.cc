// SPDX-License-Identifier: Apache-2.0
// `nines probe`: one run of one check, here and now, without a daemon.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <string>

#include "base/async.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/fields.h"
#include "cli/probe_view.h"
#include "cli/terminal.h"
#include "config/check_decoder.h"
#include "config/file_set.h"
#include "probes/probe.h"
#include "proto/result_json.h"

namespace nines::cli {
namespace {

constexpr Duration kEvery = hours(1);  // of a target without a schedule: bounds only the timeout

struct ProbeOptions {
  std::string uri;   // or a kind,
  std::string rest;  // and what is behind it
  std::string file;
  std::string timeout;
  bool json = false;
};

// The file holds one entry of a `checks:` list, as a mapping, as a list of one, or under `checks:`.
Expected<Check> check_from_file(const std::string& path) {
  config::Complaints complaints;
  const auto root = config::parse_yaml_file(path, complaints);
  std::optional<Check> check;
  if (root) {
    const config::Node* node = root->find("checks");
    if (node == nullptr) node = &*root;
    if (node->kind() == config::Node::Kind::sequence && node->items().size() != 1) {
      complaints.add(node->place(), "the file must hold exactly one check");
    } else {
      if (node->kind() == config::Node::Kind::sequence) node = &node->items().front();
      check = config::decode_check(*node, {}, config::directory_of(path), {"path", "recheck"},
                                   complaints);
    }
  }
  if (!check || !complaints.empty()) return fail(complaints.text());
  return *std::move(check);
}

// `tcp host:port` is tcp://host:port.
std::string uri_of(const ProbeOptions& options) {
  if (options.rest.empty()) return options.uri;
  return options.uri + (options.uri == "unix" ? ":" : "://") + options.rest;
}

Expected<Check> check_from_options(const ProbeOptions& options) {
  std::optional<Duration> timeout;
  if (!options.timeout.empty()) {
    TRY(parsed, parse_duration(options.timeout));
    if (parsed < milliseconds(10) || parsed > kEvery) return fail("--timeout is from 10ms to 1h");
    timeout = parsed;
  }
  if (options.file.empty()) {
    return config::check_from_uri(uri_of(options), kEvery, timeout.value_or(seconds(5)));
  }
  TRY(check, check_from_file(options.file));
  check.timeout = timeout.value_or(check.timeout);
  check.every = std::max(check.every, check.timeout);
  return check;
}

struct Run {
  bool done = false;
  ProbeResult result;
};

Task<void> probe_once(
    probes::ProbeRoom& room, const Check& check, BootTime deadline, Stop& stop, Run& out) {
  auto run = room.run(check, deadline, stop, out.result);
  co_await std::move(run);
  out.done = true;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

int run_probe(const ProbeOptions& options) {
  const auto check = check_from_options(options);
  if (!check) return complain("probe", check.error().message);
  asio::io_context io{1};
  const SystemClock clock;
  probes::ProbeRoom room(io, clock);
  Stop stop;
  Run out;
  proto::ResultContext context{check->name, check->kind(), check->target(),
                               host_name(), std::nullopt,  clock.wall()};
  auto task = probe_once(room, *check, clock.boot() + check->timeout, stop, out);
  asio::co_spawn(io, std::move(task), asio::detached);
  while (!out.done && io.run_one() > 0) {
  }
  ASSERT(out.done);
  Result result;
  result.probe = std::move(out.result);
  if (options.json) {
    std::cout << proto::result_line(context, result) << "\n";
  } else {
    const bool colour = style_of_output().colour;
    std::cout << probe_view(*check, result.probe, context.started, colour);
  }
  return code_of_outcome(name(result.probe.outcome));
}

}  // namespace

void add_probe_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ProbeOptions>();
  auto* command = app.add_subcommand("probe", "Run one check once; needs no daemon");
  auto* uri = command->add_option("URI", options->uri,
                                  "https://…, tcp://host:port, icmp://host, dns://server/name, "
                                  "tls://host:port, grpc://host:port/service or unix:/path");
  command->add_option("TARGET", options->rest, "what follows a kind: tcp host:port")->needs(uri);
  auto* file = command->add_option("--check", options->file, "a file that holds one check")
                   ->type_name("FILE")
                   ->excludes(uri);
  command->add_option("--timeout", options->timeout, "the longest that it may take (5s)")
      ->type_name("D");
  command->add_flag("--json", options->json, "one JSON object");
  command->footer(
      "Exits with 0 up, 2 down, 3 unknown.\n"
      "Example:\n  nines probe https://shop.example/ --timeout 3s");
  command->callback([options, uri, file, &exit_code] {
    if (uri->empty() && file->empty()) throw CLI::RequiredError("URI or --check FILE");
    exit_code = run_probe(*options);
  });
}

}  // namespace nines::cli
