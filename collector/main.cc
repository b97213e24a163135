// SPDX-License-Identifier: Apache-2.0
// nines-collector: flags, signals, and the loop.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/signal_set.hpp>
#include <cstdio>

#include "collector/collector.h"

namespace nines::collector {
namespace {

enum ExitCode { kDrained = 0, kTrouble = 1, kConfiguration = 2 };

struct Flags {
  std::string config = "/etc/nines/collector.yaml";
  bool check_config = false, rebuild = false;
};

int complain(const Error& error, ExitCode code) {
  std::fprintf(stderr, "nines-collector: %s\n", error.message.c_str());
  return code;
}

class Signals {
 public:
  Signals(asio::io_context& io, Collector& collector)
      : set_(io, SIGTERM, SIGINT, SIGHUP), collector_(collector) {
    wait();
  }

 private:
  void wait() {
    set_.async_wait([this](const asio::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        collector_.reload();
      } else {
        collector_.request_stop();
      }
      wait();
    });
  }

  asio::signal_set set_;
  Collector& collector_;
};

Task<void> run_collector(Collector& collector, asio::io_context& io) {
  auto running = collector.run();
  co_await std::move(running);
  io.stop();
}

int serve(const Flags& flags, Settings settings, Named named) {
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(0077);
  ::prctl(PR_SET_DUMPABLE, 0);
  const SystemClock clock;
  asio::io_context io(1);
  Collector collector(io, clock, std::move(settings), flags.config);
  const auto opened = collector.open(std::move(named));
  if (!opened) return complain(opened.error(), kTrouble);
  const Signals signals(io, collector);
  auto running = run_collector(collector, io);
  asio::co_spawn(io, std::move(running), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  return collector.failed() ? kTrouble : kDrained;
}

int rebuild(const Settings& settings) {
  ::umask(0077);
  const auto store = Store::open(settings.state);
  if (!store) return complain(store.error(), kTrouble);
  const auto rebuilt = (*store)->rebuild();
  if (!rebuilt) return complain(rebuilt.error(), kTrouble);
  return kDrained;
}

int run(int argc, char** argv) {
  Flags flags;
  CLI::App app{"nines-collector: takes batches exactly once, keeps them, judges them."};
  app.add_option("--config", flags.config, "configuration file; its .d folder is read too")
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config,
               "validate configuration, certificates and agreements, and exit");
  app.add_flag("--rebuild", flags.rebuild,
               "make everything derived again from the batches, and exit");
  app.set_version_flag("--version", "nines-collector " + std::string(kVersion));
  app.footer("Example: nines-collector --config /etc/nines/collector.yaml --check-config");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDrained : kTrouble;
  }
  config::Complaints complaints;
  auto settings = load_settings(flags.config, complaints);
  if (!settings) {
    std::fputs(complaints.text().c_str(), stderr);
    return kConfiguration;
  }
  if (flags.rebuild) return rebuild(*settings);
  auto named = load_named(*settings);
  if (!named) return complain(named.error(), kConfiguration);
  if (flags.check_config) {
    std::printf("%s: %zu agreements: ok\n", flags.config.c_str(), named->agreements->all().size());
    return kDrained;
  }
  return serve(flags, *std::move(settings), *std::move(named));
}

}  // namespace
}  // namespace nines::collector

int main(int argc, char** argv) { return nines::collector::run(argc, argv); }
