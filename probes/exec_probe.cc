// SPDX-License-Identifier: Apache-2.0
#include "probes/exec_probe.h"

#include <cstring>
#include <utility>

#include "probes/failure.h"
#include "probes/limits.h"
#include "probes/program.h"

namespace nines::probes {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view first_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(0, text.find('\n')));
}

std::string error_text(int number) {
  char buffer[128];
  return ::strerror_r(number, buffer, sizeof buffer);
}

std::string with_text(std::string what, std::string_view text) {
  if (!text.empty()) what += ": " + std::string(text);
  return what;
}

// What the end of the program says, where it ended by itself.
Failure judge_exit(const Program& program, ProbeResult& result) {
  const auto output = parse_plugin_output(valid_text(program.out()));
  auto text =
      output.text.empty() ? valid_text(std::string(first_line(program.err()))) : output.text;
  result.exec->perfdata = cut_text(output.perfdata);
  if (!program.exit_code()) {
    const auto* name = ::sigabbrev_np(program.signal());
    return {Reason::exec_unknown,
            with_text("killed by signal " + std::to_string(program.signal()) +
                          (name == nullptr ? "" : " (SIG" + std::string(name) + ")"),
                      text)};
  }
  const int code = *program.exit_code();
  result.exec->exit = code;
  constexpr int kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3;
  switch (code) {
    case kOk:
      return {Reason::ok, std::move(text)};
    case kWarning:
      add_warning(result, text.empty() ? "the program warns" : text);
      return {Reason::ok, std::move(text)};
    case kCritical:
      return {Reason::exec_critical, text.empty() ? "the program says CRITICAL" : std::move(text)};
    case kUnknown:
      return {Reason::exec_unknown, with_text("UNKNOWN", text)};
    default:
      return {Reason::exec_unknown,
              with_text("exit code " + std::to_string(code) + " is no plugin's", text)};
  }
}

}  // namespace

// The first line is text|perfdata; then come lines of text, and from the next '|' on perfdata
// again.
PluginOutput parse_plugin_output(std::string_view output) {
  PluginOutput parsed;
  const auto end = output.find('\n');
  const auto line = output.substr(0, end);
  const auto bar = line.find('|');
  parsed.text = trimmed(line.substr(0, bar));
  if (bar != line.npos) parsed.perfdata = trimmed(line.substr(bar + 1));
  if (end == output.npos) return parsed;
  const auto more = output.substr(end + 1);
  const auto next = more.find('|');
  if (next == more.npos) return parsed;
  const auto rest = trimmed(more.substr(next + 1));
  if (!parsed.perfdata.empty() && !rest.empty()) parsed.perfdata += ' ';
  parsed.perfdata += rest;
  return parsed;
}

Task<Failure> run_exec(Run& run, const ExecSpec& spec, ProbeResult& result) {
  result.exec.emplace();
  Program program(run, {spec.max_memory, spec.max_output});
  auto failure = program.start(spec.command);
  if (failure) co_return failure;
  auto wait = program.wait();
  const auto waited = co_await std::move(wait);
  if (program.start_error() != 0) {
    failure.reason = Reason::exec_unknown;
    failure.detail = "cannot start " + spec.command[0] + ": " + error_text(program.start_error());
  } else if (program.wrote_too_much()) {
    failure.reason = Reason::exec_unknown;
    failure.detail = "killed: more than " + std::to_string(spec.max_output) + " bytes of output";
  } else if (waited == Waited::stopped) {
    failure = stopped_failure();
  } else if (waited == Waited::timed_out) {
    failure.reason = Reason::exec_timeout;
    failure.detail = with_text("killed: it did not end in time",
                               valid_text(std::string(first_line(program.out()))));
  } else {
    failure = judge_exit(program, result);
  }
  co_return failure;
}

}  // namespace nines::probes
