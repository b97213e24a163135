// SPDX-License-Identifier: Apache-2.0
// `nines verify`: an evidence bundle, recomputed offline.
#include <CLI/CLI.hpp>

#include "base/disk.h"
#include "cli/bundle.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/terminal.h"
#include "proto/event_lines.h"

namespace nines::cli {
namespace {

constexpr std::size_t kMaxBundle = std::size_t{1} << 30;

struct VerifyOptions {
  std::string file;
  std::string key;  // the collector's, as it is known from elsewhere
};

std::string title_of(const Bundle& bundle) {
  const auto text = [&](const char* key) { return proto::text_member(bundle.manifest, key); };
  std::string title = text("agreement") + " " + text("period") + ", " + text("state");
  if (bundle.manifest.contains("revision")) {
    title += ", revision " + bundle.manifest["revision"].dump();
  }
  return title + ", cut " + text("cut");
}

int tell(const Bundle& bundle) {
  const auto style = style_of_output();
  if (bundle.manifest.is_object()) std::cout << printable(title_of(bundle)) << "\n";
  for (const auto& good : bundle.good) {
    std::cout << painted(style, Paint::good, "✓") << " " << printable(good) << "\n";
  }
  if (!bundle.gone.empty()) {
    std::cout << painted(style, Paint::doubtful, "?") << " gone: " << printable(bundle.gone)
              << "\n";
  }
  for (const auto& finding : bundle.findings) {
    std::cout << painted(style, Paint::bad, "✗") << " altered: " << printable(finding) << "\n";
  }
  if (!bundle.findings.empty()) return kDown;
  return bundle.gone.empty() ? kOk : kUnknown;
}

int run_verify(const VerifyOptions& options) {
  auto bytes = read_file(options.file, kMaxBundle);
  if (!bytes) return complain("verify", bytes.error().message);
  auto bundle = open_bundle(*std::move(bytes));
  if (!bundle) return complain("verify", options.file + ": " + bundle.error().message);
  if (!options.key.empty() && bundle->findings.empty() && to_hex(bundle->key) != options.key) {
    bundle->find("log/head.json",
                 "is signed by key " + to_hex(bundle->key) + ", which is not the one you named");
  }
  // What is damaged is named; only whole evidence says something.
  if (bundle->findings.empty()) verify_log(*bundle);
  if (bundle->findings.empty()) verify_statements(*bundle);
  if (bundle->findings.empty()) verify_texts(*bundle);
  if (bundle->findings.empty()) verify_batches(*bundle);
  if (bundle->findings.empty()) verify_dropped(*bundle);
  const bool whole = bundle->findings.empty() && bundle->gone.empty();
  const auto again = whole ? recompute(*bundle) : Expected<void>();
  const int code = tell(*bundle);
  if (!again) return complain("verify", again.error().message);
  return code;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<VerifyOptions>();
  auto* command = app.add_subcommand("verify", "Recompute an evidence bundle, offline");
  command->add_option("BUNDLE", options->file, "from nines report --bundle")->required();
  command->add_option("--log-key", options->key, "the key that must have signed the log's head")
      ->type_name("HEX");
  command->footer(
      "Exits with 0 when everything holds and the report comes out byte for byte, 2 when "
      "something\n"
      "is altered, 3 when what is here holds and the collector dropped the rest as too old, 1 "
      "when\n"
      "the file cannot be read or judged here.\n"
      "Example:\n  nines report --agreement acme-shop-web --period 2026-11 --bundle nov.bundle\n"
      "  nines verify nov.bundle");
  command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace nines::cli
