// SPDX-License-Identifier: Apache-2.0
#include "agent/admission.h"

#include <sys/resource.h>

#include "agent/handshake_pace.h"
#include "agent/probe_budget.h"

namespace nines::agent {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kBusyUs = kSecondUs / 2;  // of one core: from here on lateness shows
constexpr std::uint64_t kHandshakeUs = 1200;

// CPU of one probe, µs, user and kernel; a handshake comes on top.
std::uint64_t cost_us(const Check& check) {
  const auto handshake = makes_handshake(check) ? kHandshakeUs : 0;
  switch (check.kind()) {
    case CheckKind::http:
      return 250 + handshake;
    case CheckKind::tcp:
    case CheckKind::dns:
    case CheckKind::tls:
      return 100 + handshake;
    case CheckKind::icmp:
      return 20 + 40 * static_cast<std::uint64_t>(std::get<IcmpSpec>(check.spec).count);
    case CheckKind::grpc:
      return 350 + handshake;
    case CheckKind::udp:
      return 80;
    case CheckKind::exec:
      return 3000;
  }
  return kHandshakeUs;
}

std::string decimal(std::uint64_t value, std::uint64_t unit) {
  const auto tenths = value * 10 / unit;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

Demand demand_of(const Settings& settings) {
  Demand demand;
  std::uint64_t waiting_ppm = 0;  // millionths of a probe
  std::uint64_t cpu_nano = 0;     // µs per 1000 s
  for (const auto* list : {&settings.checks, &settings.canaries}) {
    for (const auto& check : *list) {
      const auto every_us = static_cast<std::uint64_t>(to_us(check.every));
      const auto starts = 1000 * kSecondUs / every_us;  // in 1000 s
      demand.probes_per_1000_s += starts;
      // Rechecks count as when everything is down.
      const auto recheck = recheck_of(settings, check.name);
      const auto runs = 1 + static_cast<std::uint64_t>(recheck ? recheck->times : 0);
      cpu_nano += starts * runs * cost_us(check);
      waiting_ppm += static_cast<std::uint64_t>(to_us(check.timeout)) * runs * 1'000'000 / every_us;
    }
  }
  demand.cpu_us_per_s = cpu_nano / 1000;
  demand.silent_in_flight = (waiting_ppm + 999'999) / 1'000'000;
  return demand;
}

HostLimits limits_of_process() {
  rlimit limit{};
  HostLimits host;
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) host.descriptors = limit.rlim_cur;
  return host;
}

Admission admit(const Settings& settings, const HostLimits& host) {
  Admission admission;
  auto& demand = admission.demand;
  demand = demand_of(settings);
  admission.places = ProbeBudget::limit_for(host.descriptors);
  if (demand.cpu_us_per_s > kSecondUs) {
    admission.refusals.push_back("the checks need about " +
                                 decimal(demand.cpu_us_per_s * 100, kSecondUs) +
                                 " % of one core, and the agent runs on one: check less often, or "
                                 "on more hosts");
  } else if (demand.cpu_us_per_s > kBusyUs) {
    admission.warnings.push_back("the checks need about " +
                                 decimal(demand.cpu_us_per_s * 100, kSecondUs) +
                                 " % of one core: starts will be late");
  }
  if (demand.silent_in_flight > admission.places) {
    admission.warnings.push_back(
        "while all targets are silent " + std::to_string(demand.silent_in_flight) +
        " probes would wait at once and this host allows " + std::to_string(admission.places) +
        " (" + std::to_string(host.descriptors) +
        " descriptors): slots of the lowest priority would be shed");
  }
  return admission;
}

std::string Admission::summary() const {
  return decimal(demand.probes_per_1000_s, 1000) + " probes a second, about " +
         decimal(demand.cpu_us_per_s * 100, kSecondUs) + " % of one core; " +
         std::to_string(demand.silent_in_flight) + " at once while all targets are silent, of " +
         std::to_string(places) + " that this host allows";
}

}  // namespace nines::agent
