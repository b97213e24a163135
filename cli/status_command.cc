// SPDX-License-Identifier: Apache-2.0
// `nines status`: what every check is, or one of them; once or redrawn every second.
#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/status_view.h"

namespace nines::cli {
namespace {

struct StatusOptions {
  Endpoint endpoint{kAgentSocket};
  std::string check;
  bool json = false;
  bool watch = false;
  bool fail = false;
};

struct Drawing {
  std::string text;
  int code = kOk;
};

Expected<Drawing> draw(ApiClient& client, const StatusOptions& options, const Style& style) {
  const bool one = !options.check.empty();
  TRY(body, client.get(one ? "/v1/checks/" + percent_encoded(options.check) : "/v1/status"));
  TRY(json, parse_answer(body));
  Drawing out;
  const auto now = SystemClock().wall();
  if (one) {
    out.code = code_of_outcome(shown_outcome(json));
  } else if (options.fail) {
    out.code = worst_code(json);
  }
  if (options.json) {
    out.text = body + (body.ends_with('\n') ? "" : "\n");
  } else {
    out.text = one ? check_view(json, now, style) : status_view(json, now, style);
  }
  return out;
}

// The terminal's picture: every line cleared behind itself, what was below it too; lines over the
// screen's height are counted, not scrolled.
std::string picture(const std::string& text, std::size_t rows) {
  std::string out = "\x1b[H";
  std::size_t line = 1;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (rows > 2 && lines > rows - 1 && line == rows - 1) {
      out += "… " + std::to_string(lines - line + 1) + " more lines\x1b[K\n";
      break;
    }
    out += text.substr(at, end - at) + "\x1b[K\n";
    at = end + 1;
    ++line;
  }
  return out + "\x1b[J";
}

// Until it is interrupted. An agent that goes away is shown as such, and asked again.
int watch(const StatusOptions& options) {
  bool first = true;
  for (;;) {
    const auto style = style_of_output();
    const auto rows = rows_of_output();
    std::string text;
    auto client = ApiClient::open(options.endpoint);
    if (!client) return complain("status", client.error().message);
    const auto drawing = draw(**client, options, style);
    if (drawing) {
      text = drawing->text;
    } else if (first) {
      return complain("status", drawing.error().message);
    } else {
      text = "nines: status: " + printable(drawing.error().message) + "\n";
    }
    if (rows > 0 && !options.json) {
      std::cout << (first ? "\x1b[2J" : "") << picture(text, rows);
    } else {
      std::cout << text;
    }
    std::cout.flush();
    if (!std::cout) return kCouldNotRun;
    first = false;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

int run_status(const StatusOptions& options) {
  if (options.watch) return watch(options);
  auto client = ApiClient::open(options.endpoint);
  if (!client) return complain("status", client.error().message);
  const auto drawing = draw(**client, options, style_of_output());
  if (!drawing) return complain("status", drawing.error().message);
  std::cout << drawing->text;
  return drawing->code;
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<StatusOptions>();
  auto* command = app.add_subcommand("status", "What every check is now, or one of them");
  command->add_option("CHECK", options->check,
                      "show this check alone; its outcome is the exit code");
  command->add_flag("--json", options->json, "the agent's answer as it is");
  command->add_flag("--watch", options->watch, "redraw every second");
  command->add_flag("--fail", options->fail, "exit with the worst check: 2 down, 3 unknown");
  add_endpoint_options(*command, options->endpoint, true);
  command->footer("Example:\n  nines status --watch");
  command->callback([options, &exit_code] { exit_code = run_status(*options); });
}

}  // namespace nines::cli
