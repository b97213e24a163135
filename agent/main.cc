// SPDX-License-Identifier: Apache-2.0
// nines-agent: flags, signals, and the loop.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/signal_set.hpp>
#include <cstdio>

#include "agent/admission.h"
#include "agent/agent.h"
#include "base/log.h"
#include "net/tls.h"

namespace nines::agent {
namespace {

enum ExitCode { kDrained = 0, kTrouble = 1, kConfiguration = 2 };

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

struct Flags {
  std::string config = "/etc/nines/agent.yaml";
  std::string state, socket;
  bool check_config = false, print_config = false;
};

std::optional<Settings> load(const Flags& flags, config::Complaints& complaints) {
  auto settings = load_settings(flags.config, host_name(), complaints);
  if (settings && !flags.state.empty()) settings->state = flags.state;
  if (settings && !flags.socket.empty()) settings->socket = flags.socket;
  if (!settings) return settings;
  for (auto& refusal : admit(*settings, limits_of_process()).refusals) {
    complaints.add({settings->files.front()}, std::move(refusal));
  }
  if (complaints.size() > 0) settings.reset();
  return settings;
}

// The signals that an operator or a service manager sends; everything else keeps its default.
class Signals {
 public:
  Signals(asio::io_context& io, Agent& agent)
      : set_(io, SIGTERM, SIGINT, SIGHUP), tasks_(io), agent_(agent) {
    wait();
  }

  void cancel() { set_.cancel(); }

 private:
  void wait() {
    set_.async_wait([this](const asio::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        auto reload = agent_.reload();
        tasks_.spawn("reload", std::move(reload));
      } else {
        agent_.request_stop();
      }
      wait();
    });
  }

  asio::signal_set set_;
  TaskSet tasks_;
  Agent& agent_;
};

Task<void> run_agent(Agent& agent, asio::io_context& io) {
  auto running = agent.run();
  co_await std::move(running);
  io.stop();
}

int serve(const Flags& flags, Settings settings) {
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(0077);
  ::prctl(PR_SET_DUMPABLE, 0);
  const SystemClock clock;
  asio::io_context io(1);
  Agent agent(io, clock, std::move(settings),
              [&flags](config::Complaints& complaints) { return load(flags, complaints); });
  const auto opened = agent.open();
  if (!opened) {
    std::fprintf(stderr, "nines-agent: %s\n", opened.error().message.c_str());
    return kTrouble;
  }
  Signals signals(io, agent);
  auto running = run_agent(agent, io);
  asio::co_spawn(io, std::move(running), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  return kDrained;
}

int run(int argc, char** argv) {
  Flags flags;
  CLI::App app{"nines-agent: measures services on a slot grid, keeps every result, ships it."};
  app.add_option("--config", flags.config, "configuration file; its .d folder is read too")
      ->capture_default_str();
  app.add_option("--state", flags.state, "state folder, instead of agent.state");
  app.add_option("--socket", flags.socket, "local API socket, instead of agent.socket");
  app.add_flag("--check-config", flags.check_config, "validate the whole configuration and exit");
  app.add_flag("--print-config", flags.print_config, "print it with every default and exit");
  app.set_version_flag("--version", "nines-agent " + std::string(kVersion));
  app.footer("Example: nines-agent --config /etc/nines/agent.yaml --check-config");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? kDrained : kTrouble;
  }
  config::Complaints complaints;
  auto settings = load(flags, complaints);
  if (!settings) {
    std::fputs(complaints.text().c_str(), stderr);
    return kConfiguration;
  }
  if (flags.print_config) {
    std::fputs(print_settings(*settings).c_str(), stdout);
    return kDrained;
  }
  for (const auto& c : settings->collectors) {
    const auto readable = net::check_tls_files({c.ca_file, c.certificate_file, c.key_file});
    if (readable) continue;
    std::fprintf(stderr, "nines-agent: %s\n", readable.error().message.c_str());
    return kConfiguration;
  }
  if (flags.check_config) {
    std::printf("%s: %zu checks, %zu collectors: ok\n", flags.config.c_str(),
                settings->checks.size(), settings->collectors.size());
    const auto admission = admit(*settings, limits_of_process());
    std::printf("  %s\n", admission.summary().c_str());
    for (const auto& warning : admission.warnings) std::printf("  warning: %s\n", warning.c_str());
    return kDrained;
  }
  return serve(flags, *std::move(settings));
}

}  // namespace
}  // namespace nines::agent

int main(int argc, char** argv) { return nines::agent::run(argc, argv); }
