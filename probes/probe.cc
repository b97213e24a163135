// SPDX-License-Identifier: Apache-2.0
#include "probes/probe.h"

#include <exception>
#include <utility>

#include "net/kernel_stamp.h"
#include "probes/dns_probe.h"
#include "probes/exec_probe.h"
#include "probes/failure.h"
#include "probes/grpc_probe.h"
#include "probes/http_probe.h"
#include "probes/icmp_probe.h"
#include "probes/limits.h"
#include "probes/tcp_probe.h"
#include "probes/tls_probe.h"
#include "probes/udp_probe.h"

namespace nines::probes {
namespace {

void put(Failure failure, ProbeResult& result) {
  result.reason = failure.reason;
  result.detail = std::move(failure.detail);
}

bool is_about_time(Reason reason) {
  switch (reason) {
    case Reason::dns_timeout:
    case Reason::connect_timeout:
    case Reason::tls_timeout:
    case Reason::http_timeout:
    case Reason::tcp_timeout:
    case Reason::udp_timeout:
    case Reason::exec_timeout:
    case Reason::icmp_timeout:
    case Reason::icmp_loss:
    case Reason::latency_above:
      return true;
    default:
      return false;
  }
}

// A run that ends long after its deadline was not served by its own host: what did not come in time
// may well have come.
void judge_lateness(Duration late, ProbeResult& result) {
  constexpr Duration kStarved = seconds(1);
  if (late < kStarved || !is_about_time(result.reason)) return;
  const auto before = std::string(name(result.reason));
  put({Reason::agent_overloaded, "this host was " + human_duration(late) +
                                     " late at the deadline, so that " + before +
                                     " proves nothing"},
      result);
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

Task<Failure> start(Run& run, Tools tools, const HttpSpec& spec, ProbeResult& result) {
  return run_http(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const TcpSpec& spec, ProbeResult& result) {
  return run_tcp(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const IcmpSpec& spec, ProbeResult& result) {
  return run_icmp(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const DnsSpec& spec, ProbeResult& result) {
  return run_dns(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const HandshakeSpec& spec, ProbeResult& result) {
  return run_tls(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const GrpcSpec& spec, ProbeResult& result) {
  return run_grpc(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools tools, const UdpSpec& spec, ProbeResult& result) {
  return run_udp(run, tools, spec, result);
}

Task<Failure> start(Run& run, Tools, const ExecSpec& spec, ProbeResult& result) {
  return run_exec(run, spec, result);
}

}  // namespace

struct ProbeRoom::Impl {
  Impl(asio::io_context& loop, const Clock& c, std::string dns_servers)
      : io(loop), clock(c), resolver(loop, c, std::move(dns_servers)), multi(loop), icmp(loop, c) {}

  asio::io_context& io;
  const Clock& clock;
  net::StampKeeper stamps;
  net::Resolver resolver;
  net::CurlMulti multi;
  IcmpSockets icmp;
  Patterns patterns;
  TlsContexts tls;
  Tokens tokens;
  Urls urls;

  // Parses what is parsed once before the run's time begins: a CA bundle takes tens of
  // milliseconds. Trouble with it is found again, and told, by the probe.
  void warm_up(const Check& check) {
    const TlsSpec* spec = nullptr;
    if (const auto* http = std::get_if<HttpSpec>(&check.spec)) {
      if (http->url.starts_with("https:")) spec = &http->tls;
    } else if (const auto* tcp = std::get_if<TcpSpec>(&check.spec)) {
      if (tcp->tls) spec = &*tcp->tls;
    } else if (const auto* handshake = std::get_if<HandshakeSpec>(&check.spec)) {
      spec = &handshake->tls;
    } else if (const auto* grpc = std::get_if<GrpcSpec>(&check.spec)) {
      if (grpc->tls) spec = &*grpc->tls;
    } else if (const auto* dns = std::get_if<DnsSpec>(&check.spec)) {
      if (dns->transport == DnsTransport::tls) spec = &dns->tls;
    }
    if (spec != nullptr) static_cast<void>(tls.get(*spec).has_value());
  }

  Tools tools() { return {resolver, multi, icmp, patterns, tls, tokens, urls}; }

  // The probe of the check's kind.
  Task<Failure> measure(Run& run, const Check& check, ProbeResult& result);
};

Task<Failure> ProbeRoom::Impl::measure(Run& run, const Check& check, ProbeResult& result) {
  return std::visit([&](const auto& spec) { return start(run, tools(), spec, result); },
                    check.spec);
}

ProbeRoom::ProbeRoom(asio::io_context& io, const Clock& clock, std::string dns_servers)
    : impl_(std::make_unique<Impl>(io, clock, std::move(dns_servers))) {}

ProbeRoom::~ProbeRoom() = default;

Task<void> ProbeRoom::run(const Check& check, BootTime deadline, Stop& stop, ProbeResult& result) {
  const auto before = impl_->clock.boot();
  impl_->warm_up(check);
  // What this host prepares once is not taken from the time that the service has.
  const auto start = impl_->clock.boot();
  Run run{impl_->io, impl_->clock, deadline + (start - before), stop};
  if (stop.requested()) {
    put(stopped_failure(), result);
  } else if (start >= run.deadline) {
    put({Reason::agent_overloaded, "no time was left to run"}, result);
  } else {
    try {
      auto task = impl_->measure(run, check, result);
      auto failure = co_await std::move(task);
      put(std::move(failure), result);
    } catch (const std::exception& e) {  // a library's; what we know of the service is nothing
      result = {};
      const bool no_memory = dynamic_cast<const std::bad_alloc*>(&e) != nullptr;
      put({no_memory ? Reason::agent_no_memory : Reason::agent_internal, e.what()}, result);
    }
    const auto end = run.clock.boot();
    result.total_us = to_us(end - start);
    apply_limits(check, result, run.clock.wall());
    judge_lateness(end - run.deadline, result);
  }
  result.outcome = outcome_of(result.reason);
  if (check.invert) invert(result);
  result.detail = cut_text(valid_text(std::move(result.detail)));
  result.address = cut_text(std::move(result.address));
}

std::string ProbeRoom::icmp_support() const {
  auto opened = impl_->icmp.get(IpVersion::v4);
  if (opened.socket == nullptr) opened = impl_->icmp.get(IpVersion::v6);
  if (opened.socket == nullptr) return opened.failure.detail;
  return opened.socket->raw() ? "raw socket" : "ping socket";
}

}  // namespace nines::probes
