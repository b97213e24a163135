// SPDX-License-Identifier: Apache-2.0
#include "probes/probe.h"

#include <exception>
#include <utility>

#include "probes/failure.h"
#include "probes/http_probe.h"
#include "probes/icmp_probe.h"
#include "probes/tcp_probe.h"

namespace nines::probes {
namespace {

std::optional<Duration> latency_of(const Check& check) {
  if (const auto* http = std::get_if<HttpSpec>(&check.spec)) return http->expect.latency;
  if (const auto* tcp = std::get_if<TcpSpec>(&check.spec)) return tcp->latency;
  return std::nullopt;  // of ICMP it is the mean round trip, judged there
}

void judge_latency(const Check& check, Duration took, ProbeResult& result) {
  const auto allowed = latency_of(check);
  if (result.reason != Reason::ok || !allowed || took <= *allowed) return;
  result.reason = Reason::latency_above;
  result.detail = "took " + human_duration(took) + ", allowed " + human_duration(*allowed);
}

// A check that must fail: what is up is down and what is down is up. Unknown stays unknown.
void invert(ProbeResult& result) {
  if (result.outcome == Outcome::up) {
    result.outcome = Outcome::down;
    result.reason = Reason::inverted_up;
    result.detail = "succeeded, and must not";
  } else if (result.outcome == Outcome::down) {
    result.outcome = Outcome::up;
    result.detail = "failed as it must: " + std::string(name(result.reason)) +
                    (result.detail.empty() ? "" : ": ") + result.detail;
    result.reason = Reason::ok;
  }
}

}  // namespace

struct ProbeRoom::Impl {
  Impl(asio::io_context& loop, const Clock& c, std::string dns_servers)
      : io(loop), clock(c), resolver(loop, c, std::move(dns_servers)), multi(loop), icmp(loop, c) {}

  asio::io_context& io;
  const Clock& clock;
  net::Resolver resolver;
  net::CurlMulti multi;
  IcmpSockets icmp;
  Patterns patterns;
  TlsContexts tls;

  Tools tools() { return {resolver, multi, icmp, patterns, tls}; }

  Task<ProbeResult> measure(Run& run, const Check& check);
};

Task<ProbeResult> ProbeRoom::Impl::measure(Run& run, const Check& check) {
  if (const auto* http = std::get_if<HttpSpec>(&check.spec)) {
    auto probe = run_http(run, tools(), *http);
    auto result = co_await std::move(probe);
    co_return result;
  }
  if (const auto* tcp = std::get_if<TcpSpec>(&check.spec)) {
    auto probe = run_tcp(run, tools(), *tcp);
    auto result = co_await std::move(probe);
    co_return result;
  }
  auto probe = run_icmp(run, tools(), std::get<IcmpSpec>(check.spec));
  auto result = co_await std::move(probe);
  co_return result;
}

ProbeRoom::ProbeRoom(asio::io_context& io, const Clock& clock, std::string dns_servers)
    : impl_(std::make_unique<Impl>(io, clock, std::move(dns_servers))) {}

ProbeRoom::~ProbeRoom() = default;

Task<ProbeResult> ProbeRoom::run(const Check& check, BootTime deadline, Stop& stop) {
  Run run{impl_->io, impl_->clock, deadline, stop};
  const auto start = run.clock.boot();
  ProbeResult result;
  if (stop.requested()) {
    auto failure = stopped_failure();
    result.reason = failure.reason;
    result.detail = std::move(failure.detail);
  } else {
    try {
      auto measure = impl_->measure(run, check);
      result = co_await std::move(measure);
    } catch (const std::exception& e) {  // a library's; what we know of the service is nothing
      result = {};
      result.reason =
          typeid(e) == typeid(std::bad_alloc) ? Reason::agent_no_memory : Reason::agent_internal;
      result.detail = e.what();
    }
    const auto took = run.clock.boot() - start;
    result.total_us = to_us(took);
    judge_latency(check, took, result);
  }
  result.outcome = outcome_of(result.reason);
  if (check.invert) invert(result);
  result.detail = cut_text(valid_text(std::move(result.detail)));
  result.address = cut_text(std::move(result.address));
  co_return result;
}

std::string ProbeRoom::icmp_support() const {
  auto opened = impl_->icmp.get(IpVersion::v4);
  if (opened.socket == nullptr) opened = impl_->icmp.get(IpVersion::v6);
  if (opened.socket == nullptr) return opened.failure.detail;
  return opened.socket->raw() ? "raw socket" : "ping socket";
}

}  // namespace nines::probes
