// SPDX-License-Identifier: Apache-2.0
// `nines log`: the signed head of a collector's log, and whether the log of now begins with the one
// whose head somebody kept (RFC 9162 section 2.1.4). The proof is computed over here.
#include <CLI/CLI.hpp>

#include "base/disk.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/fields.h"
#include "cli/log_head.h"
#include "cli/terminal.h"

namespace nines::cli {
namespace {

constexpr std::size_t kMaxKept = 1 << 20;  // bytes of a file with a head: a whole mail

struct LogOptions {
  Endpoint endpoint{kCollectorSocket};
  std::string file;
};

Expected<std::vector<Digest>> proof_of(ApiClient& client, std::uint64_t old, std::uint64_t size) {
  TRY(body,
      client.get("/v1/log/proof?old=" + std::to_string(old) + "&size=" + std::to_string(size)));
  TRY(json, parse_answer(body));
  std::vector<Digest> out;
  for (const auto& each : field(json, "path")) {
    const auto bytes = each.is_string() ? from_hex(each.get<std::string>()) : std::nullopt;
    const auto hash = bytes ? digest_from(as_bytes(*bytes)) : std::nullopt;
    if (!hash) return fail("the collector's proof holds what is no hash");
    out.push_back(*hash);
  }
  return out;
}

std::string line_of(const char* what, const proto::LogHead& head) {
  const auto at = nlohmann::json::parse(head.text, nullptr, false).value("at", std::string());
  return std::string(what) + std::to_string(head.size) + " entries, " + printable(at) + ", root " +
         hex(head.root) + "\n";
}

Expected<proto::LogHead> head_of_now(ApiClient& client, std::string& text) {
  TRY(body, client.get("/v1/log/head"));
  text = body;
  return proto::read_log_head(body);
}

int show_head(const LogOptions& options) {
  const auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("log head", client.error().message);
  std::string text;
  const auto head = head_of_now(**client, text);
  if (!head) return complain("log head", head.error().message);
  std::cout << text;
  return kOk;
}

int check(const LogOptions& options) {
  const auto text = read_file(options.file, kMaxKept);
  if (!text) return complain("log check", text.error().message);
  const auto kept = read_kept_head(*text);
  if (!kept) return complain("log check", options.file + ": " + kept.error().message);
  const auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("log check", client.error().message);
  std::string body;
  const auto now = head_of_now(**client, body);
  if (!now) return complain("log check", now.error().message);
  std::vector<Digest> proof;
  if (needs_proof(*kept, *now)) {
    auto given = proof_of(**client, kept->size, now->size);
    if (!given) return complain("log check", given.error().message);
    proof = *std::move(given);
  }
  const auto wrong = difference_of(*kept, *now, proof);
  const auto style = style_of_output();
  std::cout << line_of("kept  ", *kept) << line_of("now   ", *now);
  if (wrong.empty()) {
    std::cout << painted(style, Paint::good, "✓") << " the log begins with the one you kept\n";
    return kOk;
  }
  std::cout << painted(style, Paint::bad, "✗") << " altered: " << wrong << "\n";
  return kDown;
}

}  // namespace

void add_log_command(CLI::App& app, int& exit_code) {
  auto* log =
      app.add_subcommand("log", "The collector's log: its head, and whether it was changed");
  log->require_subcommand(1);
  auto options = std::make_shared<LogOptions>();
  auto* head = log->add_subcommand("head", "the signed head of now, to be kept");
  add_endpoint_options(*head, options->endpoint, false);
  head->callback([options, &exit_code] { exit_code = show_head(*options); });
  auto* against = log->add_subcommand("check", "whether the log of now begins with a kept head");
  against->add_option("FILE", options->file, "a head, or a message or mail that holds one")
      ->required();
  add_endpoint_options(*against, options->endpoint, false);
  against->callback([options, &exit_code] { exit_code = check(*options); });
  log->footer(
      "'check' exits with 0 when it does, 2 when the log was changed, 1 when that cannot be told.\n"
      "Example:\n  nines log head >head.json\n  nines log check head.json");
}

}  // namespace nines::cli
